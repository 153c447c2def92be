"""The only clock of the simulated cloud, and the queue of its future events."""

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

Mode = Literal["real", "fast", "stepped"]


class Clock:
    """Simulated time: real time, a faster one, or one that only moves when it is told to."""

    def __init__(
        self,
        mode: Mode = "real",
        *,
        start: datetime | None = None,
        speed: float = 600.0,
        step: float = 0.0,
    ) -> None:
        self.mode: Mode = mode
        self._step = step
        self.speed = {"real": 1.0, "fast": speed, "stepped": 0.0}[mode]
        wall = datetime.now(UTC)
        # Real time takes no other start: with one, it would be a different mode.
        self._start = wall if mode == "real" or start is None else start.astimezone(UTC)
        self._origin = time.monotonic()
        self._advanced = timedelta()

    def now(self) -> datetime:
        """Return the simulated instant, in UTC."""
        passed = timedelta(seconds=(time.monotonic() - self._origin) * self.speed)
        return self._start + passed + self._advanced

    def advance(self, seconds: float) -> datetime:
        """Move the time forward. Real time cannot be moved."""
        if self.mode == "real":
            message = "real time cannot be advanced; start with --time fast or --time stepped"
            raise ValueError(message)
        if seconds < 0:
            message = "time does not run backwards"
            raise ValueError(message)
        self._advanced += timedelta(seconds=seconds)
        return self.now()

    def tick(self) -> None:
        """Let one step pass for each request, in stepped time only."""
        if self.mode == "stepped":
            self._advanced += timedelta(seconds=self._step)

    def retry_after(self, seconds: float) -> str:
        """Return how many real seconds a client must wait for ``seconds`` of simulated time."""
        if self.mode == "stepped":
            return "0"
        return str(int(seconds / self.speed))


class Timeline:
    """The future events and their times. Nothing sleeps: a due event happens at the next look.

    While an event runs, `now` is the event's own time. So an event that causes another one dates it
    correctly, no matter how late the look comes.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Let ``action`` happen at ``when``."""
        heapq.heappush(self._queue, (when, next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Let ``action`` happen ``seconds`` from now."""
        self.at(self.now + timedelta(seconds=seconds), action)

    def settle(self, until: datetime) -> None:
        """Let all due events happen."""
        while self._queue and self._queue[0][0] <= until:
            when, _, action = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            action()
        self.now = max(self.now, until)
