"""How long Azure asks to wait, and which failed requests the pipeline may repeat by itself."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

from aiohttp import ClientConnectorError, ConnectionTimeoutError
from azure.core.exceptions import AzureError as SdkError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import AsyncRetryPolicy

from remediator.patience import puts_back, time_left

LONGEST_WAIT: Final = 120.0
"""The longest wait of a request by itself, in seconds.

If Azure asks for a longer wait, an error tells so. This tool does not wait that long silently.
"""

CALL_WITHIN: Final = 100.0
"""A request that got no answer, or a bad one, is not sent again after this many seconds."""

_A_YEAR: Final = 366 * 24 * 3600.0

_IN_MS: Final = ("retry-after-ms", "x-ms-retry-after-ms")
WAITS: Final = ("Retry-After", *_IN_MS)
"""The headers that ask to wait. Azure's own SDK knows the same ones."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that Azure asks to wait. 0 counts as not said, as it does for the SDK.

    The header holds seconds or an HTTP date, and an answer may contain it twice. A value that
    cannot be read counts as not said. More than a year counts as a year.
    """
    said = headers.get("Retry-After")
    if said:
        seconds = _seconds(said)
        if seconds is None:
            seconds = max((_seconds(part) or 0.0 for part in said.split(",")), default=0.0)
        seconds = seconds or _until(said, headers)
    else:
        ms = next((found for name in _IN_MS if (found := headers.get(name))), "")
        seconds = (_seconds(ms) or 0.0) / 1000
    return min(seconds, _A_YEAR) if seconds > 0 else None


def _seconds(said: str) -> float | None:
    try:
        seconds = float(said)
    except ValueError:
        return None
    return seconds if isfinite(seconds) else 0.0


def _until(said: str, headers: Mapping[str, str]) -> float:
    """The seconds until a date, by the clock of the answer that contains it."""
    then = http_date(said)
    if then is None:
        return 0.0
    now = http_date(headers.get("Date", "")) or datetime.now(UTC)
    return (then - now).total_seconds()


def http_date(said: str) -> datetime | None:
    """The time in a header, in UTC. None if it is not a time, or not between 2000 and 2199."""
    try:
        found = parsedate_to_datetime(said)
        found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
    return found if 2000 <= found.year < 2200 else None


def throttled_until(seconds: float) -> str:
    """A text for a person: until when Azure asks to wait."""
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    return f"throttled until {then:%Y-%m-%d %H:%M:%S} UTC"


_UNSURE: Final = "_perhaps_carried_out"


def unsent(error: Exception) -> bool:
    """Whether an attempt failed before anything was sent.

    The SDK also calls it a request error if a connection was cut after sending.
    """
    before = ClientConnectorError | ConnectionTimeoutError
    return isinstance(error, SdkError) and isinstance(error.inner_exception, before)


def perhaps_carried_out(request: Any) -> bool:
    """Whether an earlier attempt of a request may have been carried out."""
    return bool(getattr(request, _UNSURE, False))


class CarefulRetryPolicy(AsyncRetryPolicy[Any, Any]):
    """The SDK's policy, but POST and PATCH are never repeated: they may have been carried out.

    The SDK repeats any request whose answer has Retry-After, and POST on 500, 503 and 504. A backup
    could be triggered several times, or a VM restarted several times. The SDK also waits as long as
    an answer asks. Here no wait is longer than the time that is left, or than `LONGEST_WAIT`.
    """

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """The settings of one request, with the time after which it is not sent again."""
        settings: dict[str, Any] = super().configure_retries(options)
        return settings | {"ends": _now() + CALL_WITHIN}

    def increment(
        self, settings: dict[str, Any], response: Any = None, error: Exception | None = None
    ) -> bool:
        """Whether another attempt is left. There is none after an untrusted certificate.

        An attempt that may have been carried out is remembered. If Azure refuses the next attempt,
        something may still have been changed.
        """
        answer = getattr(response, "http_response", None)
        if not unsent(error) if error else answer is not None and answer.status_code >= 500:
            setattr(response.http_request, _UNSURE, True)
        if error is not None and "CERTIFICATE_VERIFY_FAILED" in str(error):
            return False
        if _now() >= settings["ends"] or not time_left():
            return False
        return bool(super().increment(settings, response, error))

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to repeat the request after this answer."""
        if response.http_request.method in ("POST", "PATCH"):
            return False
        answer = response.http_response
        wait = retry_after(answer.headers) or 0.0
        if wait > LONGEST_WAIT or wait >= time_left():
            return False
        if answer.status_code == 429 and puts_back():
            return False  # the caller repeats it; it counts how long the thing is off
        return bool(super().is_retry(settings, response))


def _now() -> float:
    return asyncio.get_running_loop().time()
