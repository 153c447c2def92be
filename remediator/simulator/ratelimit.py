"""The headers of remaining requests. They count down and fill up again, but refuse nothing.

The sizes and refills of the buckets are ARM's documented ones. Compute's names and numbers were
recorded.
"""

import time

from remediator.simulator.routing import Route


class _Bucket:
    def __init__(self, size: float, refill: float) -> None:
        self._size = self._level = size
        self._refill = refill
        self._seen = time.monotonic()

    def take(self) -> int:
        """Take one request and return how many are left."""
        now = time.monotonic()
        self._level = min(self._size, self._level + (now - self._seen) * self._refill)
        self._seen = now
        self._level = max(0.0, self._level - 1)
        return int(self._level)


_SIZES = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}
_GLOBAL = 15
_COMPUTE = {
    "restorepointcollections/delete": ("DeleteRestorePoint", 360),
    "restorepointcollections/restorepoints/delete": ("DeleteRestorePoint", 360),
    "restorepointcollections/read": ("LowCostGetRestorePoint", 600),
    "restorepointcollections/restorepoints/read": ("LowCostGetRestorePoint", 600),
    "virtualmachines/read": ("LowCostGet", 24000),
    "virtualmachines/instanceview/read": ("LowCostGet", 24000),
    "virtualmachines/extensions/read": ("LowCostGet", 24000),
    "locations/operations/read": ("GetOperation", 15000),
}
_COMPUTE_OTHER = ("UpdateVM", 1500)


class RateLimits:
    """The counters. All subscriptions share them."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def _take(self, name: str, size: float, refill: float) -> int:
        return self._buckets.setdefault(name, _Bucket(size, refill)).take()

    def headers(self, method: str, route: Route) -> dict[str, str]:
        """Return the headers of an answer."""
        kind = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")
        size, refill = _SIZES[kind]
        headers: dict[str, str] = {}
        if "/vaults/backup" in route.action and kind == "reads":
            # The backup service counts for itself. ARM counts the reads of vaults (recorded).
            left = self._take("recovery", 150, 5)
            return {"x-ms-ratelimit-remaining-subscription-resource-requests": str(left)}
        left = self._take(kind, size, refill)
        headers[f"x-ms-ratelimit-remaining-subscription-{kind}"] = str(left)
        left = self._take(f"global-{kind}", size * _GLOBAL, refill * _GLOBAL)
        headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = str(left)
        if route.provider == "Microsoft.Compute":
            action = route.action.partition("/")[2].lower()
            name, amount = _COMPUTE.get(action, _COMPUTE_OTHER)
            left = self._take(name, amount, amount / 60)
            headers["x-ms-ratelimit-remaining-resource"] = (
                f"Microsoft.Compute/{name}SubscriptionMaximum;{left}"
            )
            headers["x-ms-request-charge"] = "1"
        return headers
