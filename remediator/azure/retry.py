"""Which failed requests the pipeline may repeat by itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from aiohttp import ClientConnectorError
from azure.core.exceptions import AzureError as SdkError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import AsyncRetryPolicy


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that Azure asks to wait; 0 counts as not said, as it does for the SDK.

    The header holds seconds or an HTTP date.
    """
    said = headers.get("Retry-After")
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return seconds if seconds > 0 else None


_UNSURE: Final = "_perhaps_carried_out"


def unsent(error: Exception) -> bool:
    """Whether an attempt failed before anything was sent.

    The SDK calls a connection that was cut after sending a request error as well.
    """
    return isinstance(error, SdkError) and isinstance(error.inner_exception, ClientConnectorError)


def perhaps_carried_out(request: Any) -> bool:
    """Whether an attempt of a request, before the last one, may have been carried out."""
    return bool(getattr(request, _UNSURE, False))


class CarefulRetryPolicy(AsyncRetryPolicy[Any, Any]):
    """The SDK's policy, but POST and PATCH are never repeated: they may have been carried out.

    The SDK repeats any request that is answered with Retry-After, and POST on 500, 503 and 504:
    a backup could be triggered, or a VM restarted, several times.
    """

    def increment(
        self, settings: dict[str, Any], response: Any = None, error: Exception | None = None
    ) -> bool:
        """Whether another attempt is left. A certificate that is not trusted stays so.

        An attempt that may have been carried out is remembered: that the next one is refused does
        not say that nothing was changed.
        """
        answer = getattr(response, "http_response", None)
        if not unsent(error) if error else answer is not None and answer.status_code >= 500:
            setattr(response.http_request, _UNSURE, True)
        if error is not None and "CERTIFICATE_VERIFY_FAILED" in str(error):
            return False
        return bool(super().increment(settings, response, error))

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to repeat after this answer."""
        if response.http_request.method in ("POST", "PATCH"):
            return False
        return bool(super().is_retry(settings, response))
