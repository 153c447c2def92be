"""A server that gives recorded answers in the recorded order."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from tests.conformance.cassette import Pair

RECORDED_HOST = "https://management.azure.com"
KEPT = ("azure-asyncoperation", "location", "content-type", "date", "x-ms-failure-cause")


class Replay:
    """Recorded answers by method and path. The last answer of a path is repeated.

    azure-cli followed an operation through the vault's `backupOperations`. The header of the same
    answer names the item's `operationsStatus`. Both name the same operation, so each gets the
    recorded answers of the other.
    """

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._answers: defaultdict[tuple[str, str], deque[Pair]] = defaultdict(deque)
        for pair in pairs:
            self._answers[_key(pair.method, pair.path)].append(pair)
        self.asked: list[str] = []
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                replay.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Give the next recorded answer, with this server's address instead of Azure's."""
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(handler.path).path)
        self.asked.append(f"{handler.command} {path}")
        queue = self._answers.get(_key(handler.command, path))
        if not queue:
            handler.send_response(404)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        pair = queue.popleft() if len(queue) > 1 else queue[0]
        body = b"" if pair.body is None else json.dumps(pair.body).encode()
        handler.send_response(pair.status)
        for name in KEPT:
            if name in pair.headers:
                handler.send_header(name, pair.headers[name].replace(RECORDED_HOST, self.url))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _key(method: str, path: str) -> tuple[str, str]:
    parts = path.lower().strip("/").split("/")
    if parts[-2] == "operationsstatus":
        parts = [*parts[: parts.index("vaults") + 2], "backupoperations", parts[-1]]
    return method, "/".join(parts)
