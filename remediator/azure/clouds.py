"""Where Azure is: one of the three public clouds, or any endpoint that speaks ARM."""

import asyncio
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession

from remediator.azure.answers import read_json
from remediator.errors import AzureError, BadInputError

METADATA_VERSION: Final = "2022-09-01"
DISCOVERY_TIMEOUT: Final = 30.0
"""Seconds for the one request that asks an endpoint for its identity."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """An Azure Resource Manager endpoint, and the authority that issues tokens for it."""

    name: str
    endpoint: str
    """The URL without a trailing slash."""
    scope: str
    authority: str
    well_known: bool = True
    """Whether it is one of Microsoft's own clouds.

    Only then can its authority be checked against the public list.
    """
    backup_app_id: str | None = None
    """The application id of Azure Backup's own service in this cloud.

    Source: Backup and restore encrypted Azure VMs. None if no source tells it.
    """


# Endpoints, scopes and authorities are those of azure-mgmt-core and azure-identity.
CLOUDS: Final[dict[str, Cloud]] = {
    "public": Cloud(
        "public",
        "https://management.azure.com",
        "https://management.azure.com/.default",
        "https://login.microsoftonline.com",
        backup_app_id="262044b1-e2ce-469f-a196-69ab7ada62d3",
    ),
    "china": Cloud(
        "china",
        "https://management.chinacloudapi.cn",
        "https://management.chinacloudapi.cn/.default",
        "https://login.chinacloudapi.cn",
        # The Chinese documentation prints the public cloud's id; this is not verified.
        backup_app_id="262044b1-e2ce-469f-a196-69ab7ada62d3",
    ),
    "usgov": Cloud(
        "usgov",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net/.default",
        "https://login.microsoftonline.us",
        backup_app_id="ff281ffe-705c-4f53-9f37-a40e6f2c68f3",
    ),
}


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine. Only then is plain http allowed."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_endpoint(url: str) -> str:
    """The ARM endpoint that the person gave, without a trailing slash.

    Raises:
        BadInputError: the text is not a URL of a host, or it is plain http to another machine.
    """
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError
        if "@" in parts.netloc or any(c.isspace() for c in parts.netloc):
            raise ValueError
    except ValueError:  # from here, or from urllib: an open bracket, or a port that is not a number
        raise BadInputError(
            f"{url!r} is not an ARM endpoint; expected https://HOST[:PORT]"
        ) from None
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise BadInputError(f"{url!r} carries a path; an ARM endpoint is https://HOST[:PORT]")
    if parts.scheme == "http" and not is_loopback(url):
        raise BadInputError(f"{url!r}: plain http is for this machine only; use https")
    return f"{parts.scheme}://{parts.netloc}"


def tls(ca_file: str) -> ssl.SSLContext:
    """A TLS context that trusts the certificates of a CA file.

    Raises:
        BadInputError: the CA file cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadInputError(
            f"cannot read the CA file {ca_file}: {error}; check REQUESTS_CA_BUNDLE"
        ) from None


async def discover(url: str, web: ClientSession, proxies: dict[str, str]) -> Cloud:
    """Ask an endpoint for its audience and authority, as `az cloud register` does.

    No token is sent, and no redirect is followed.

    Raises:
        AzureError: the endpoint does not answer, or not as an ARM endpoint does.
    """
    address = f"{url}/metadata/endpoints?api-version={METADATA_VERSION}"
    proxy = proxies.get(urlsplit(url).scheme)
    try:
        async with (
            asyncio.timeout(DISCOVERY_TIMEOUT),
            web.get(address, allow_redirects=False, proxy=proxy) as answer,
        ):
            status, body = answer.status, await answer.read()
    except (ClientError, OSError, ValueError) as error:
        reason = " ".join(str(error).replace(" ssl:default", "").split())
        slow = f"no answer within {DISCOVERY_TIMEOUT:.0f} seconds"
        raise AzureError(
            f"cannot reach {url}: {reason or slow}; check --arm-endpoint, the network and the CA "
            "(REQUESTS_CA_BUNDLE)",
            code="ConnectionFailed",
        ) from None
    try:
        found = read_json(body)
        found = found[0] if isinstance(found, list) else found
        audience = found["authentication"]["audiences"][0]
        authority = found["authentication"]["loginEndpoint"]
        if not (isinstance(audience, str) and isinstance(authority, str)):
            raise TypeError
    except (ValueError, LookupError, TypeError):
        raise AzureError(
            f"{address} answered {status}, but not with the endpoints of an Azure Resource Manager",
            code="NotAnArmEndpoint",
            status=status,
        ) from None
    return Cloud(
        "custom", url, audience.rstrip("/") + "/.default", authority.rstrip("/"), well_known=False
    )
