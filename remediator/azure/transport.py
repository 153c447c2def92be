"""The connection to Azure: one attempt at a time, with bounds on time and size.

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
"""At once; aiohttp's own default of 100 caps a fleet's throughput at 100 / latency."""

CONNECT_WITHIN: Final = 20
"""Seconds for a connection."""

ANSWER_WITHIN: Final = 70
"""Seconds for one attempt, from the connection to the last byte. ARM answers within one minute, or
says 202."""

LOOK_WITHIN: Final = 10
"""Seconds for an attempt that only reads, where the time for the whole is used up."""

ANSWER_AT_MOST: Final = 64 * 1024 * 1024
"""Bytes of an answer, unpacked."""


def open_web(trusted: ssl.SSLContext | bool) -> aiohttp.ClientSession:
    """A session in which every answer is read whole, within bounds, before anybody gets it.

    Args:
        trusted: whom to trust; True for what this machine trusts.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=trusted),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(_one_attempt,),
        response_class=_Whole,
    )


class _Whole(aiohttp.ClientResponse):
    """An answer that is read once, whole, and not beyond its bounds."""

    whole: bytes | None = None

    async def read(self) -> bytes:
        """The bytes, unpacked, and without the token that the request was sent with.

        Raises:
            AzureError: there are too many.
        """
        if self.whole is None:
            try:
                came = await self._all()
            except BaseException:
                self.close()  # what is left of it is not waited for
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
    """Leave repeating to the pipeline, which knows what may have been carried out.

    aiohttp itself sends again, without a word, what is not a POST and was on a connection that was
    cut: a lock that went the first time looked as if its removal had been refused.
    """
    within: float = ANSWER_WITHIN
    if request.method in ("GET", "HEAD"):
        # What became of a change is worth its time; a look can be repeated.
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
    """The SDK's aiohttp transport on a session of ours, with the proxy settings read once.

    Left to itself it consults netrc and environment for every request, through a thread pool.
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
        """Send through the proxy that the environment names, if any."""
        if self._proxies:
            config.setdefault("proxies", self._proxies)
        response = await super().send(request, **config)
        _made_plain(response.headers, token_of(request.headers))
        return response

    async def sleep(self, duration: float) -> None:
        """Wait as the SDK asks: its retries and its pollers obey an answer without limit."""
        await super().sleep(min(duration, LONGEST_PAUSE))


def token_of(headers: Any) -> str:
    """The bearer token among a request's headers; empty where there is none."""
    scheme, _, token = str(headers.get("Authorization", "")).partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _made_plain(headers: Any, token: str) -> None:
    """Leave one readable header that asks to wait, which the SDK reads as well; mask the token."""
    wait = retry_after(headers)
    for name in WAITS:
        headers.popall(name, None)
    if wait is not None:
        headers["Retry-After"] = f"{wait:.3f}".removesuffix(".000")
    for name, said in list(headers.items()):
        if said != (masked := without(said, token)):
            headers[name] = masked
