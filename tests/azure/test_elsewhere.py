"""The tool follows no address in an answer that leads to another server."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.ailing import locked_twice
from tests.clouds import fast
from tests.evidence import fix, results, sent


class Elsewhere:
    """Another party's server. It keeps everything that it receives."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.received: list[bytes] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                caller, _ = self._socket.accept()
            except TimeoutError:
                continue
            with caller:
                caller.settimeout(0.5)
                try:
                    self.received.append(caller.recv(65536))
                except OSError:
                    self.received.append(b"")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        yield server


def test_the_other_server_would_notice_a_visit(elsewhere: Elsewhere) -> None:
    with socket.create_connection(("127.0.0.1", int(elsewhere.url.rsplit(":", 1)[1]))) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert caller.recv(1) == b""
    assert elsewhere.received == [b"GET / HTTP/1.1\r\n\r\n"]


def test_a_next_page_elsewhere_is_not_fetched(elsewhere: Elsewhere, tmp_path: Path) -> None:
    with fast(locked_twice(tmp_path, "subscription")) as azure:
        azure.fault("half-page", method="GET", path="/locks$", times=None)
        azure.fault("foreign-link", path="/locks$", times=None, host=elsewhere.url)
        ended = fix(azure, tmp_path).check(3)
        assert azure.writes() == []
        assert "refused to follow an address outside" in " ".join(ended.out.split())
    assert elsewhere.received == []


@pytest.mark.parametrize(
    ("name", "write"),
    [("extension-stuck", "DELETE"), ("limit-reached", "POST")],
    ids=["its effect is seen without it", "its job is in the list"],
)
def test_an_operation_elsewhere_is_not_followed(
    name: str, write: str, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    with fast(name) as azure:
        path = "/backup$" if write == "POST" else "/extensions/"
        azure.fault("foreign-link", method=write, path=path, times=None, host=elsewhere.url)
        ended = fix(azure, tmp_path, "--timeout", "1h")
        ended.check(0)
        assert len(sent(azure, write, path.rstrip("$") + ".*")) == 1
        # Azure accepted the request. It stays accepted although nobody could follow it.
        assert results(tmp_path) == ["applied", "applied"]
        assert any("refused to follow an address outside" in s for s in ended.err.splitlines())
    assert elsewhere.received == []
