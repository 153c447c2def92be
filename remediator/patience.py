"""Patience: how often to look again and when to give up. Nothing sleeps a fixed time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic
from typing import Final

LONGEST_PAUSE: Final = 300.0
"""Seconds between two looks at most, whatever Azure asks for: an answer can be odd or forged."""

LONGEST_WHILE_OFF: Final = 15.0
"""The same where something is being put back: each minute that it is off counts."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Waiting is a look repeated until the thing is seen or the time is up."""

    poll: float
    """Seconds between two looks, unless Azure asks for another interval."""
    timeout: float
    """Seconds for the whole."""
    looks: int = 20
    """Looks at one thing that Azure has already promised (a lock gone, a VM repaired)."""
    clock: Callable[[], float] = monotonic
    began: float = field(default_factory=monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left of the whole."""
        return max(0.0, self.began + self.timeout - self.clock())

    @property
    def over(self) -> bool:
        """Whether the whole time is up."""
        return self.left <= 0

    def at_least(self, seconds: float) -> "Patience":
        """The same, but with so many seconds left."""
        enough = self.left >= seconds
        return self if enough else replace(self, began=self.clock(), timeout=seconds)

    async def pause(self, retry_after: float | None = None) -> None:
        """Until the next look: when Azure asks, else the usual interval; never past the end."""
        longest = LONGEST_WHILE_OFF if puts_back() else LONGEST_PAUSE
        asked = min(retry_after, longest) if retry_after else self.poll
        await asyncio.sleep(min(asked, self.left))

    @contextmanager
    def bounding(self, *, puts_back: bool = False) -> Iterator[None]:
        """Bound what is done inside, in this task and those it starts, down to each request.

        Args:
            puts_back: whether it puts something back. Then it does not queue behind others where
                Azure throttles: whatever is off stays off meanwhile.
        """
        before = _BOUND.set((self, puts_back))
        try:
            yield
        finally:
            _BOUND.reset(before)


_BOUND: ContextVar[tuple[Patience, bool] | None] = ContextVar("bound", default=None)


def time_left() -> float:
    """Seconds that are left for what is being done; without end where nothing bounds it."""
    bound = _BOUND.get()
    return inf if bound is None else bound[0].left


def puts_back() -> bool:
    """Whether what is being done puts something back."""
    bound = _BOUND.get()
    return bound is not None and bound[1]
