"""A session with Azure: one transport, one credential, one rate limit; a Reader, and a Writer."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport
from azure.mgmt.core import AsyncARMPipelineClient

from remediator.authority import Identity
from remediator.azure.clouds import CLOUDS, Cloud, check_endpoint, discover, is_loopback, tls
from remediator.azure.credentials import SharedCredential, claims_of, credential_for
from remediator.azure.policies import AzureClock, reading_policies, writing_policies
from remediator.azure.ratelimit import Budget
from remediator.azure.reader import ArmReader
from remediator.azure.sdk import SdkClients
from remediator.azure.versions import VERSIONS, Versions
from remediator.azure.watching import Watch
from remediator.azure.writer import ArmWriter, full_url
from remediator.errors import BadInputError
from remediator.operations import Operation
from remediator.step import Request

CONNECTIONS: Final = 256
"""At once; aiohttp's own default of 100 caps a fleet's throughput at 100 / latency."""

READ_TIMEOUT: Final = 120
"""Seconds for one answer. ARM answers within one minute, or says 202."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the commands hold. The Writer is made only by `writer`, when something is applied."""

    cloud: Cloud
    reader: ArmReader
    clock: AzureClock
    versions: Versions
    _writing: Any = field(repr=False)
    _credential: SharedCredential = field(repr=False)

    def writer(self, poll: float) -> ArmWriter:
        """The Writer. `poll` is the seconds between looks at a long-running operation."""
        return ArmWriter(self._writing(), poll)

    async def who(self) -> Identity:
        """Whose token it is, for the audit trail.

        Raises:
            AzureError: there is no signing in.
        """
        token = await self._credential.get_token(self.cloud.scope)
        return Identity.of(claims_of(token.token))

    def addressed(self, operation: Operation, request: Request) -> Request:
        """The request with the URL that it will be sent to."""
        url = full_url(self.cloud.endpoint, self.versions, operation, request.url)
        return request.model_copy(update={"url": url})


def find_cloud(name: str | None, arm_endpoint: str | None, auth: str) -> Cloud:
    """The cloud that the person named.

    A custom endpoint is asked for its audience and authority, unless a token is already at hand.

    Raises:
        BadInputError: both were given as flags, or an unknown one.
        AzureError: a custom endpoint does not answer as ARM does.
    """
    if name and arm_endpoint:
        # A flag wins over the environment, also where the two go by different names.
        if arm_endpoint == os.environ.get("REMEDIATE_ARM_ENDPOINT"):
            arm_endpoint = None
        elif name != os.environ.get("REMEDIATE_CLOUD"):
            raise BadInputError("give --cloud or --arm-endpoint, not both")
    if arm_endpoint:
        url = check_endpoint(arm_endpoint)
        if auth == "token":
            return Cloud("custom", url, f"{url}/.default", url, well_known=False)
        return discover(url, _ca_file(), _proxies(url))
    cloud = CLOUDS.get(name or "public")
    if cloud is None:
        raise BadInputError(f"--cloud {name!r} is not one of {', '.join(CLOUDS)}")
    return cloud


@asynccontextmanager
async def open_session(
    cloud: Cloud, auth: str, versions: Versions = VERSIONS, watch: Watch | None = None
) -> AsyncIterator[Session]:
    """Open a session; everything it holds is closed at the end. `watch` sees what its Reader reads.

    Raises:
        BadInputError: `auth` lacks what it needs in the environment, or the CA cannot be read.
    """
    # The SDKs log what they also raise; without a handler Python would print it.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    # What the machine trusts aiohttp has read already; to read it again takes tens of milliseconds.
    trusted = tls(ca_file) if (ca_file := _ca_file()) else True
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=trusted)
    async with aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(_one_attempt,),
    ) as web:
        transport = _Transport(web, _proxies(cloud.endpoint))
        credential = credential_for(auth, cloud, transport)
        budget, clock = Budget(), AzureClock()
        reading = partial(reading_policies, cloud, credential, budget, clock, watch)

        def writing() -> SdkClients:
            policies = partial(writing_policies, cloud, credential, budget, clock)
            return SdkClients(cloud, versions, credential, policies, transport)

        client: AsyncARMPipelineClient[Any, Any] = AsyncARMPipelineClient(
            base_url=cloud.endpoint, policies=reading(), transport=transport
        )
        exploring = SdkClients(cloud, versions, credential, reading, transport)
        try:
            reader = ArmReader(cloud, versions, client, clock, exploring)
            yield Session(cloud, reader, clock, versions, writing, credential)
        finally:
            await credential.close()


async def _one_attempt(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Leave repeating to the pipeline, which knows what may have been carried out.

    aiohttp itself sends again, without a word, what is not a POST and was on a connection that was
    cut: a lock that went the first time looked as if its removal had been refused.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error) or type(error).__name__) from error


class _Transport(AioHttpTransport):  # type: ignore[misc]  # untyped in azure-core
    """The SDK's aiohttp transport on a session of ours, with the proxy settings read once.

    Left to itself it consults netrc and environment for every request, through a thread pool.
    """

    def __init__(self, web: aiohttp.ClientSession, proxies: dict[str, str]) -> None:
        super().__init__(
            session=web, session_owner=False, use_env_settings=False, read_timeout=READ_TIMEOUT
        )
        self._proxies = proxies

    async def send(self, request: Any, **config: Any) -> Any:
        """Send through the proxy that the environment names, if any."""
        if self._proxies:
            config.setdefault("proxies", self._proxies)
        return await super().send(request, **config)


def _ca_file() -> str | None:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or None


def _proxies(endpoint: str) -> dict[str, str]:
    """The environment's proxies, unless it (NO_PROXY) or nature excepts this endpoint."""
    if is_loopback(endpoint) or proxy_bypass(urlsplit(endpoint).hostname or ""):
        return {}
    return {scheme: url for scheme, url in getproxies().items() if scheme in ("http", "https")}
