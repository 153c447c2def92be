"""Our copy of Resource Manager's token buckets, so that 429 hardly ever happens.

There is one bucket per subscription and kind of request. The figures are from "Understand how Azure
Resource Manager throttles requests" (2024): reads 250 and 25 a second, writes and deletes 200 and
10. Other processes use the same bucket on the server, so the server's headers are believed.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from remediator.azure.retry import LONGEST_WAIT, retry_after, throttled_until
from remediator.errors import AzureError
from remediator.patience import puts_back, time_left

_SIZES: Final = {"reads": (250.0, 25.0), "writes": (200.0, 10.0), "deletes": (200.0, 10.0)}
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


class Bucket:
    """One bucket. Waiters are served in order: none is left out, and none rush in together."""

    def __init__(self, size: float, refill: float) -> None:
        self._size = self._tokens = size
        self._refill = refill
        self._at: float | None = None
        self._hold = self._until = 0.0
        self._lock = asyncio.Lock()

    async def take(self, what: str = "a request") -> None:
        """Wait for a token and take it.

        A request that puts something back does not wait here. It is sent, and the server decides.

        Args:
            what: the request, as an error names it.

        Raises:
            AzureError: the server asks for a longer wait than this tool waits silently, or than the
                time that is left.
        """
        if puts_back():
            self._tokens -= 1
            return
        self._refuse_long_hold(what)
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
                self._refuse_long_hold(what)
                await asyncio.sleep(wait)

    def _refuse_long_hold(self, what: str) -> None:
        """Raise at once if the wait would be too long.

        When the longest wait is over, one request checks whether the server still asks to wait. The
        answer that asked for it may have been an odd one.
        """
        now = asyncio.get_running_loop().time()
        hold, asked = self._hold - now, self._until - now
        if hold > 0 and (asked > LONGEST_WAIT or hold >= time_left()):
            raise AzureError(
                f"{what} was not sent: {throttled_until(asked)}; run again then",
                code="TooManyRequests",
                status=429,
                retry_after=asked,
            )

    def observe(self, status: int, headers: Mapping[str, str], kind: str) -> None:
        """Believe the server: a 429 stops every waiter, and a smaller remainder counts."""
        now = asyncio.get_running_loop().time()
        if status == 429:
            asked = retry_after(headers) or 1.0
            self._tokens, self._at = 0.0, now
            self._until = now + asked
            self._hold = max(self._hold, now + min(asked, LONGEST_WAIT))
            return
        left = headers.get(f"x-ms-ratelimit-remaining-subscription-{kind}")
        if left is not None and left.isdecimal():
            self._tokens = min(self._tokens, float(left))


class Budget:
    """The buckets of a process. The pipelines of all its clients share them."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def bucket(self, subscription: str, kind: str) -> Bucket:
        """The bucket of a subscription and a kind of request. "" is for requests outside of any."""
        key = (subscription, kind)
        if key not in self._buckets:
            self._buckets[key] = Bucket(*_SIZES[kind])
        return self._buckets[key]


class RateLimitPolicy(AsyncHTTPPolicy[Any, Any]):
    """Takes a token for each attempt. It stands behind the retry policy."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Take a token, send the request, and learn from the answer."""
        asked = request.http_request
        parts = asked.url.split("/", 5)
        inside = len(parts) > 4 and parts[3].lower() == "subscriptions"
        kind = _KINDS.get(asked.method, "writes")
        bucket = self._budget.bucket(parts[4].lower() if inside else "", kind)
        await bucket.take(f"{asked.method} {urlsplit(asked.url).path}")
        response = await self.next.send(request)
        bucket.observe(response.http_response.status_code, response.http_response.headers, kind)
        return response
