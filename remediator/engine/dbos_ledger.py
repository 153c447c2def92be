"""The ledger of a run, kept by DBOS: each stage is a step of the run's workflow."""

from dbos import DBOS

from remediator.engine.keeping import keeping
from remediator.record.state import State
from remediator.run.ledger import Rows, Stage


class DbosLedger:
    """The ledger of the workflow that runs in this context."""

    def __init__(self, process: str, state: State) -> None:
        self.process = process
        self._state = state

    async def once(self, stage: str, do: Stage) -> Rows:
        """Do a stage as a step of DBOS.

        Raises:
            UnwrittenError: the result cannot be kept. The stage is done again when the run is
                resumed.
        """
        with keeping(self._state):
            return await DBOS.run_step_async({"name": stage}, do)
