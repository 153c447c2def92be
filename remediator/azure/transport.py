"""The connection to Azure: one attempt at a time, with limits on time and size.

Every request goes through here, also those of Azure's own clients and of the sign-in.
"""

import asyncio
import ssl
from typing import Any, Final

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from remediator.azure.answers import unreadable
from remediator.azure.retry import WAITS, retry_after
from remediator.patience import LONGEST_PAUSE, time_left
from remediator.redaction import without

CONNECTIONS: Final = 256
"""Connections at the same time. aiohttp's default of 100 limits a fleet to 100 / latency."""

CONNECT_WITHIN: Final = 20
"""Seconds to make a connection."""

ANSWER_WITHIN: Final = 70
"""Seconds for one attempt, from the connection to the last byte.

ARM answers within one minute, or says 202.
"""

LOOK_WITHIN: Final = 10
"""Seconds for a read that begins when the time of its task is used up."""

ANSWER_AT_MOST: Final = 64 * 1024 * 1024
"""How many bytes an answer may have, unpacked."""


def open_web(trusted: ssl.SSLContext | bool) -> aiohttp.ClientSession:
    """A session that reads every answer whole and within limits, before a caller gets it.

    Args:
        trusted: the certificates to trust; True for those that this machine trusts.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=trusted),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(_one_attempt,),
        response_class=_Whole,
    )


class _Whole(aiohttp.ClientResponse):
    """An answer that is read once, whole, and within limits."""

    whole: bytes | None = None

    async def read(self) -> bytes:
        """The unpacked bytes, without the token that the request was sent with.

        Raises:
            AzureError: there are too many bytes.
        """
        if self.whole is None:
            try:
                came = await self._all()
            except BaseException:
                self.close()  # the rest of the answer is not awaited
                raise
            self.whole = without(came, token_of(self.request_info.headers))
        return self.whole

    async def _all(self) -> bytes:
        parts, size = [], 0
        async for part in self.content.iter_any():
            size += len(part)
            if size > ANSWER_AT_MOST:
                raise unreadable(
                    f"{self.method} {self.url.path}",
                    f"it is larger than {ANSWER_AT_MOST >> 20} MB",
                    status=self.status,
                    arrived=None,
                )
            parts.append(part)
        return b"".join(parts)


async def _one_attempt(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once. The pipeline decides on repeating: it knows what may have been done.

    aiohttp silently sends a request again if its connection was cut and it is not a POST. A lock
    that was removed the first time then looked as if its removal had been refused.
    """
    within: float = ANSWER_WITHIN
    if request.method in ("GET", "HEAD"):
        # The fate of a change is worth the time; a read can be repeated.
        within = min(within, max(LOOK_WITHIN, time_left()))
    try:
        async with asyncio.timeout(within):
            response = await handler(request)
            await response.read()
            return response
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except TimeoutError:
        raise TimeoutError(f"no whole answer within {within:.0f} seconds") from None
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error) or type(error).__name__) from error


class Transport(AioHttpTransport):  # type: ignore[misc]  # untyped in azure-core
    """The SDK's aiohttp transport on our session. It reads the proxy settings only once.

    Without this, it would consult netrc and the environment for every request, through a thread
    pool.
    """

    def __init__(self, web: aiohttp.ClientSession, proxies: dict[str, str]) -> None:
        super().__init__(
            session=web,
            session_owner=False,
            use_env_settings=False,
            connection_timeout=CONNECT_WITHIN,
            read_timeout=ANSWER_WITHIN,
        )
        self._proxies = proxies

    async def send(self, request: Any, **config: Any) -> Any:
        """Send the request through the environment's proxy, if there is one."""
        if self._proxies:
            config.setdefault("proxies", self._proxies)
        response = await super().send(request, **config)
        _made_plain(response.headers, token_of(request.headers))
        return response

    async def sleep(self, duration: float) -> None:
        """Wait as the SDK asks, up to a limit. Its retries and pollers would obey any answer."""
        await super().sleep(min(duration, LONGEST_PAUSE))


def token_of(headers: Any) -> str:
    """The bearer token in a request's headers. Empty if there is none."""
    scheme, _, token = str(headers.get("Authorization", "")).partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _made_plain(headers: Any, token: str) -> None:
    """Keep one readable header that asks to wait, so that the SDK can read it. Mask the token."""
    wait = retry_after(headers)
    for name in WAITS:
        headers.popall(name, None)
    if wait is not None:
        headers["Retry-After"] = f"{wait:.3f}".removesuffix(".000")
    together = "\n".join(headers.values())  # no token has a line break
    if without(together, token) == together:
        return
    for name, said in list(headers.items()):
        if said != (masked := without(said, token)):
            headers[name] = masked
