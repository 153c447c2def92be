"""Our copy of Resource Manager's token buckets, so that 429 hardly ever happens.

Buckets are per subscription and kind of request; the figures are those of "Understand how Azure
Resource Manager throttles requests" (2024): reads 250 and 25 a second, writes and deletes 200 and
10. Other processes draw on the same server's bucket: what its headers say is believed.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from remediator.azure.retry import retry_after

_SIZES: Final = {"reads": (250.0, 25.0), "writes": (200.0, 10.0), "deletes": (200.0, 10.0)}
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


class Bucket:
    """One bucket; waiters are served in order, so nobody starves and no herd forms."""

    def __init__(self, size: float, refill: float) -> None:
        self._size = self._tokens = size
        self._refill = refill
        self._at: float | None = None
        self._hold = 0.0
        self._lock = asyncio.Lock()

    async def take(self) -> None:
        """Wait for a token and take it."""
        async with self._lock:
            while True:
                now = asyncio.get_running_loop().time()
                passed = now - self._at if self._at is not None else 0.0
                self._tokens = min(self._size, self._tokens + passed * self._refill)
                self._at = now
                wait = max(self._hold - now, (1 - self._tokens) / self._refill)
                if wait <= 0:
                    self._tokens -= 1
                    return
                await asyncio.sleep(wait)

    def observe(self, status: int, headers: Mapping[str, str], kind: str) -> None:
        """Believe the server: a 429 holds every waiter, a smaller remainder counts."""
        now = asyncio.get_running_loop().time()
        if status == 429:
            self._tokens, self._at = 0.0, now
            self._hold = max(self._hold, now + (retry_after(headers) or 1.0))
            return
        left = headers.get(f"x-ms-ratelimit-remaining-subscription-{kind}")
        if left is not None and left.isdigit():
            self._tokens = min(self._tokens, float(left))


class Budget:
    """The buckets of a process, shared by the pipelines of all its clients."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def bucket(self, subscription: str, kind: str) -> Bucket:
        """The bucket of a subscription ("" for what lies outside any) and kind of request."""
        key = (subscription, kind)
        if key not in self._buckets:
            self._buckets[key] = Bucket(*_SIZES[kind])
        return self._buckets[key]


class RateLimitPolicy(AsyncHTTPPolicy[Any, Any]):
    """Stands behind the retry policy, so that every attempt pays."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Take a token, send, and learn from the answer."""
        parts = request.http_request.url.split("/", 5)
        inside = len(parts) > 4 and parts[3].lower() == "subscriptions"
        kind = _KINDS.get(request.http_request.method, "writes")
        bucket = self._budget.bucket(parts[4].lower() if inside else "", kind)
        await bucket.take()
        response = await self.next.send(request)
        bucket.observe(response.http_response.status_code, response.http_response.headers, kind)
        return response
