"""What stands between our code and the network, in this order, for every client alike.

Left out on purpose: the SDK's policy that registers resource providers by itself (a hidden write
that would break a dry run), and its redirect policy (ARM does not redirect, and a token must not
travel).
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

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

from remediator import __version__
from remediator.azure.clouds import Cloud, is_loopback
from remediator.azure.credentials import SharedCredential
from remediator.azure.ratelimit import Budget, RateLimitPolicy
from remediator.azure.retry import CarefulRetryPolicy
from remediator.azure.watching import Watch, WatchPolicy
from remediator.errors import AzureError

READING = ("GET", "HEAD")


class OneHostPolicy(SansIOHTTPPolicy[Any, Any]):
    """Refuses to send anything anywhere but to the configured endpoint.

    Azure's answers name addresses to go on with (nextLink, Location, Azure-AsyncOperation); a
    forged one must not receive our token. Stands before authentication, and runs on each attempt.
    """

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Compare host and scheme; let plain http through on this machine only."""
        url = request.http_request.url
        asked, ours = urlsplit(url), urlsplit(self._cloud.endpoint)
        if (asked.scheme, asked.netloc.lower()) != (ours.scheme, ours.netloc.lower()):
            raise AzureError(
                f"refused to follow an address outside {self._cloud.endpoint}: "
                f"{asked.scheme}://{asked.netloc}; the token was not sent",
                code="ForeignHost",
                # Only an answer of Azure's can lead here: what it answered may have had its effect.
                arrived=None,
            )
        if ours.scheme == "http" and is_loopback(self._cloud.endpoint):
            request.context.options.setdefault("enforce_https", False)


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
        try:
            said = parsedate_to_datetime(response.http_response.headers.get("Date", ""))
        except (TypeError, ValueError):
            return
        self._seen = (said.astimezone(UTC), monotonic())

    def now(self) -> datetime:
        """Azure's time, or this machine's before the first answer."""
        if self._seen is None:
            return datetime.now(UTC)
        said, at = self._seen
        return said + timedelta(seconds=monotonic() - at)


def reading_policies(
    cloud: Cloud,
    credential: SharedCredential,
    budget: Budget,
    clock: AzureClock,
    watch: Watch | None = None,
) -> list[Any]:
    """The pipeline of a client that cannot write; `watch` sees each answer."""
    made = _policies(cloud, credential, budget, clock, ReadOnlyPolicy())
    return [*made, WatchPolicy(watch)] if watch else made


def writing_policies(
    cloud: Cloud, credential: SharedCredential, budget: Budget, clock: AzureClock
) -> list[Any]:
    """The pipeline of a client that carries out changes."""
    return _policies(cloud, credential, budget, clock)


def _policies(
    cloud: Cloud,
    credential: SharedCredential,
    budget: Budget,
    clock: AzureClock,
    *guards: SansIOHTTPPolicy[Any, Any],
) -> list[Any]:
    return [
        RequestIdPolicy(),
        # Texts of jobs are localised by the service; one language is easier to compare.
        HeadersPolicy({"Accept-Language": "en-US"}),
        UserAgentPolicy(f"remediate/{__version__}"),
        ContentDecodePolicy(),
        *guards,
        CarefulRetryPolicy(),
        OneHostPolicy(cloud),
        RateLimitPolicy(budget),
        AsyncARMChallengeAuthenticationPolicy(credential, cloud.scope),
        CustomHookPolicy(),
        clock,
    ]
