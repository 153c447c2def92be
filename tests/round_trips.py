"""How many round trips requests took, by the order in which they arrived and were answered."""

from typing import Any

LATENCY = 0.4
"""Seconds before each answer: more than it takes to send all requests of one round trip."""


def round_trips(requests: list[dict[str, Any]]) -> int:
    """The longest chain of requests of which each arrived after the one before was answered."""
    depth: dict[int, int] = {}
    for one in sorted(requests, key=lambda r: r["arrived_order"]):
        before = [
            depth[other["n"]]
            for other in requests
            if other["n"] in depth and other["answered_order"] < one["arrived_order"]
        ]
        depth[one["n"]] = 1 + max(before, default=0)
    return max(depth.values(), default=0)
