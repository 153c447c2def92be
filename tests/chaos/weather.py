"""Bad weather: faults of every kind, set at random while the remediations go on."""

import threading
from random import Random
from types import TracebackType
from typing import Any, Self

from remediator.simulator.process import SimulatorProcess

_WRITES = ("POST", "PUT", "DELETE")
_GUST = 10
"""Faults, after which those that met nobody are gone: else they would all wait for the last run."""


def _one(rng: Random) -> dict[str, Any]:
    """A fault. Times of Azure are in its own seconds, those of `slow` in real ones."""
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


class Weather:
    """``with Weather(azure, seed) as weather:`` one fault after the other, until its end."""

    def __init__(self, azure: SimulatorProcess, seed: str, every: float) -> None:
        self._azure = azure
        self._rng = Random(seed)
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._blow, name="weather")
        self.faults = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def _blow(self) -> None:
        while not self._over.wait(self._rng.expovariate(1 / self._every)):
            if self.faults % _GUST == 0:
                self._azure.clear_faults()
            fault = _one(self._rng)
            self._azure.fault(fault.pop("kind"), **fault)
            self.faults += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the sky clear."""
        self._over.set()
        self._thread.join()
        self._azure.clear_faults()
