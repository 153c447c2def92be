"""Where commands are run again and again: a simulator, the man in the middle, and a state."""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from remediator.simulator.process import SimulatorProcess
from tests.between import Between
from tests.command import STEP
from tests.ready_state import ReadyState, in_memory


class Theatre:
    """One simulator for many runs. Each run begins with its own scenario."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.azure = SimulatorProcess("healthy", time="stepped", step=STEP)

    def __enter__(self) -> Self:
        self._stack.enter_context(self.azure)
        self._middle = self._stack.enter_context(Between(self.azure))
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(dir=in_memory())))
        self._state = ReadyState(self._folder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def show(self, scenario: str | dict[str, Any]) -> dict[str, Any]:
        """Start again with a scenario: the name of a built-in one, or its content.

        Returns:
            The state of the simulator.
        """
        path: str | Path = self._folder / "scenario.yaml"
        if isinstance(scenario, str):
            path = scenario
        else:
            Path(path).write_text(json.dumps(scenario, default=str), "utf-8")
        self.azure.reload(path)
        return self.azure.state()
