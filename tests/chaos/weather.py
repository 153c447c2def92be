"""Bad weather: random faults of every kind, while the remediations run."""

from random import Random
from types import TracebackType
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.chaos.unrest import Unrest

_WRITES = ("POST", "PUT", "DELETE")
_GUST = 10
"""After so many faults, unused ones are removed. Otherwise all of them would hit the last run."""


def _one(rng: Random) -> dict[str, Any]:
    """A fault. The delay of `slow` is in real seconds; all other times are in Azure's seconds."""
    times = rng.randint(1, 3)
    return rng.choice(
        (
            {"kind": "throttle-arm", "times": 4 * times, "retry_after": rng.choice((5, 30, 60))},
            {"kind": "throttle-compute", "times": times, "retry_after": 30, "method": "POST"},
            {"kind": "error", "status": rng.choice((500, 502, 503, 504)), "times": times},
            {"kind": "error", "status": 503, "times": 1, "method": rng.choice(_WRITES)},
            {"kind": "error", "status": rng.choice((403, 409)), "method": rng.choice(_WRITES)},
            {"kind": "cut-before", "times": times},
            {"kind": "cut-after", "times": 1, "method": rng.choice(_WRITES)},
            {"kind": "cut-after", "times": times, "method": "GET"},
            {"kind": "token-expired", "times": 1, "method": "GET", "after": rng.randint(0, 20)},
            {"kind": "slow", "times": times, "seconds": 0.4, "method": rng.choice(_WRITES)},
            {"kind": "slow", "times": times, "seconds": 0.3, "method": "GET"},
            {"kind": "job-late", "times": times, "seconds": rng.choice((30, 90, 150))},
            {"kind": "lock-propagation", "times": 1, "seconds": rng.choice((30, 120))},
            {"kind": "half-page", "times": times, "method": "GET"},
        )
    )


class Weather(Unrest):
    """Sets one fault after the other until the end of ``with Weather(azure, seed, every):``."""

    def __init__(self, azure: SimulatorProcess, seed: str, every: float) -> None:
        super().__init__("weather", Random(seed), every)
        self._azure = azure
        self.faults = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove all faults."""
        super().__exit__(kind, error, trace)
        self._azure.clear_faults()

    def happen(self) -> None:
        """Set a fault."""
        if self.faults % _GUST == 0:
            self._azure.clear_faults()
        fault = _one(self._rng)
        self._azure.fault(fault.pop("kind"), **fault)
        self.faults += 1
