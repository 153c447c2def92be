"""A session with Azure: one transport, one credential, one rate limit, a Reader and a Writer."""

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from azure.mgmt.core import AsyncARMPipelineClient

from remediator.azure.clouds import CLOUDS, Cloud, check_endpoint, discover, is_loopback, tls
from remediator.azure.credentials import SharedCredential, claims_of, credential_for
from remediator.azure.policies import AzureClock, reading_policies, writing_policies
from remediator.azure.ratelimit import Budget
from remediator.azure.reader import ArmReader
from remediator.azure.sdk import SdkClients
from remediator.azure.transport import Transport, open_web
from remediator.azure.versions import VERSIONS, Versions
from remediator.azure.watching import Tell, Watch
from remediator.azure.writer import ArmWriter, full_url
from remediator.change.operations import Operation
from remediator.change.step import Request
from remediator.errors import BadInputError, did_you_mean
from remediator.record.authority import Identity


@dataclass(frozen=True, slots=True)
class Session:
    """The session that a command holds. Only `writer` makes a Writer, when a plan is applied."""

    cloud: Cloud
    reader: ArmReader
    clock: AzureClock
    versions: Versions
    _writing: Any = field(repr=False)
    _credential: SharedCredential = field(repr=False)

    @property
    def endpoint(self) -> str:
        """The URL of the Resource Manager."""
        return self.cloud.endpoint

    @property
    def backup_app_id(self) -> str | None:
        """The application id of Azure Backup's own service in this cloud."""
        return self.cloud.backup_app_id

    def writer(self, poll: float) -> ArmWriter:
        """The Writer. `poll` is the seconds between looks at a long-running operation."""
        return ArmWriter(self._writing(), poll)

    async def who(self) -> Identity:
        """The owner of the access token, for the audit trail.

        Raises:
            AzureError: nobody can sign in.
        """
        token = await self._credential.get_token(self.cloud.scope)
        return Identity.of(claims_of(token.token))

    def addressed(self, operation: Operation, request: Request) -> Request:
        """The request with the URL that it will be sent to."""
        url = full_url(self.cloud.endpoint, self.versions, operation, request.url)
        return request.model_copy(update={"url": url})


def find_cloud(name: str | None, arm_endpoint: str | None, auth: str) -> Cloud:
    """The cloud that the person named.

    A custom endpoint is asked for its audience and authority, unless the person gives a token.

    Raises:
        BadInputError: both were given as flags, or the name is unknown.
        AzureError: a custom endpoint does not answer as ARM does.
        RuntimeError: a custom endpoint must be asked, but the caller is inside an event loop.
    """
    if name and arm_endpoint:
        # A flag wins over the environment, even if the environment uses the other of the two.
        if arm_endpoint == os.environ.get("REMEDIATE_ARM_ENDPOINT"):
            arm_endpoint = None
        elif name != os.environ.get("REMEDIATE_CLOUD"):
            raise BadInputError("give --cloud or --arm-endpoint, not both")
    if arm_endpoint:
        url = check_endpoint(arm_endpoint)
        if auth == "token":
            return Cloud("custom", url, f"{url}/.default", url, well_known=False)
        return asyncio.run(_discovered(url))
    cloud = CLOUDS.get(name or "public")
    if cloud is None:
        near = did_you_mean(str(name), CLOUDS)
        raise BadInputError(f"--cloud {name!r} is not one of {', '.join(CLOUDS)}{near}")
    return cloud


async def _discovered(url: str) -> Cloud:
    async with open_web(_trusted()) as web:
        return await discover(url, web, _proxies(url))


@asynccontextmanager
async def open_session(
    cloud: Cloud,
    auth: str,
    versions: Versions = VERSIONS,
    watch: Watch | None = None,
    tell: Tell | None = None,
) -> AsyncIterator[Session]:
    """Open a session, and close it at the end.

    `watch` sees each answer that its Reader reads. `tell` is told each attempt of each request.

    Raises:
        BadInputError: `auth` lacks a variable that it needs, or the CA file cannot be read.
    """
    # The SDKs also log the errors that they raise. Without a handler Python would print them.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    async with open_web(_trusted()) as web:
        transport = Transport(web, _proxies(cloud.endpoint))
        credential = credential_for(auth, cloud, transport)
        budget, clock = Budget(), AzureClock()

        def writing() -> SdkClients:
            policies = partial(writing_policies, cloud, credential, budget, clock, tell)
            return SdkClients(cloud, versions, credential, policies, transport)

        client: AsyncARMPipelineClient[Any, Any] = AsyncARMPipelineClient(
            base_url=cloud.endpoint,
            policies=reading_policies(cloud, credential, budget, clock, watch, tell),
            transport=transport,
        )
        try:
            reader = ArmReader(cloud, versions, client, clock)
            yield Session(cloud, reader, clock, versions, writing, credential)
        finally:
            await credential.close()


def _trusted() -> ssl.SSLContext | bool:
    """The certificates to trust: those of a CA file if there is one, else those of this machine.

    aiohttp has already read those of this machine. Reading them again takes tens of milliseconds.
    """
    return tls(ca_file) if (ca_file := _ca_file()) else True


def _ca_file() -> str | None:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or None


def _proxies(endpoint: str) -> dict[str, str]:
    """The proxies of the environment.

    Empty if NO_PROXY excludes the endpoint, or if the endpoint is this machine.
    """
    if is_loopback(endpoint) or proxy_bypass(urlsplit(endpoint).hostname or ""):
        return {}
    return {scheme: url for scheme, url in getproxies().items() if scheme in ("http", "https")}
