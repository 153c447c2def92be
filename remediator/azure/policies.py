"""The steps between our code and the network, in this order, for every client.

Two policies of the SDK are left out on purpose. One registers resource providers by itself: a
hidden write that would break a dry run. The other follows redirects: ARM does not redirect, and a
token must not travel.
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
from remediator.azure.watching import Tell, TellPolicy, Watch, WatchPolicy
from remediator.errors import AzureError
from remediator.redaction import redacted
from remediator.version import __version__

READING = ("GET", "HEAD")
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d*)?|\[[0-9A-Fa-f:.]+\](:\d*)?", re.ASCII)


class OneHostPolicy(SansIOHTTPPolicy[Any, Any]):
    """Refuses to send anything to any host but the configured endpoint.

    Azure's answers contain addresses to continue with (nextLink, Location, Azure-AsyncOperation). A
    forged address must not receive our token. This policy stands before authentication and runs on
    each attempt.
    """

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Compare scheme, host and port. Plain http is allowed on this machine only.

        Azure may spell its own host in another way (``https://HOST:443/``). The request always goes
        to our spelling, so it does not matter how a program reads another spelling.
        """
        url, endpoint = request.http_request.url, self._cloud.endpoint
        where, ours = _where(url), urlsplit(endpoint)
        if where is None or where != _where(endpoint):
            raise AzureError(
                f"refused to follow an address outside {endpoint}: {redacted(_host(url))}; "
                "the token was not sent",
                code="ForeignHost",
                # Only an answer of Azure can lead here. The request before it may have had its
                # effect.
                arrived=None,
            )
        parts = urlsplit(url)
        request.http_request.url = urlunsplit(
            (ours.scheme, ours.netloc, parts.path, parts.query, "")
        )
        if ours.scheme == "http" and is_loopback(endpoint):
            request.context.options.setdefault("enforce_https", False)


def _host(url: str) -> str:
    """The address up to its host, in one line."""
    return " ".join("/".join(url.split("/", 3)[:3]).split())[:200]


def _where(url: str) -> tuple[str, str, int] | None:
    """The scheme, host and port of an address, whatever its spelling.

    None if it is not the address of a plain host: it names a user, or two programs may read it
    differently.
    """
    try:
        parts = urlsplit(url)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except (KeyError, ValueError):
        return None
    if not _HOST.fullmatch(parts.netloc):
        return None
    host = (parts.hostname or "").removesuffix(".")  # a host name may end in a dot
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
    """Azure's own time, from the Date of its answers. Ages are measured by it, not by our clock."""

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
        """Azure's time. Before the first answer it is this machine's time."""
        if self._seen is None:
            return datetime.now(UTC)
        said, at = self._seen
        return said + timedelta(seconds=monotonic() - at)


class ChallengePolicy(AsyncARMChallengeAuthenticationPolicy):
    """The SDK's sign-in, made safe against a challenge that cannot be read."""

    async def on_challenge(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> bool:
        """Ask for a token with the claims that Azure demands.

        If they cannot be read, the 401 stays.
        """
        try:
            return bool(await super().on_challenge(request, response))
        except (AzureError, SdkError):
            raise
        except Exception:  # noqa: BLE001 - the SDK takes the header apart without checking it
            return False


class JsonPolicy(ContentDecodePolicy):
    """Reads answers for the SDK's clients: JSON within limits, and no XML."""

    @classmethod
    def deserialize_from_text(
        cls, data: Any, mime_type: str | None = None, response: Any = None
    ) -> Any:
        """The content of a JSON answer. The bare text of any other answer."""
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
    tell: Tell | None = None,
) -> list[Any]:
    """The pipeline of a client that cannot write. It does not decode answers.

    `watch` sees each answer; `tell` is told each attempt.
    """
    made = _policies(cloud, credential, budget, clock, tell, ReadOnlyPolicy())
    return [*made, WatchPolicy(watch)] if watch else made


def writing_policies(
    cloud: Cloud,
    credential: SharedCredential,
    budget: Budget,
    clock: AzureClock,
    tell: Tell | None = None,
) -> list[Any]:
    """The pipeline of a client that carries out changes. `tell` is told each attempt."""
    return _policies(cloud, credential, budget, clock, tell, JsonPolicy())


def _policies(
    cloud: Cloud,
    credential: SharedCredential,
    budget: Budget,
    clock: AzureClock,
    tell: Tell | None,
    *first: SansIOHTTPPolicy[Any, Any],
) -> list[Any]:
    return [
        RequestIdPolicy(),
        # The service translates the texts of jobs. One language is easier to compare.
        HeadersPolicy({"Accept-Language": "en-US"}),
        UserAgentPolicy(f"remediate/{__version__}"),
        *first,
        CarefulRetryPolicy(),
        OneHostPolicy(cloud),
        RateLimitPolicy(budget),
        ChallengePolicy(credential, cloud.scope),
        CustomHookPolicy(),
        clock,
        *([TellPolicy(tell)] if tell else []),
    ]
