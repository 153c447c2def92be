"""The buckets of requests: the headers that tell what is left, and refusals if they are asked for.

ARM has one bucket for each subscription and kind of request, and the same for requests outside of
any subscription. There is one principal and one region here. Sizes, refills and the names of the
headers are documented ("Understand how Azure Resource Manager throttles requests", 2024). Compute's
names and numbers were recorded; so was the count of the backup service. Only ARM's buckets refuse:
how Compute's and the backup service's fill up again was not recorded.
"""

import math
import time

from remediator.simulator.routing import Route


class _Bucket:
    def __init__(self, size: float, refill: float) -> None:
        self._size = self._level = size
        self._refill = refill
        self._seen = time.monotonic()
        self._closed_until = 0.0

    @property
    def left(self) -> int:
        """How many requests are left."""
        return int(self._level)

    def take(self) -> int:
        """Take one request and return how many are left."""
        self._fill()
        self._level = max(0.0, self._level - 1)
        return self.left

    def refuse(self) -> int | None:
        """Return the seconds to wait if the bucket is empty, else None.

        A request before this time is over is refused too (documented).
        """
        now = self._fill()
        if self._level < 1 and now >= self._closed_until:
            self._closed_until = now + max(1, math.ceil((1 - self._level) / self._refill))
        wait = math.ceil(self._closed_until - now)
        return wait if wait > 0 else None

    def _fill(self) -> float:
        now = time.monotonic()
        self._level = min(self._size, self._level + (now - self._seen) * self._refill)
        self._seen = now
        return now


_SIZES = {"reads": (250, 25), "writes": (200, 10), "deletes": (200, 10)}
_GLOBAL = 15
"""All principals together have this many times as much."""
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


def _kind(method: str) -> str:
    return {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")


def _place(path: str) -> str:
    """Return the subscription of a path in lower case, or "" if it is outside of any."""
    parts = path.lower().split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""


class RateLimits:
    """The buckets of a cloud."""

    def __init__(self, *, refusing: bool = False, speed: float = 1.0) -> None:
        """Make full buckets.

        Args:
            refusing: whether an empty bucket of ARM refuses.
            speed: simulated seconds in a real one. The buckets fill up so much faster.
        """
        self._refusing = refusing
        self._speed = speed
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def _bucket(self, place: str, name: str, size: float, refill: float) -> _Bucket:
        bucket = self._buckets.get((place, name))
        if bucket is None:
            bucket = self._buckets[place, name] = _Bucket(size, refill * self._speed)
        return bucket

    def admit(self, method: str, path: str) -> int | None:
        """Count a request in ARM's bucket. If it is refused, return the real seconds to wait."""
        place, kind = _place(path), _kind(method)
        bucket = self._bucket(place, kind, *_SIZES[kind])
        if self._refusing and (seconds := bucket.refuse()) is not None:
            return seconds
        bucket.take()
        return None

    def headers(self, method: str, path: str, route: Route) -> dict[str, str]:
        """Return the headers of an answer to a request that was admitted."""
        place, kind = _place(path), _kind(method)
        size, refill = _SIZES[kind]
        left = self._bucket(place, kind, size, refill).left
        if not place:
            return {f"x-ms-ratelimit-remaining-tenant-{kind}": str(left)}
        if "/vaults/backup" in route.action and kind == "reads":
            # The backup service tells its own count instead of ARM's. A read of the vault itself
            # tells ARM's (recorded).
            left = self._bucket(place, "recovery", 150, 5).take()
            return {"x-ms-ratelimit-remaining-subscription-resource-requests": str(left)}
        headers = {f"x-ms-ratelimit-remaining-subscription-{kind}": str(left)}
        left = self._bucket(place, f"global-{kind}", size * _GLOBAL, refill * _GLOBAL).take()
        headers[f"x-ms-ratelimit-remaining-subscription-global-{kind}"] = str(left)
        if route.provider == "Microsoft.Compute":
            action = route.action.partition("/")[2].lower()
            name, amount = _COMPUTE.get(action, _COMPUTE_OTHER)
            left = self._bucket(place, name, amount, amount / 60).take()
            headers["x-ms-ratelimit-remaining-resource"] = (
                f"Microsoft.Compute/{name}SubscriptionMaximum;{left}"
            )
            headers["x-ms-request-charge"] = "1"
        return headers
