"""Ledger: what a run remembers of itself, so that one that was killed goes on where it was."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

Rows = list[dict[str, Any]]
"""What a stage of a run came to, as JSON objects."""

Stage = Callable[[], Coroutine[Any, Any, Rows]]
"""A stage's work."""


class Ledger(Protocol):
    """Remembers stages by name. Knows nothing of what they are."""

    @property
    def process(self) -> str:
        """A name that no other execution of this run has, before or after, in whichever process."""
        ...

    async def once(self, stage: str, do: Stage) -> Rows:
        """Do a stage and remember what it came to; one that was done before is only told.

        A stage that was under way when the process died is done again: it has to look first.
        """
        ...


class Passing:
    """A ledger that remembers nothing: what goes by it is done again when it is cut short."""

    def __init__(self, process: str) -> None:
        self.process = process

    async def once(self, stage: str, do: Stage) -> Rows:  # noqa: ARG002 - a name to remember by
        """Do a stage."""
        return await do()
