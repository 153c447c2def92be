"""What a simulator's log says of a run: calls, refusals, the time that Azure's limits demand."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess

_BUCKETS: Final = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}
"""Size and refill a second of ARM's buckets, for each subscription (documented in 2024)."""
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


@dataclass(frozen=True, slots=True)
class Traffic:
    """The requests of a run."""

    calls: int
    refused: int
    """How many of them got a 429."""
    ideal: float
    """Seconds that the buckets demand for these calls, if all of them begin full."""
    cost: float
    """Milliseconds of the simulator's processor for a request."""


def _ideal(requests: list[dict[str, Any]]) -> float:
    used: Counter[tuple[str, str]] = Counter()
    for each in requests:
        parts = each["path"].lower().split("/")
        place = parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""
        if each["status"] != 429:
            used[place, _KINDS.get(each["method"], "writes")] += 1
    waits = [(number - _BUCKETS[kind][0]) / _BUCKETS[kind][1] for (_, kind), number in used.items()]
    return max([0.0, *waits])


class Watch:
    """Looks at the traffic of a simulator from now on."""

    def __init__(self, azure: SimulatorProcess) -> None:
        self._azure = azure
        azure.clear_log()
        self._before = azure.cost()

    def requests(self) -> list[dict[str, Any]]:
        """The requests since the beginning."""
        return self._azure.requests()

    def seen(self) -> Traffic:
        """The traffic since the beginning."""
        after = self._azure.cost()
        requests = self.requests()
        number = after["requests"] - self._before["requests"]
        cpu = after["cpu_seconds"] - self._before["cpu_seconds"]
        return Traffic(
            calls=len(requests),
            refused=sum(each["status"] == 429 for each in requests),
            ideal=_ideal(requests),
            cost=1000 * cpu / max(number, 1),
        )
