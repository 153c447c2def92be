"""Count the round trips of requests, by the order of their arrivals and answers."""

from typing import Any

LATENCY = 0.4
"""Seconds before each answer. Sending all requests of one round trip takes less."""


def round_trips(requests: list[dict[str, Any]]) -> int:
    """The longest chain in which each request arrived after the answer to the one before it."""
    depth: dict[int, int] = {}
    for one in sorted(requests, key=lambda r: r["arrived_order"]):
        before = [
            depth[other["n"]]
            for other in requests
            if other["n"] in depth and other["answered_order"] < one["arrived_order"]
        ]
        depth[one["n"]] = 1 + max(before, default=0)
    return max(depth.values(), default=0)
