"""Faults of the simulator itself, which a man in the middle cannot make."""

from random import Random
from typing import Any


def fault(rng: Random) -> dict[str, Any]:
    """One random fault, for one kind of request."""
    write = rng.choice(("POST", "PUT", "DELETE", "*"))
    times, after = rng.choice((1, 1, 2, 5)), rng.choice((0, 0, 1, 3))
    return rng.choice(
        (
            {"kind": "throttle-arm", "times": 3 * times, "retry_after": rng.choice((1, 30))},
            {"kind": "throttle-compute", "times": times, "retry_after": 1, "method": write},
            {"kind": "error", "status": rng.choice((500, 502, 503, 504)), "times": times},
            {"kind": "error", "status": rng.choice((403, 409, 412)), "method": write},
            {"kind": "cut-before", "times": times, "method": write, "after": after},
            {"kind": "cut-after", "times": times, "method": write, "after": after},
            {"kind": "lro-fails", "times": 1, "method": write},
            {"kind": "foreign-link", "times": times, "after": after},
            {"kind": "half-page", "times": None},
            {"kind": "job-late", "times": times, "seconds": rng.choice((30, 120))},
            {"kind": "lock-propagation", "times": times, "seconds": rng.choice((30, 300))},
            {"kind": "token-expired", "times": 1, "method": write, "after": after},
        )
    )
