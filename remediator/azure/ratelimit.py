"""Our copy of Azure's token buckets, so that 429 hardly ever happens.

Resource Manager has one bucket per subscription and kind of request. The figures are from
"Understand how Azure Resource Manager throttles requests" (2024): reads 250 and 25 a second, writes
and deletes 200 and 10. Compute counts changes besides, per VM and per subscription ("Compute
throttling limits": 12 and 4 a minute; 1,500 and 500 a minute). Its reads allow more than Resource
Manager lets through, so they need no bucket.

Other processes, such as other workers, use the same buckets on the server. So the server is
believed: its headers tell how many requests remain, of all kinds.
"""

import asyncio
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from remediator.azure.retry import LONGEST_WAIT, retry_after, throttled_until
from remediator.errors import AzureError
from remediator.patience import can_wait, held, puts_back, time_left

_SIZES: Final = {"reads": (250.0, 25.0), "writes": (200.0, 10.0), "deletes": (200.0, 10.0)}
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}

_CHANGES_OF_A_VM: Final = (12.0, 4 / 60)
_COMPUTE_CHANGES: Final = (1500.0, 500 / 60)

_RESERVE: Final = 0.2
"""The share of a bucket that is left to fixes under way, while there are any."""

_UNDER_WAY: Final = 60.0
"""Seconds. A fix that sent no request for so long does not need the reserve."""

_SCARCE: Final = 0.3
"""If less than this share of an unknown bucket remains, its requests are sent more slowly."""

_SLOWLY: Final = 1.0
"""Seconds between two such requests when hardly any remains, and in proportion before.

Nobody documents how fast these buckets fill up again. So the pace falls with what remains, until
the bucket fills up as fast as it is used.
"""

_JITTER: Final = 0.05
"""So much longer than asked a wait may be, so that several processes do not return together."""

_VM = re.compile(r"/providers/microsoft\.compute/virtualmachines/([^/]+)", re.IGNORECASE)
_REMAINING: Final = "x-ms-ratelimit-remaining-"


class Bucket:
    """One bucket. Waiters are served in order: none is left out, and none rush in together."""

    def __init__(self, size: float, refill: float) -> None:
        self._size = self._tokens = size
        self._refill = refill
        self._at: float | None = None
        self._hold = self._until = 0.0
        self._fixing: float | None = None
        self._lock = asyncio.Lock()

    async def take(self, what: str = "a request") -> None:
        """Wait for a token and take it.

        A request that puts something back does not wait here. It is sent, and the server decides. A
        request that only looks for more work leaves a reserve while fixes are under way.

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
        if not can_wait():
            self._fixing = asyncio.get_running_loop().time()
        async with self._lock:
            while True:
                now = asyncio.get_running_loop().time()
                passed = now - self._at if self._at is not None else 0.0
                self._tokens = min(self._size, self._tokens + passed * self._refill)
                self._at = now
                needed = 1 + self._reserved(now)
                wait = max(self._hold - now, (needed - self._tokens) / self._refill)
                if wait <= 0:
                    self._tokens -= 1
                    return
                self._refuse_long_hold(what)
                await asyncio.sleep(wait * (1 + random.uniform(0, _JITTER)))  # noqa: S311

    def _reserved(self, now: float) -> float:
        """How many tokens the current request leaves to fixes that are under way."""
        fixing = self._fixing is not None and now - self._fixing < _UNDER_WAY
        return self._size * _RESERVE if can_wait() and fixing else 0.0

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
        """Believe the server: a 429 stops every waiter, and a smaller remainder counts.

        The remainder of all principals of a subscription counts too: it may be smaller than ours.
        """
        now = asyncio.get_running_loop().time()
        if status == 429:
            asked = retry_after(headers) or 1.0
            self._tokens, self._at = 0.0, now
            self._until = now + asked
            self._hold = max(self._hold, now + min(asked, LONGEST_WAIT))
            held(min(asked, LONGEST_WAIT))
            return
        for scope in ("subscription", "subscription-global", "tenant"):
            left = headers.get(f"{_REMAINING}{scope}-{kind}")
            if left is not None and left.isdecimal():
                self._tokens = min(self._tokens, float(left))


class _Unknown:
    """A bucket of a resource provider, known only by the remainder that its answers tell."""

    def __init__(self) -> None:
        self._left: float | None = None
        self._most = 0.0
        self._sent = 0.0
        self._lock = asyncio.Lock()

    async def take(self) -> None:
        """Wait a little if few requests remain. Waiters are served in order.

        Each judges by the latest answer when its turn comes, so that none waits for a bucket that
        has filled up meanwhile.
        """
        if puts_back() or not self._pause():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(time_left()), self._lock:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(max(0.0, self._sent + self._pause() - loop.time()))
                self._sent = loop.time()

    def _pause(self) -> float:
        """Seconds between two requests, by what remains now. If none remains, that is scarce."""
        if self._left is None:
            return 0.0
        scarce = max(1.0, self._most * _SCARCE)
        return _SLOWLY * max(0.0, 1 - self._left / scarce)

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take the smallest remainder of an answer."""
        told = [
            part.rpartition(";")[2] for part in headers.get(f"{_REMAINING}resource", "").split(",")
        ]
        told.append(headers.get(f"{_REMAINING}subscription-resource-requests", ""))
        known = [float(left) for left in map(str.strip, told) if left.isdecimal()]
        if known:
            self._left = min(known)
            self._most = max(self._most, self._left)


class Budget:
    """The buckets of a process. The pipelines of all its clients share them."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._unknown: dict[tuple[str, ...], _Unknown] = {}

    def bucket(self, subscription: str, kind: str) -> Bucket:
        """The bucket of a subscription and a kind of request. "" is for requests outside of any."""
        return self._known((subscription, kind), _SIZES[kind])

    def of_compute(self, subscription: str, path: str) -> Iterator[Bucket]:
        """Compute's own buckets for a change."""
        if "/providers/microsoft.compute/" not in path:
            return
        yield self._known((subscription, "changes of Compute"), _COMPUTE_CHANGES)
        if found := _VM.search(path):
            yield self._known((path[: found.end()], "changes"), _CHANGES_OF_A_VM)

    def unknown(self, subscription: str, method: str, path: str) -> _Unknown:
        """The bucket that a provider keeps for a kind of resource."""
        kinds = path.rpartition("/providers/")[2].split("/")
        key = (subscription, method, kinds[0], *kinds[1::2])
        return self._unknown.setdefault(key, _Unknown())

    def _known(self, key: tuple[str, str], size: tuple[float, float]) -> Bucket:
        if key not in self._buckets:
            self._buckets[key] = Bucket(*size)
        return self._buckets[key]


class RateLimitPolicy(AsyncHTTPPolicy[Any, Any]):
    """Takes a token for each attempt. It stands behind the retry policy."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Take a token, send the request, and learn from the answer."""
        asked = request.http_request
        path = unquote(urlsplit(asked.url).path).lower()
        parts = path.split("/", 3)
        subscription = parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""
        kind = _KINDS.get(asked.method, "writes")
        what = f"{asked.method} {urlsplit(asked.url).path}"
        bucket = self._budget.bucket(subscription, kind)
        unknown = self._budget.unknown(subscription, asked.method, path)
        if kind != "reads":
            for other in self._budget.of_compute(subscription, path):
                await other.take(what)
        await unknown.take()
        await bucket.take(what)
        response = await self.next.send(request)
        answer = response.http_response
        bucket.observe(answer.status_code, answer.headers, kind)
        unknown.observe(answer.headers)
        return response
