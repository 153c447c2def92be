"""The engines that the flow asks for, made with DBOS. DBOS is loaded with the first use."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from remediator.flow.ports import Body, PutBack
from remediator.record.state import State
from remediator.run.claims import FileClaims, VmClaims
from remediator.run.ledger import Ledger

if TYPE_CHECKING:
    from remediator.engine.durable import Engine
    from remediator.engine.history import History
    from remediator.engine.postgres import PostgresClaims, Presence


class DbosEngines:
    """Makes the objects that work on a state of runs."""

    def runs(
        self,
        state: State,
        body: Body,
        *,
        executor: str,
        put_back: PutBack | None = None,
        version: str | None = None,
    ) -> "AbstractAsyncContextManager[Engine]":
        """An engine for the runs of one command, or for one run that is resumed."""
        from remediator.engine.durable import Engine

        return Engine(state, body, executor=executor, put_back=put_back, version=version)

    def queue(self, state: State, run_id: str) -> "AbstractAsyncContextManager[Engine]":
        """An engine that only puts a run into the queue."""
        from remediator.engine.durable import Engine

        async def nothing(_run: str, _ledger: Ledger, _payload: dict[str, Any]) -> dict[str, Any]:
            raise AssertionError("this process only puts runs into the queue")

        return Engine(state, nothing, executor=run_id, queue=True)

    def worker(
        self, state: State, body: Body, *, name: str, put_back: PutBack, at_a_time: int
    ) -> "AbstractAsyncContextManager[Engine]":
        """An engine that works on the queue, `at_a_time` runs at a time."""
        from remediator.engine.durable import Engine

        return Engine(state, body, executor=name, put_back=put_back, serves=at_a_time)

    @contextmanager
    def working(self, state: State, name: str) -> "Iterator[tuple[Presence, PostgresClaims]]":
        """Hold a worker's name, to show that it lives, and claim VMs for it."""
        from remediator.engine.postgres import PostgresClaims, Presence

        with Presence(state, name) as presence:
            yield presence, PostgresClaims(presence)

    @contextmanager
    def claims(self, state: State, run_id: str) -> Iterator[VmClaims]:
        """The claims of one run."""
        if not state.shared:
            yield FileClaims(state.folder, run_id)
            return
        with self.working(state, run_id) as (_presence, claims):
            yield claims

    def history(self, state: State) -> "History":
        """The history of runs."""
        from remediator.engine.history import History

        return History(state)
