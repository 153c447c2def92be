"""Patience: how often to look again and when to give up. Nothing sleeps a fixed time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic


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
        await asyncio.sleep(min(retry_after or self.poll, self.left))
