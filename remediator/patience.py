"""Patience: how often to look again, and when to give up. Nothing sleeps a fixed time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic
from typing import Final

LONGEST_PAUSE: Final = 300.0
"""The longest pause between two looks, in seconds. Azure may ask for more: an answer can be odd or
forged."""

LONGEST_WHILE_OFF: Final = 15.0
"""The same while something is being put back: every minute counts while it is off."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait: look again and again, until the thing is seen or the time is up."""

    poll: float
    """Seconds between two looks, unless Azure asks for another interval."""
    timeout: float
    """Seconds for the whole wait."""
    looks: int = 20
    """How often to look at one thing that Azure already promised (a lock gone, a VM repaired)."""
    clock: Callable[[], float] = monotonic
    began: float = field(default_factory=monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left of the whole time."""
        return max(0.0, self.began + self.timeout - self.clock())

    @property
    def over(self) -> bool:
        """Whether the whole time is up."""
        return self.left <= 0

    def at_least(self, seconds: float) -> "Patience":
        """The same patience, with at least this many seconds left."""
        enough = self.left >= seconds
        return self if enough else replace(self, began=self.clock(), timeout=seconds)

    async def pause(self, retry_after: float | None = None) -> None:
        """Sleep until the next look: as long as Azure asks, else `poll`; never past the end."""
        longest = LONGEST_WHILE_OFF if puts_back() else LONGEST_PAUSE
        asked = min(retry_after, longest) if retry_after else self.poll
        await asyncio.sleep(min(asked, self.left))

    @contextmanager
    def bounding(self, *, puts_back: bool = False, can_wait: bool = False) -> Iterator[None]:
        """Limit the time of all work inside, in this task and those it starts, in each request.

        Args:
            puts_back: whether the work inside puts something back. Then its requests do not queue
                behind others where Azure throttles, because the thing stays off meanwhile.
            can_wait: whether the work inside only looks for more work. Then fixes that are under
                way come first where requests are short.
        """
        before = _BOUND.set(_Bound(self, puts_back, can_wait))
        try:
            yield
        finally:
            _BOUND.reset(before)


@dataclass(frozen=True, slots=True)
class _Bound:
    patience: Patience
    puts_back: bool
    can_wait: bool


_BOUND: ContextVar[_Bound | None] = ContextVar("bound", default=None)

_HEARS: ContextVar[Callable[[float], None] | None] = ContextVar("hears", default=None)


@contextmanager
def hearing_holds(hear: Callable[[float], None]) -> Iterator[None]:
    """Let somebody hear, in all work inside, for how many seconds Azure asks to wait."""
    before = _HEARS.set(hear)
    try:
        yield
    finally:
        _HEARS.reset(before)


def held(seconds: float) -> None:
    """Tell whoever hears it that Azure asks to wait."""
    if (hear := _HEARS.get()) is not None:
        hear(seconds)


def time_left() -> float:
    """Seconds that are left for the current work; infinite where nothing limits it."""
    bound = _BOUND.get()
    return inf if bound is None else bound.patience.left


def puts_back() -> bool:
    """Whether the current work puts something back."""
    bound = _BOUND.get()
    return bound is not None and bound.puts_back


def can_wait() -> bool:
    """Whether the current work lets fixes that are under way come first."""
    bound = _BOUND.get()
    return bound is not None and bound.can_wait
