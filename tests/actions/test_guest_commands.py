"""A guest runs one command at a time. How a command ends, or the tool stops following it."""

import http.server
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.actions.guests import ALLOWED, VM, answer, arguments_of, cloud, guest, run, scripts
from tests.command import environment, remediate
from tests.cut_short import cloud as fast_cloud
from tests.cut_short import killed_during
from tests.evidence import record, records, results, running, scenario, triggered, until


def test_a_busy_guest_is_waited_for(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault(
            "error", status=409, code="Conflict", method="POST", path="/runCommand$", times=10
        )
        run(azure, tmp_path, *ALLOWED).check(0)
        assert [r["status"] for r in scripts(azure)] == [409] * 10 + [202]


def test_two_runs_never_overlap_in_one_guest(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer(), takes="30m")) as azure:
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        second.mkdir()
        ours = arguments_of(azure, tmp_path, *ALLOWED, "--yes")
        with running(azure, first, *ours) as one, running(azure, second, *ours) as two:
            one.end()
            two.end()
        posts = sorted(scripts(azure), key=lambda request: request["arrived_order"])
        accepted = [r for r in posts if r["status"] == 202]
        assert 1 <= len(accepted) <= 2
        assert any(r["status"] == 409 for r in posts)
        assert all(s["status"] == "succeeded" for s in azure.state()["vms"][0]["scripts"])


@pytest.mark.parametrize("code", ["OperationNotAllowed", "ScopeLocked"])
def test_another_refusal_is_not_taken_for_a_busy_guest(code: str, tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault("error", status=409, code=code, method="POST", path="/runCommand$", times=None)
        run(azure, tmp_path, *ALLOWED).check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path) == ["failed", "not-reached"]


@pytest.mark.parametrize("busy", [False, True])
def test_a_command_that_never_ends_is_left_when_the_time_is_up(busy: bool, tmp_path: Path) -> None:
    path = scenario(tmp_path, VM | {"guest": guest(answer(), takes="90d")})
    with SimulatorProcess(path, time="stepped") as azure:
        if busy:
            azure.fault("error", status=409, code="Conflict", path="/runCommand$", times=None)
        began = time.monotonic()
        env = environment(azure, tmp_path) | {"REMEDIATE_POLL_INTERVAL": "1"}
        ours = arguments_of(azure, tmp_path, *ALLOWED)
        remediate(*ours, "--yes", "--timeout", "3s", env=env).check(3)
        assert time.monotonic() - began < 20
        (text,) = [e["outcome"]["text"] for e in record(tmp_path) if e["kind"] == "outcome"][:1]
        assert results(tmp_path) == ["failed" if busy else "uncertain", "not-reached"]
        assert ("not sent" if busy else "may still run") in text
        assert triggered(azure) == []


def test_a_command_that_fails_is_followed_by_no_backup(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault(
            "lro-fails", path="/runCommand$", code="VMAgentStatusCommunicationError", message="No."
        )
        ended = run(azure, tmp_path, *ALLOWED).check(3)
        assert "VMAgentStatusCommunicationError" in ended.out
        assert results(tmp_path) == ["failed", "not-reached"]
        assert triggered(azure) == []


def test_a_script_whose_answer_is_lost_may_have_changed_the_guest(tmp_path: Path) -> None:
    lost = guest(answer("vss-service"), exit=1) | {"fails_with_script": True}
    with cloud(tmp_path, os="windows", guest=lost) as azure:
        ended = run(azure, tmp_path, *ALLOWED, script="vss-service").check(3)
        told = " ".join(ended.out.split())
        assert "script vss-service ended with an error, and its answer is lost" in told
        assert r"look into C:\ProgramData\remediate\undo in the guest" in told
        assert len(scripts(azure)) == 1
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert triggered(azure) == []
        remediate("resume", "--yes", env=environment(azure, tmp_path))
        assert len(scripts(azure)) == 1
        assert triggered(azure) == []


def test_a_lost_answer_of_a_script_that_only_looks_holds_nothing_up(tmp_path: Path) -> None:
    lost = guest(answer("diagnose-windows"), exit=1) | {"fails_with_script": True}
    with cloud(tmp_path, os="windows", guest=lost) as azure:
        ended = run(azure, tmp_path, *ALLOWED, script="diagnose-windows").check(0)
        assert "its answer is lost; it only looks" in " ".join(ended.out.split())
        assert results(tmp_path) == ["unsettled", "applied"]
        assert len(triggered(azure)) == 1


@pytest.mark.parametrize("os", ["windows", "linux"])
def test_a_host_that_does_not_tell_the_code_gives_the_answer(os: str, tmp_path: Path) -> None:
    script = {"windows": "vss-service", "linux": "fs-freeze"}[os]
    with cloud(tmp_path, os=os, guest=guest(answer(script), exit=1)) as azure:
        run(azure, tmp_path, *ALLOWED, script=script).check(0)
        assert results(tmp_path) == ["applied", "applied"]


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "answer lost"])
def test_a_script_that_a_killed_process_may_have_sent_is_not_sent_again(
    lost: bool, tmp_path: Path
) -> None:
    said = guest(answer("vss-service"), exit=int(lost)) | {"fails_with_script": True}
    with fast_cloud(scenario(tmp_path, VM | {"os": "windows", "guest": said})) as azure:
        ours = arguments_of(azure, tmp_path, *ALLOWED, script="vss-service")[2:]
        killed_during(azure, tmp_path, *ours, method="POST", path="/runCommand$")
        remediate("resume", "--yes", env=environment(azure, tmp_path)).check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert triggered(azure) == []


def test_a_command_whose_fate_is_unknown_is_not_sent_again(tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        azure.fault("cut-after", method="POST", path="/runCommand$")
        run(azure, tmp_path, *ALLOWED).check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert triggered(azure) == []


class Between(http.server.BaseHTTPRequestHandler):
    """Passes everything on to the simulator, but replaces the body of a command's last answer."""

    azure: str
    body: bytes
    last: bool
    """True: replace the result. False: replace the status that says that the operation ended."""

    def _pass(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = urllib.request.Request(  # noqa: S310 - our own child process
            self.azure + self.path,
            method=self.command,
            data=self.rfile.read(length) if length else None,
            headers=dict(self.headers.items()),
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                status, headers, body = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, headers, body = error.code, error.headers, error.read()
        if b"[stdout]" in body and ("monitor=true" in self.path) is self.last:
            body = self.body
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815 - named by the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: the simulator keeps the log."""


@pytest.mark.parametrize(
    ("last", "body"),
    [
        (True, b""),
        (True, b"<html>"),
        (True, b"null"),
        (True, b"[]"),
        (True, b'{"value": 7}'),
        (True, b'{"value": [{"message": {"a": 1}}]}'),
        (False, b""),
        (False, b"<html>"),
        (False, b"[]"),
    ],
)
def test_an_end_that_cannot_be_read_is_no_answer(last: bool, body: bytes, tmp_path: Path) -> None:
    with cloud(tmp_path, guest=guest(answer())) as azure:
        handler = type("Handler", (Between,), {"azure": azure.url, "body": body, "last": last})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as between:
            threading.Thread(target=between.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{between.server_port}"
            env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": url}
            ours = arguments_of(azure, tmp_path, *ALLOWED)
            ended = remediate(*ours, "--yes", env=env)
            between.shutdown()
        ended.check(3)
        assert len(scripts(azure)) == 1
        assert results(tmp_path)[0] in ("unsettled", "uncertain")
        assert results(tmp_path)[1:] == ["not-reached"]
        assert triggered(azure) == []


def test_ctrl_c_while_it_runs_says_that_it_may_have_had_effect(tmp_path: Path) -> None:
    path = scenario(tmp_path, VM | {"guest": guest(answer(), takes="90d")})
    with SimulatorProcess(path, time="stepped") as azure:
        ours = arguments_of(azure, tmp_path, *ALLOWED, "--yes")
        with running(azure, tmp_path, *ours) as command:
            until(lambda: scripts(azure), "the script is sent")
            command.process.send_signal(2)
            assert command.end().code == 130
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert len(records(tmp_path)) == 1
