"""Time in a round: hours or days pass at once, and each process may believe another date."""

from random import Random
from typing import Final

from remediator.simulator.process import SimulatorProcess
from tests.chaos.unrest import Unrest

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

OFFSET: Final = "REMEDIATE_CHAOS_CLOCK"
"""The environment variable with the error of a process's own clock, in seconds."""


def offset(rng: Random) -> float:
    """The error of one process's clock: often none, otherwise up to two days either way."""
    return rng.choice((0.0, 0.0, 0.0, rng.uniform(-2 * DAY, 0), rng.uniform(0, 2 * DAY)))


class Calendar(Unrest):
    """Azure's time leaps until the end of ``with Calendar(azure, seed, days=…) as calendar:``."""

    def __init__(self, azure: SimulatorProcess, seed: str, every: float, *, days: bool) -> None:
        """Prepare the leaps.

        Args:
            azure: the simulator whose clock leaps.
            seed: the seed of every choice.
            every: real seconds between two leaps, on average.
            days: whether one leap is longer than the life of a plan.
        """
        super().__init__("calendar", Random(f"{seed} calendar"), every)
        self._azure = azure
        self._days = days
        self._leaps = 0
        self.hours = 0.0

    def happen(self) -> None:
        """Let Azure's clock leap."""
        self._leaps += 1
        long = self._days and self._leaps == 3
        seconds = self._rng.uniform(1.1 * DAY, 3 * DAY) if long else self._rng.uniform(0, HOUR)
        self._azure.advance(seconds)
        self.hours += seconds / HOUR
