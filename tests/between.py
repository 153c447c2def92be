"""A man in the middle on loopback. Between command and simulator, rules alter each answer.

Use it as ``with Between(azure) as middle: middle.rules = [rule]``, and point the command at
`middle.url`. The simulator sees the host name that the command used. So the addresses in its
answers lead back to the man in the middle.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from yarl import URL

from remediator.simulator.process import SimulatorProcess

_OF_THE_HOP = {"connection", "content-length", "keep-alive", "server", "transfer-encoding"}
"""Headers of one connection. They are made anew for the next connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the command sent it."""

    method: str
    path: str
    """The path with its query."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer from the simulator, or one that goes on to the command."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    wait: float = 0.0
    """The answer is held back for so many real seconds. Other answers may overtake it."""
    cut: bool = False
    """Cut the connection instead of sending the answer."""

    def json(self) -> Any:
        """The content as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def saying(self, body: Any) -> "Told":
        """The same answer with another JSON body."""
        return replace(self, content=json.dumps(body, ensure_ascii=False).encode())


Rule = Callable[[Asked, Told], Told]
"""A rule turns an answer into the next one. Each rule gets the result of the rule before it."""


class Between:
    """Passes requests and answers on, in a thread of its own."""

    def __init__(self, azure: SimulatorProcess) -> None:
        self.rules: list[Rule] = []
        self.url = ""
        self._azure = azure
        self._ready: Future[str] = Future()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="between", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = self._ready.result(30)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with aiohttp.ClientSession(
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            middlewares=(_one_attempt,),
        ) as onward:

            async def handle(request: web.BaseRequest) -> web.StreamResponse:
                return await self._pass(request, onward)

            runner = web.ServerRunner(web.Server(handle, access_log=None))
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self._ready.set_result(f"http://127.0.0.1:{runner.addresses[0][1]}")
                await self._over.wait()
            finally:
                await runner.cleanup()

    async def _pass(
        self, request: web.BaseRequest, onward: aiohttp.ClientSession
    ) -> web.StreamResponse:
        # If anything stands before the path, it names this hop.
        path = "/" + request.raw_path.partition("://")[2].partition("/")[2]
        path = request.raw_path if request.raw_path.startswith("/") else path
        sent = await request.read()
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _OF_THE_HOP}
        address = URL(self._azure.url + path, encoded=True)
        try:
            async with onward.request(
                request.method, address, headers=headers, data=sent, allow_redirects=False
            ) as answer:
                kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in _OF_THE_HOP]
                told = Told(answer.status, tuple(kept), await answer.read())
        except aiohttp.ClientError:
            return _cut(request)
        for rule in self.rules:
            told = rule(Asked(request.method, path), told)
        await asyncio.sleep(told.wait)
        if told.cut:
            return _cut(request)
        response = web.Response(status=told.status, body=told.content or None)
        response.headers.popall("Content-Type", None)
        for name, value in told.headers:
            response.headers.add(name, value)
        return response


def _cut(request: web.BaseRequest) -> web.Response:
    """End the connection without an answer."""
    with suppress(AttributeError):
        request.transport.abort()  # type: ignore[union-attr]  # it may be gone already
    return web.Response(status=502)


async def _one_attempt(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a request whose connection was cut: the command must see it."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error
