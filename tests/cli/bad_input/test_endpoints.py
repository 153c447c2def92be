"""An endpoint that is no valid address, that is not ARM, or where nobody answers."""

import socket
import threading
from typing import Any

import pytest

from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB
from tests.cli.bad_input.stranger import server
from tests.complaints import complaint


def test_an_endpoint_where_nobody_listens(run: Run) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        for auth in ("token", "env"):
            said = complaint(run("--job-id", JOB, "--arm-endpoint", url, "--auth", auth), 1)
            assert url.removeprefix("http://") in said
            assert "check" in said


@pytest.mark.parametrize(
    "body",
    ["<html><body>Welcome</body></html>", [1, 2], "", {"value": "no job"}, {"properties": []}],
    ids=["html", "a list", "nothing", "another object", "a broken object"],
)
def test_an_endpoint_that_is_not_arm(here: Run, body: Any) -> None:
    with server(lambda _: body) as (url, asked):
        complaint(here("--job-id", JOB, "--yes", "--arm-endpoint", url), 1)
        found = complaint(here("--job-id", JOB, "--yes", "--arm-endpoint", url, "--auth", "env"), 1)
    assert f"{url}/metadata/endpoints" in found
    assert "not with the endpoints of an Azure Resource Manager" in found
    assert {method for method, _, _ in asked} == {"GET"}
    assert [token for _, path, token in asked if path == "/metadata/endpoints"] == [None]


def test_a_404_that_is_not_arms_is_not_taken_for_an_absent_job(here: Run) -> None:
    with server(lambda _: "<html>Not Found</html>", status=404) as (url, _):
        said = complaint(here("--job-id", JOB, "--yes", "--arm-endpoint", url), 1)
    assert "(404)" in said
    assert "no such job" not in said


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_never_follows_a_redirect(run: Run, status: int) -> None:
    with (
        server(lambda _: {}) as (elsewhere, stolen),
        server(lambda _: "", status, {"Location": f"{elsewhere}/stolen"}) as (url, asked),
    ):
        said = complaint(run("--job-id", JOB, "--yes", "--arm-endpoint", url), 1)
        complaint(run("--job-id", JOB, "--yes", "--arm-endpoint", url, "--auth", "env"), 1)
    assert f"answered {status}" in said
    assert stolen == []
    assert len(asked) == 2


def test_an_endpoint_that_does_not_speak_http(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        said = complaint(run("--job-id", JOB, "--arm-endpoint", url, "--auth", "env"), 1)
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert url in said


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://management.example.invalid", "plain http is for this machine only"),
        ("http://localhost.example.invalid", "plain http is for this machine only"),
        ("http://127.0.0.1@example.invalid", "is not an ARM endpoint"),
        ("https://user:word@example.invalid", "is not an ARM endpoint"),
        ("https://example.invalid/subscriptions", "carries a path"),
        ("https://example.invalid?x=1", "carries a path"),
        ("management.azure.com", "is not an ARM endpoint"),
        ("ftp://127.0.0.1", "is not an ARM endpoint"),
        ("https://", "is not an ARM endpoint"),
        ("http://[::1", "is not an ARM endpoint"),
        ("https://example.invalid:port", "is not an ARM endpoint"),
        ("https://example.invalid:99999", "is not an ARM endpoint"),
        ("https://exam ple.invalid", "is not an ARM endpoint"),
    ],
)
def test_an_invalid_endpoint(here: Run, url: str, says: str) -> None:
    assert says in complaint(here("--job-id", JOB, "--arm-endpoint", url), 64)
