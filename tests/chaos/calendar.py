"""Time in a round: hours pass at once, days too, and each process may believe another date."""

import threading
from random import Random
from types import TracebackType
from typing import Final, Self

from remediator.simulator.process import SimulatorProcess

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

OFFSET: Final = "REMEDIATE_CHAOS_CLOCK"
"""Seconds by which a process's own clock differs, in its environment."""


def offset(rng: Random) -> float:
    """By how much one process's clock is wrong: mostly not, else up to days, both ways."""
    return rng.choice((0.0, 0.0, 0.0, rng.uniform(-2 * DAY, 0), rng.uniform(0, 2 * DAY)))


class Calendar:
    """``with Calendar(azure, seed, days=…) as calendar:`` Azure's time leaps until its end."""

    def __init__(self, azure: SimulatorProcess, seed: str, every: float, *, days: bool) -> None:
        """Leaps.

        Args:
            azure: whose clock leaps.
            seed: of every choice.
            every: real seconds between two leaps, on average.
            days: whether one of them is longer than a plan lives.
        """
        self._azure = azure
        self._rng = Random(f"{seed} calendar")
        self._every = every
        self._days = days
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._pass, name="calendar")
        self.hours = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def _pass(self) -> None:
        leaps = 0
        while not self._over.wait(self._rng.expovariate(1 / self._every)):
            leaps += 1
            long = self._days and leaps == 3
            seconds = self._rng.uniform(1.1 * DAY, 3 * DAY) if long else self._rng.uniform(0, HOUR)
            self._azure.advance(seconds)
            self.hours += seconds / HOUR

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
