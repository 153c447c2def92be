"""Time in a round: hours pass at once, days too, and each process may believe another date."""

from random import Random
from typing import Final

from remediator.simulator.process import SimulatorProcess
from tests.chaos.unrest import Unrest

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

OFFSET: Final = "REMEDIATE_CHAOS_CLOCK"
"""Seconds by which a process's own clock differs, in its environment."""


def offset(rng: Random) -> float:
    """By how much one process's clock is wrong: mostly not, else up to days, both ways."""
    return rng.choice((0.0, 0.0, 0.0, rng.uniform(-2 * DAY, 0), rng.uniform(0, 2 * DAY)))


class Calendar(Unrest):
    """``with Calendar(azure, seed, days=…) as calendar:`` Azure's time leaps until its end."""

    def __init__(self, azure: SimulatorProcess, seed: str, every: float, *, days: bool) -> None:
        """Leaps.

        Args:
            azure: whose clock leaps.
            seed: of every choice.
            every: real seconds between two leaps, on average.
            days: whether one of them is longer than a plan lives.
        """
        super().__init__("calendar", Random(f"{seed} calendar"), every)
        self._azure = azure
        self._days = days
        self._leaps = 0
        self.hours = 0.0

    def happen(self) -> None:
        """Let Azure's time leap."""
        self._leaps += 1
        long = self._days and self._leaps == 3
        seconds = self._rng.uniform(1.1 * DAY, 3 * DAY) if long else self._rng.uniform(0, HOUR)
        self._azure.advance(seconds)
        self.hours += seconds / HOUR
