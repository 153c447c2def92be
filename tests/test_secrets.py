"""No trace of a run holds a secret. Each secret is planted, and all traces are searched."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment, remediate
from tests.cut_short import cloud, killed_during
from tests.evidence import scenario

KEY = base64.b64encode(b"storage account key" * 3 + b"1234567").decode()
KEY_LINES = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n"
PLANTED = {
    "a SAS": "pLaNtEdSaS%2Fsig%2Bvalue%3D",
    "a storage key": KEY,
    "a private key": "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
    "a token": "ZXlKcGxhbnRlZA.c2lnbmF0dXJlLW9mLWEtdG9rZW4",
    "a client secret": "Zq18Q~planted-client-secret-0123456789ab",
    "a password": "planted-password-1",
}
TOLD = (
    "Upload to https://st.blob.core.windows.net/vhds/disk?sv=2024-11-04&sr=b"
    f"&sig={PLANTED['a SAS']} failed: DefaultEndpointsProtocol=https;AccountName=st;"
    f"AccountKey={KEY};EndpointSuffix=core.windows.net. Authorization: Bearer "
    f"eyJhbGciOiJIUzI1NiJ9.{PLANTED['a token']} with client_secret={PLANTED['a client secret']} "
    f"-----BEGIN PRIVATE KEY-----\n{KEY_LINES}-----END PRIVATE KEY----- "
    f"at postgresql://backup:{PLANTED['a password']}@db.example.invalid/x. The words stay."
)
ENVIRONMENT = {
    "AZURE_CLIENT_SECRET": "planted in the environment: client secret",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD": "planted in the environment: certificate",
    "AZURE_PASSWORD": "planted in the environment: password",
    "REMEDIATE_STATE_KEY": "planted in the environment: state key",
}
HISTORY = {"code": "UserErrorGuestAgentStatusUnavailable", "recommendations": [TOLD]}
VM = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "1s"},
    "history": [HISTORY | {"at": "1h ago", "message": TOLD}],
    "ailments": [{"code": "BackUpOperationFailed", "message": TOLD, "dynamic_message": TOLD}],
}


def bare(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return re.sub(rb"\s+", b"", raw)


class Traces:
    """The traces of a test's commands: streams and files."""

    def __init__(self, azure: SimulatorProcess, folder: Path) -> None:
        self.azure, self.folder = azure, folder
        self.env = environment(azure, folder) | ENVIRONMENT
        self.streams: list[str] = []
        self.job = azure.failed_jobs("web")[-1]

    def call(self, *arguments: str, **env: str) -> Ended:
        ended = remediate(*arguments, "--debug", env=self.env | env, cwd=self.folder)
        self.streams += [ended.out, ended.err]
        return ended

    def found(self) -> Iterator[tuple[str, bytes]]:
        """All traces, with a name each, except scenario files: the test writes those itself."""
        for number, stream in enumerate(self.streams):
            yield f"stream {number}", stream.encode()
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "scenario.yaml":
                yield str(path.relative_to(self.folder)), path.read_bytes()

    def check(self) -> None:
        token = self.azure.token
        signatures = {
            f"the signature of an operation ({name})": value
            for request in self.azure.requests()
            if "/operations/" in request["path"]
            for name, value in parse_qsl(urlsplit(request["url"]).query)
            if name in ("c", "s", "h")
        }
        secrets = PLANTED | ENVIRONMENT | {"our token": token} | signatures
        secrets |= {"our token's signature": token.rsplit(".", 1)[-1]}
        left = [
            f"{what} in {name}"
            for name, content in self.found()
            for what, secret in secrets.items()
            # The state of the engine must keep these signatures: a resumed run uses them to follow
            # an operation.
            if not (what in signatures and name.startswith("state.sqlite"))
            # Tables break long words, and JSON escapes some characters.
            if bare(secret) in (plain := bare(content)) or bare(json.dumps(secret)[1:-1]) in plain
        ]
        assert left == []


@pytest.fixture
def traces(tmp_path: Path) -> Iterator[Traces]:
    made = scenario(tmp_path, VM)
    with cloud(made, 4 * SPEED) as azure:
        yield Traces(azure, tmp_path)


ALLOW = ("--allow", "downtime")


def test_a_run_and_all_that_shows_it(traces: Traces) -> None:
    plan = str(traces.folder / "plan.json")
    shown = traces.call("--job-id", traces.job, "--dry-run", "--details", *ALLOW)
    assert "The words stay" in shown.out
    state = f"postgresql://backup:{PLANTED['a password']}@db.example.invalid/x"
    again = traces.call("--job-id", traces.job, "--dry-run", "--state", state, *ALLOW)
    assert "Apply it: remediate --job-id" in again.out
    traces.call("plan", "--job-id", traces.job, *ALLOW, "--out", plan).check(0)
    ended = traces.call("apply", plan, "--yes", *ALLOW, "--format", "json")
    assert ended.json()["verdict"]["ending"] != "recovered"
    assert any("/operations/" in request["path"] for request in traces.azure.requests())
    run = ended.json()["run_id"]
    for arguments in (
        ("show", plan),
        ("runs", "list"),
        ("runs", "show", run, "--format", "json"),
        ("audit", "show"),
        ("audit", "verify"),
        ("check", "--vm", "web", "--subscription", "11111111-1111-1111-1111-111111111111"),
        ("explain", TOLD),
        ("explain", f"UserErrorGuestAgentStatusUnavailable {TOLD}", "--format", "json"),
    ):
        traces.call(*arguments)
    assert traces.streams[-1] or traces.streams[-2]
    traces.check()


def test_whatever_azure_refuses_with(traces: Traces) -> None:
    for kind, method, status in (
        ("error", "GET", 403),
        ("error", "GET", 500),
        ("error", "POST", 409),
        ("lro-fails", "POST", 500),
    ):
        how: dict[str, Any] = {"status": status} if kind == "error" else {}
        traces.azure.fault(kind, method=method, message=TOLD, times=None, **how)
        traces.call("--job-id", traces.job, "--yes", *ALLOW, "--timeout", "2s")
        traces.call("check", "--vm", "web")
        traces.azure.clear_faults()
    traces.check()


def test_what_a_guest_answers(tmp_path: Path) -> None:
    answer = {
        "script": "com-plus",
        "version": 1,
        "before": {"said": TOLD},
        "changed": [TOLD],
        "after": {"list": [TOLD], "inside": {"said": TOLD}},
        "undo": None,
        "problem": TOLD,
    }
    stdout = f"{json.dumps(answer)}\n"
    vm = {
        "history": [{"code": "ExtensionSnapshotFailedCOM", "at": "1h ago"}],
        "guest": {"answers": [{"when": [], "stdout": stdout, "stderr": TOLD}]},
    }
    with cloud(scenario(tmp_path, vm), 4 * SPEED) as azure:
        traces = Traces(azure, tmp_path)
        ended = traces.call("--job-id", traces.job, "--yes", "--allow", "guest")
        assert "The words stay" in ended.out
        traces.check()


def test_a_crash_and_what_takes_it_up(traces: Traces) -> None:
    killed_during(traces.azure, traces.folder, *ALLOW, method="GET", path="/operations/")
    del traces.env["REMEDIATE_STATE_KEY"]
    ended = traces.call("resume", "--yes")
    assert "run-" in ended.out
    traces.check()


def test_sign_ins_that_fail(traces: Traces) -> None:
    traces.call("--job-id", traces.job, AZURE_ACCESS_TOKEN=f"eyJhbGciOiJ.{PLANTED['a token']}")
    wrong = {"AZURE_TENANT_ID": "22222222-2222-2222-2222-222222222222", "AZURE_CLIENT_ID": "x"}
    traces.call("--job-id", traces.job, "--auth", "env", **wrong)
    header = {"IDENTITY_HEADER": PLANTED["a password"], "IDENTITY_ENDPOINT": traces.azure.url}
    traces.call("--job-id", traces.job, "--auth", "managed", **header)
    state = f"postgresql://me:{PLANTED['a password']}@127.0.0.1:1/runs"
    traces.call("--job-id", traces.job, "--yes", *ALLOW, "--state", state)
    traces.call("runs", "list", "--state", state)
    traces.check()
