"""Ledger: what a run remembers of itself, so that a killed run goes on where it was."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

Rows = list[dict[str, Any]]
"""The result of a stage, as JSON objects."""

Stage = Callable[[], Coroutine[Any, Any, Rows]]
"""The work of a stage."""


class Ledger(Protocol):
    """Remembers stages by name. It does not know what a stage does."""

    @property
    def process(self) -> str:
        """A name for this execution of the run. No other execution has it, in any process."""
        ...

    async def once(self, stage: str, do: Stage) -> Rows:
        """Do a stage and remember its result. If it was done before, only return that result.

        A stage that was running when the process died is done again. It has to look first.
        """
        ...


class Passing:
    """A ledger that remembers nothing. A stage that was cut short is done again."""

    def __init__(self, process: str) -> None:
        self.process = process

    async def once(self, stage: str, do: Stage) -> Rows:  # noqa: ARG002 - a name to remember by
        """Do a stage."""
        return await do()
