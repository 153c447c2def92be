"""What stands between our code and the network, in this order, for every client alike.

Left out on purpose: the SDK's policy that registers resource providers by itself (a hidden write
that would break a dry run), and its redirect policy (ARM does not redirect, and a token must not
travel).
"""

import re
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from azure.core.exceptions import AzureError as SdkError
from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from remediator.azure.answers import read_json
from remediator.azure.clouds import Cloud, is_loopback
from remediator.azure.credentials import SharedCredential
from remediator.azure.ratelimit import Budget, RateLimitPolicy
from remediator.azure.retry import CarefulRetryPolicy, http_date
from remediator.azure.watching import Watch, WatchPolicy
from remediator.errors import AzureError
from remediator.redaction import redacted
from remediator.version import __version__

READING = ("GET", "HEAD")
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d*)?|\[[0-9A-Fa-f:.]+\](:\d*)?", re.ASCII)


class OneHostPolicy(SansIOHTTPPolicy[Any, Any]):
    """Refuses to send anything anywhere but to the configured endpoint.

    Azure's answers name addresses to go on with (nextLink, Location, Azure-AsyncOperation); a
    forged one must not receive our token. Stands before authentication, and runs on each attempt.
    """

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Compare scheme, host and port; let plain http through on this machine only.

        Azure may spell its own host otherwise than we do (``https://HOST:443/``). What is sent goes
        to our spelling in any case, so that nothing hangs on who reads a spelling how.
        """
        url, endpoint = request.http_request.url, self._cloud.endpoint
        where, ours = _where(url), urlsplit(endpoint)
        if where is None or where != _where(endpoint):
            raise AzureError(
                f"refused to follow an address outside {endpoint}: {redacted(_host(url))}; "
                "the token was not sent",
                code="ForeignHost",
                # Only an answer of Azure's can lead here: what it answered may have had its effect.
                arrived=None,
            )
        parts = urlsplit(url)
        request.http_request.url = urlunsplit(
            (ours.scheme, ours.netloc, parts.path, parts.query, "")
        )
        if ours.scheme == "http" and is_loopback(endpoint):
            request.context.options.setdefault("enforce_https", False)


def _host(url: str) -> str:
    """An address as far as its host, in one line."""
    return " ".join("/".join(url.split("/", 3)[:3]).split())[:200]


def _where(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address, however they are spelt.

    None where it is no address of a host alone: it names a user, or holds what two programs may
    read differently.
    """
    try:
        parts = urlsplit(url)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except (KeyError, ValueError):
        return None
    if not _HOST.fullmatch(parts.netloc):
        return None
    host = (parts.hostname or "").removesuffix(".")  # the root of all names may be written out
    return (parts.scheme, host, port)


class ReadOnlyPolicy(SansIOHTTPPolicy[Any, Any]):
    """Refuses every request that could change something."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Let GET and HEAD through, nothing else."""
        method = request.http_request.method
        if method not in READING:
            raise AzureError(
                f"refused {method} {request.http_request.url}: this client only reads",
                code="ReadOnlyClient",
            )


class AzureClock(SansIOHTTPPolicy[Any, Any]):
    """Azure's own time, from the Date of its answers: ages are told by its clock, not by ours."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: tuple[datetime, float] | None = None

    def on_response(
        self, _request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        """Take the time from an answer."""
        said = http_date(response.http_response.headers.get("Date", ""))
        if said is not None:
            self._seen = (said, monotonic())

    def now(self) -> datetime:
        """Azure's time, or this machine's before the first answer."""
        if self._seen is None:
            return datetime.now(UTC)
        said, at = self._seen
        return said + timedelta(seconds=monotonic() - at)


class ChallengePolicy(AsyncARMChallengeAuthenticationPolicy):
    """The SDK's sign-in, which is not led astray by a challenge that is none."""

    async def on_challenge(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> bool:
        """Ask for a token with the claims that Azure demands; a junk demand leaves its 401."""
        try:
            return bool(await super().on_challenge(request, response))
        except (AzureError, SdkError):
            raise
        except Exception:  # noqa: BLE001 - the SDK takes the header apart without looking
            return False


class JsonPolicy(ContentDecodePolicy):
    """Reads answers for the SDK's clients: JSON within bounds, and no XML."""

    @classmethod
    def deserialize_from_text(
        cls, data: Any, mime_type: str | None = None, response: Any = None
    ) -> Any:
        """What an answer says; its text, where it says that it is something else than JSON."""
        if not data or not cls.JSON_REGEXP.match(mime_type or ""):
            return data or None
        try:
            return read_json(data if isinstance(data, bytes) else str(data).encode())
        except ValueError as error:
            raise DecodeError(f"JSON is invalid: {error}", response=response, error=error) from None


def reading_policies(
    cloud: Cloud,
    credential: SharedCredential,
    budget: Budget,
    clock: AzureClock,
    watch: Watch | None = None,
) -> list[Any]:
    """The pipeline of a client that cannot write, and takes answers as they came.

    `watch` sees each answer.
    """
    made = _policies(cloud, credential, budget, clock, ReadOnlyPolicy())
    return [*made, WatchPolicy(watch)] if watch else made


def writing_policies(
    cloud: Cloud, credential: SharedCredential, budget: Budget, clock: AzureClock
) -> list[Any]:
    """The pipeline of a client that carries out changes."""
    return _policies(cloud, credential, budget, clock, JsonPolicy())


def _policies(
    cloud: Cloud,
    credential: SharedCredential,
    budget: Budget,
    clock: AzureClock,
    *first: SansIOHTTPPolicy[Any, Any],
) -> list[Any]:
    return [
        RequestIdPolicy(),
        # Texts of jobs are localised by the service; one language is easier to compare.
        HeadersPolicy({"Accept-Language": "en-US"}),
        UserAgentPolicy(f"remediate/{__version__}"),
        *first,
        CarefulRetryPolicy(),
        OneHostPolicy(cloud),
        RateLimitPolicy(budget),
        ChallengePolicy(credential, cloud.scope),
        CustomHookPolicy(),
        clock,
    ]
