"""What cannot be used is refused in one clear line, with the documented code and no write."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer

from remediator.cli import call
from remediator.cli.app import app
from remediator.cli.config import HARMLESS
from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.complaints import complaint, complaints

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
VAULT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-backup/providers/"
    "Microsoft.RecoveryServices/vaults/vault-main"
)
NAME = "0b5c1a5e-0000-4000-8000-000000000000"
"""A job's name that no vault knows."""

SCENARIO = {
    "vaults": [
        {"name": "vault-main", "group": "rg-backup"},
        {"name": "vault-other", "group": "rg-other"},
        {"name": "vault-closed", "group": "rg-closed"},
    ],
    "vms": [
        {
            "name": "odd",
            "protection": {"vault": "vault-main"},
            "history": [
                {
                    "at": "3h ago",
                    "code": "UserErrorQuantumFluxMisaligned",
                    "message": "The flux is not aligned.",
                    "recommendations": ["Align the flux.", "Then back up again."],
                }
            ],
        },
        {"name": "moving", "protection": {"vault": "vault-main"}, "history": [
            {"at": "1h ago", "status": "InProgress", "ends": "in 3h"}]},
        {"name": "fine", "protection": {"vault": "vault-main"}, "scheduled_backup": "3h ago"},
        {"name": "sql", "protection": {"vault": "vault-main"}, "history": [
            {"at": "3h ago", "type": "AzureWorkloadJob", "code": "UserErrorSQL"}]},
        {"name": "gone", "exists": False, "protection": {"vault": "vault-main"},
         "scheduled_backup": "3h ago"},
        {"name": "left", "protection": {"vault": "vault-main", "state": "ProtectionStopped"},
         "history": [{"at": "3h ago", "code": "UserErrorGuestAgentStatusUnavailable"}]},
        {"name": "stuck", "protection": {"vault": "vault-main"},
         "extensions": [{"name": "VMSnapshot", "state": "failed"}],
         "collection": {"points": {"count": 2}}, "scheduled_backup": "3h ago"},
        {"name": "shut", "protection": {"vault": "vault-closed"}, "history": [
            {"at": "3h ago", "code": "BackUpOperationFailed"}]},
    ],
    "principal": {
        "denied": [
            {
                "action": "Microsoft.RecoveryServices/vaults/backupJobs/read",
                "scope": "vault:vault-closed",
            }
        ]
    },
}  # fmt: skip

Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    scenario = tmp_path_factory.mktemp("bad-input") / "scenario.yaml"
    scenario.write_text(json.dumps(SCENARIO), encoding="utf-8")
    with SimulatorProcess(scenario) as process:
        yield process


@pytest.fixture
def azure(cloud: SimulatorProcess) -> Iterator[SimulatorProcess]:
    """The cloud with an empty log, and nothing written in the end."""
    cloud.clear_log()
    yield cloud
    assert cloud.writes() == []


@pytest.fixture
def run(azure: SimulatorProcess, tmp_path: Path) -> Run:
    """A command in an empty folder; `env` on top of the simulator's, None takes a name away."""

    def begin(*arguments: str, **env: str | None) -> Ended:
        merged = environment(azure, tmp_path / "state") | env
        given = {name: value for name, value in merged.items() if value is not None}
        return remediate(*arguments, env=given, cwd=tmp_path)

    return begin


@pytest.fixture
def here(
    azure: SimulatorProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """The same without a process of its own, for the many cases that differ in one argument."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def begin(*arguments: str, **env: str | None) -> Ended:
        for name, value in (environment(azure, tmp_path / "state") | env).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        code = call(list(arguments))
        return Ended(code, *capsys.readouterr())

    return begin


def job_of(azure: SimulatorProcess, vm: str) -> str:
    return str(azure.state()["jobs"][vm][-1]["id"])


# --- the job ------------------------------------------------------------------------------------

BAD_IDS = {
    "nothing": "",
    "blank": "   ",
    "a slash": "/",
    "too short a name": "abc",
    "a path for a name": f"../{NAME}",
    "another type": f"{VAULT}/backupPolicies/{NAME}",
    "a vault": VAULT,
    "below a job": f"{VAULT}/backupJobs/{NAME}/operations/x",
    "another provider": f"{VAULT}/backupJobs/{NAME}".replace("RecoveryServices", "Compute"),
    "a step upwards": f"{VAULT}/backupJobs/../{NAME}",
    "a group called ..": f"{VAULT}/backupJobs/{NAME}".replace("rg-backup", ".."),
    "a subscription called .": f"{VAULT}/backupJobs/{NAME}".replace(SUBSCRIPTION, "."),
    "an escaped slash": f"{VAULT}/backupJobs/x%2F..%2F{NAME}",
    "an escaped group": f"{VAULT}/backupJobs/{NAME}".replace("rg-backup", "rg%2Fbackup"),
    "a query": f"{VAULT}/backupJobs/{NAME}?api-version=2000-01-01",
    "a fragment": f"{VAULT}/backupJobs/{NAME}#top",
    "a line break": f"{VAULT}/backupJobs/{NAME}\nX-Evil: 1",
    "a line break in the group": f"{VAULT}/backupJobs/{NAME}".replace("rg-", "rg\r\n"),
    "a terminal escape": f"{VAULT}/backupJobs/{NAME}\x1b[2J",
    "letters that look alike": f"{VAULT}/backupJobs/{NAME}".replace("0b5c", "0Ь5с"),
    "reversed writing": f"{VAULT}/backupJobs/{NAME}\u202e",
    "a very long name": f"{VAULT}/backupJobs/{'a' * 5000}",
    "a URL": f"https://management.azure.com{VAULT}/backupJobs/{NAME}",
}


@pytest.mark.parametrize("typed", BAD_IDS.values(), ids=BAD_IDS.keys())
def test_what_is_no_job_id_is_refused_before_anything_is_asked(
    azure: SimulatorProcess, here: Run, typed: str
) -> None:
    said = complaint(here("--job-id", typed, "--dry-run"), 64)
    assert "bare" in said
    assert "/subscriptions/" in said
    assert azure.requests() == []


def test_a_nul_can_come_from_a_file_and_is_refused(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(f'job-id = "{VAULT}/backupJobs/{NAME}\\u0000"')
    assert r"\x00" in complaint(here("--dry-run", "--config", "own.toml"), 64)
    assert azure.requests() == []


def test_an_absurdly_long_group_is_azures_to_refuse(here: Run) -> None:
    typed = f"{VAULT}/backupJobs/{NAME}".replace("rg-backup", "g" * 9000)
    assert "(400)" in complaint(here("--job-id", typed, "--dry-run"), 1)


def test_an_id_in_any_casing_and_with_blanks_around_it_is_taken(
    azure: SimulatorProcess, run: Run
) -> None:
    typed = f"  {job_of(azure, 'odd').upper()}/\n"
    run("--job-id", typed, "--dry-run").check(3)


def test_an_unknown_job(here: Run) -> None:
    said = complaint(here("--job-id", f"{VAULT}/backupJobs/{NAME}", "--dry-run"), 1)
    assert said.startswith(f"no such job: {VAULT}/backupJobs/{NAME}")


@pytest.mark.parametrize(
    ("vm", "says"),
    [
        ("moving", "has not ended (InProgress"),
        ("fine", "did not fail: it ended Completed"),
        ("sql", "not of an Azure VM"),
    ],
)
def test_a_job_that_did_not_fail_or_is_of_no_vm(
    azure: SimulatorProcess, here: Run, vm: str, says: str
) -> None:
    said = complaint(here("--job-id", job_of(azure, vm), "--yes"), 1)
    assert says in said
    assert len(azure.requests()) == 1


def test_a_job_that_may_not_be_read_names_action_scope_and_correlation_id(
    azure: SimulatorProcess, run: Run
) -> None:
    said = complaint(run("--job-id", job_of(azure, "shut"), "--yes"), 1)
    answer = azure.requests()[-1]
    assert "Microsoft.RecoveryServices/vaults/backupJobs/read" in said
    assert "over scope '/" in said
    assert "vault-closed" in said
    assert answer["response_headers"]["x-ms-correlation-request-id"] in said


def test_an_unknown_code_shows_azures_own_recommendations(
    azure: SimulatorProcess, run: Run
) -> None:
    for how in ("--dry-run", "--yes"):
        ended = run("--job-id", job_of(azure, "odd"), how, COLUMNS="300").check(3)
        assert ended.err == ""
        assert "no playbook is keyed by UserErrorQuantumFluxMisaligned" in ended.out
        assert "Azure recommends: Align the flux." in ended.out
        assert "Azure recommends: Then back up again." in ended.out


def test_a_vm_that_is_gone_and_protection_that_is_stopped_are_for_a_human(
    azure: SimulatorProcess, run: Run
) -> None:
    for vm, code in (("gone", ()), ("gone", ("--error-code", "ExtensionStuckInDeletionState"))):
        run("--job-id", job_of(azure, vm), "--yes", *code).check(3)
    left = run("--job-id", job_of(azure, "left"), "--yes", "--format", "json").check(3).json()
    assert [step["kind"] for step in left["steps"]] != []
    assert all(step["kind"] != "change" for step in left["steps"])


# --- the bare name ------------------------------------------------------------------------------


def bare(azure: SimulatorProcess, vm: str) -> str:
    return job_of(azure, vm).rsplit("/", 1)[-1]


@pytest.mark.parametrize(
    "where",
    [
        [],
        ["--vault", VAULT],
        ["--vault", VAULT.upper()],
        ["--vault", "VAULT-MAIN"],
        ["--vault", "vault-main", "--resource-group", "rg-backup", "--subscription", SUBSCRIPTION],
        ["--resource-group", "RG-Backup"],
        ["--subscription", SUBSCRIPTION],
    ],
)
def test_a_bare_name_is_found_where_it_may_be(
    azure: SimulatorProcess, here: Run, where: list[str]
) -> None:
    name = bare(azure, "odd")
    ended = here("--job-id", name, *where, "--dry-run", "--format", "json").check(3)
    assert ended.json()["job"]["name"] == name


@pytest.mark.parametrize(
    ("where", "code", "says"),
    [
        ([], 1, f"no job {NAME} in 3 vaults"),
        ([], 1, "not all could be read: AuthorizationFailed (403)"),
        (["--resource-group", "rg-other"], 64, f"no job {NAME} in 1 vaults"),
        (["--vault", "vault-nowhere"], 64, f"no job {NAME} in 0 vaults"),
        (["--vault", VAULT], 1, "no such job"),
        (["--vault", f"{VAULT}/backupJobs/x"], 64, "is not a vault id"),
        (["--vault", "a/../b"], 64, "--vault 'a/../b' is not a name"),
        (["--vault", "v", "-g", "..", "--subscription", "s"], 64, "--resource-group '..'"),
        (["--subscription", f"x/../{SUBSCRIPTION}"], 64, "is not a name"),
        (["--subscription", "no-such-subscription"], 1, "SubscriptionNotFound (404)"),
    ],
)
def test_a_bare_name_that_is_not_found(here: Run, where: list[str], code: int, says: str) -> None:
    assert says in complaint(here("--job-id", NAME, *where, "--yes"), code)


def test_a_bare_name_in_several_vaults_is_not_guessed_at(run: Run) -> None:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    vaults = [f"{group}/{g}/providers/Microsoft.RecoveryServices/vaults/v" for g in ("a", "b")]

    def answer(path: str) -> Any:
        if path == "/subscriptions":
            return {"value": [{"subscriptionId": SUBSCRIPTION}]}
        if path.endswith("/resources"):
            return {"value": [{"id": vault} for vault in vaults]}
        return {"id": path, "name": NAME, "properties": {}}

    with server(answer) as (url, asked):
        said = complaint(run("--job-id", NAME, "--yes", REMEDIATE_ARM_ENDPOINT=url), 64)
    assert all(f"{vault}/backupJobs/{NAME}" in said for vault in vaults)
    assert {method for method, _, _ in asked} == {"GET"}


# --- the endpoint -------------------------------------------------------------------------------

Asked = list[tuple[str, str, str | None]]


@contextmanager
def server(
    answer: Callable[[str], Any], status: int = 200, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, Asked]]:
    """A server that is not ARM: what it answers, and what it was asked with which token."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = self.path.partition("?")[0]
            asked.append((self.command, path, self.headers["Authorization"]))
            body = answer(path)
            raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            kind = "text/html" if isinstance(body, str) else "application/json"
            self.send_response(status)
            for name, value in {"Content-Type": kind, **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}", asked
        finally:
            listening.shutdown()
            thread.join()


JOB = f"{VAULT}/backupJobs/{NAME}"


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
def test_an_endpoint_that_is_none(here: Run, url: str, says: str) -> None:
    assert says in complaint(here("--job-id", JOB, "--arm-endpoint", url), 64)


# --- options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--job-id", JOB, "--cloud", "public", "--arm-endpoint", "https://localhost:1"],
            "give --cloud or --arm-endpoint, not both",
        ),
        (["--job-id", JOB, "--allow", "everything"], "--allow 'everything' is not one of"),
        (["--job-id", JOB, "--timeout", "soon"], "--timeout 'soon' is not a duration"),
        (["--job-id", JOB, "--timeout", "-5m"], "--timeout '-5m' is not a duration"),
        (["--job-id", JOB, "--poll-interval", "0"], "--poll-interval"),
        (["--job-id", JOB, "--poll-interval", "nan"], "--poll-interval"),
        (["--job-id", JOB, "--auth", "password"], "--auth 'password' is not one of"),
        (["--job-id", JOB, "--format", "xml"], "--format"),
        (["--job-id", JOB, "--no-such-option"], "--no-such-option"),
        (["--yes"], "--job-id"),
        (["no-such-verb"], "no-such-verb"),
        (["show"], "FILE"),
        (["schema", "weather"], "weather"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_an_option_that_is_none(here: Run, arguments: list[str], says: str) -> None:
    assert says.lower() in complaint(here(*arguments), 64).lower()


def test_a_cloud_that_is_none(here: Run) -> None:
    said = complaint(here("--job-id", JOB, "--cloud", "mars", REMEDIATE_ARM_ENDPOINT=None), 64)
    assert said == "--cloud 'mars' is not one of public, china, usgov"


@pytest.mark.parametrize(
    ("auth", "names"),
    [
        ("token", ["AZURE_ACCESS_TOKEN"]),
        ("env", ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]),
        ("workload", ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"]),
    ],
)
def test_what_a_way_to_sign_in_lacks_is_named(here: Run, auth: str, names: list[str]) -> None:
    said = complaint(here("--job-id", JOB, "--auth", auth, AZURE_ACCESS_TOKEN=None), 64)
    assert f"--auth {auth} needs" in said
    assert all(name in said for name in names)


def test_a_client_without_a_secret_is_told_so(here: Run) -> None:
    env = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"}
    said = complaint(here("--job-id", JOB, "--auth", "env", **env), 64)
    assert "AZURE_CLIENT_SECRET" in said


@pytest.mark.parametrize("auth", ["token", "env"])
def test_a_ca_file_that_cannot_be_read(here: Run, tmp_path: Path, auth: str) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("not a certificate")
    for path in (tmp_path / "absent.pem", junk):
        said = complaint(here("--job-id", JOB, "--auth", auth, REQUESTS_CA_BUNDLE=str(path)), 64)
        assert f"cannot read the CA file {path}" in said
        assert "REQUESTS_CA_BUNDLE" in said


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_changed(
    azure: SimulatorProcess, run: Run, tmp_path: Path
) -> None:
    job = job_of(azure, "stuck")
    nowhere = str(tmp_path / "absent" / "file")
    (tmp_path / "file").write_text("")
    cases = [
        (["--yes", "--format", "json", "--output", nowhere], nowhere),
        (["--yes", "--output", str(tmp_path)], str(tmp_path)),
        (["--yes", "--format", "json", "--state", str(tmp_path / "file")], "--state"),
    ]
    for arguments, says in cases:
        assert says in complaint(run("--job-id", job, *arguments), 64)
    said = complaint(run("plan", "--job-id", job, "--out", nowhere), 64)
    assert said == f"cannot write {nowhere}: No such file or directory"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_debug_shows_where_an_error_came_from_and_only_debug_does(run: Run) -> None:
    plain = run("--job-id", JOB, "--dry-run")
    assert "Traceback" not in plain.err
    full = run("--job-id", JOB, "--dry-run", "--debug")
    assert full.code == plain.code
    assert "Traceback (most recent call last)" in full.err
    assert full.err.endswith(plain.err)


# --- remediate.toml -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("job_id = 'x'", "no command has an option 'job_id'"),
        ("[run]\ndryrun = true", "run has no option 'dryrun'"),
        ("[rnu]\nlang = 'en'", "there is no command 'rnu'"),
        ("yes = ", "cannot be read"),
        ("yes = true\nyes = false", "cannot be read"),
        ("dry-run = 'no'", "dry-run is either true or false"),
        ("detailed-exitcode = 1", "detailed-exitcode is either true or false"),
        ("yes = true", "yes counts only in a file that is named"),
        ("[run]\nallow-data-loss = true", "allow-data-loss counts only in a file that is named"),
        ("arm-endpoint = 'https://localhost:1'", "arm-endpoint counts only in a file"),
        ("cloud = 'public'", "cloud counts only in a file that is named: take it out, or give"),
        ("auth = 'cli'", "auth counts only in a file"),
        ("[run]\nstate = '/tmp/x'", "state counts only in a file"),
        ("playbooks = 'books'", "playbooks counts only in a file"),
        ("restore-point-limit = 2", "restore-point-limit counts only in a file"),
        ("error-code = 'x'", "error-code counts only in a file"),
        ("job-id = 'x'", "job-id counts only in a file"),
        ("output = 'x'", "output counts only in a file"),
        ("out = 'x'", "out counts only in a file"),
        ("retain-days = 1", "retain-days counts only in a file"),
        ("enqueue = true", "enqueue counts only in a file"),
        ("api-version = 'x=y'", "api-version counts only in a file"),
        ("vault = " + "[" * 50_000, "nested too deeply"),
        ("# " + "x" * 1_100_000, "is larger than"),
        ("lang = ['en']", "lang takes one value"),
        ("timeout = true", "timeout takes a text or a number"),
        ("timeout = 'soon'", "--timeout 'soon' is not a duration"),
        ("allow = ['downtime']", "allow counts only in a file that is named"),
        ("poll-interval = 'often'", "--poll-interval"),
    ],
)
def test_a_slip_in_the_config_file(here: Run, tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "remediate.toml").write_text(content)
    env = {"REMEDIATE_POLL_INTERVAL": None, "REMEDIATE_AUTH": None}
    assert says in complaint(here("--job-id", JOB, "--auth", "token", **env), 64)


def test_a_file_that_lies_there_may_say_only_what_is_harmless(azure: SimulatorProcess) -> None:
    """Each option that a command has is either on the list of harmless ones, or refused."""
    root = typer.main.get_command(app)
    flags = set()
    for command in [*root.commands.values(), *root.commands["runs"].commands.values()]:  # type: ignore[attr-defined]
        for option in command.params:
            flags |= {flag.removeprefix("--") for flag in option.opts if flag.startswith("--")}
    assert flags >= HARMLESS
    loosens = {"yes", "allow", "ignore-opt-out", "attempts", "no-preflight", "verify", "sign"}
    assert not HARMLESS & (loosens | {"state", "cloud", "playbooks", "auth", "out", "output"})
    assert azure.requests() == []


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("table", ["", "[run]\n"])
def test_the_cloud_of_a_file_never_beats_the_environment(
    azure: SimulatorProcess, run: Run, tmp_path: Path, table: str, *, named: bool
) -> None:
    path = tmp_path / "remediate.toml"
    path.write_text(f"{table}cloud = 'usgov'\n")
    look = ("--job-id", job_of(azure, "odd"), "--dry-run", "--format", "json")
    if named:
        plan = run(*look, "--config", str(path)).check(3).json()
        assert plan["endpoint"] == azure.url
    else:
        complaint(run(*look), 64)


def test_every_slip_in_the_config_file_is_told_with_the_file(here: Run, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("a = 1\nyes = 1\n[run]\nb = 2\n[c]\nd = 3\n")
    ended = here("run", "--job-id", JOB, "--config", "own.toml")
    said = complaints(ended, 64)
    assert [line.partition(";")[0] for line in said] == [
        "own.toml: no command has an option 'a'",
        "own.toml: run has no option 'b'",
        "own.toml: there is no command 'c'",
        "own.toml: yes is either true or false",
    ]
    assert "cannot be read" in complaint(here("--job-id", JOB, "--config", "none.toml"), 64)


def test_the_flag_wins_over_the_environment_and_the_environment_over_the_file(
    azure: SimulatorProcess, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        f"job-id = '{job_of(azure, 'odd')}'\nauth = 'cli'\n[run]\nformat = 'json'\n"
        "dry-run = true\n[plan]\nformat = 'text'\n"
    )
    config = ("--config", str(file))
    assert run("run", *config).check(3).json()["job"]["vm_name"] == "odd"
    assert "--auth 'flag'" in complaint(run("--auth", "flag", *config), 64)
    assert run("--format", "text", *config).check(3).out.startswith("odd")
    assert run("plan", *config).check(3).out.startswith("odd")


# --- playbooks ----------------------------------------------------------------------------------

GOOD = """\
codes: [OwnCode]
title: A playbook
sources: [https://example.invalid]
causes: [none]
ladder:
  - rung: try
    title: Back up
    when: {vm: present}
    steps:
      - action: back-up-now
manual:
  text: Look at it.
  commands:
    - az vm show --ids {vm}
"""

SLIPS = {
    "a code claimed twice": ("a", "OwnCode", "every code belongs to exactly one playbook", 1),
    "a key twice": ("title: A playbook", "title: A\ntitle: B", "duplicate key", 3),
    "an unknown key": ("title: A playbook", "title: A\nname: B", "name: Extra inputs", 3),
    "an unknown action": ("back-up-now", "fly", "'fly' found using 'action'", 10),
    "an unknown condition": ("vm: present", "moon: full", "unknown condition 'moon'", 8),
    "a wrong value": ("vm: present", "vm: maybe", "vm is never 'maybe'", 8),
    "an unquoted number": ("[OwnCode]", "[400001]", "codes.0: Input should be a valid string", 1),
    "a tab": ("    title: Back up", "\ttitle: Back up", "cannot start any token", 7),
    "a placeholder in quotes": ("{vm}", "'{vm}'", "standing alone", 14),
    "a placeholder in a quoted command": ("az vm", 'sh -c "az {vm} "', "standing alone", 14),
    "an unknown placeholder": ("{vm}", "{secret}", "standing alone", 14),
    "an open quote": ("{vm}", "'x", "standing alone", 14),
    "no steps": ("\n      - action: back-up-now", " []", "ladder.0.steps", 9),
    "an action twice": ("now\n", "now\n      - action: back-up-now\n", "each action once", 11),
    "a control character": ("A playbook", "A \x07", "special characters are not allowed", 1),
    "an origin": ("title:", "origin: built-in\ntitle:", "not written by a playbook's author", 2),
    "a list": (GOOD, "- codes\n", "a playbook is a mapping", 1),
    "nothing": (GOOD, "", "a playbook is a mapping", 1),
    "an anchor in itself": ("[none]", "&a [*a]", "", 4),
}


@pytest.mark.parametrize(
    ("was", "is_now", "says", "line"), [pytest.param(*v, id=k) for k, v in SLIPS.items()]
)
def test_a_slip_in_a_playbook_is_told_with_file_and_line(
    here: Run, tmp_path: Path, was: str, is_now: str, says: str, line: int
) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    slipped = folder / "slipped.yaml"
    slipped.write_text(GOOD.replace(was, is_now, 1), encoding="utf-8")
    if was == "a":
        slipped.write_text(GOOD, encoding="utf-8")
        (folder / "first.yaml").write_text(GOOD.replace("Own", "own"), encoding="utf-8")
    said = complaints(here("--job-id", JOB, "--playbooks", str(folder)), 64)
    assert any(row.startswith(f"{slipped}:{line}: ") and says in row for row in said), said


def test_every_slip_of_every_playbook_is_told_at_once(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    several = GOOD.replace("title: A playbook", "titel: A").replace("vm: present", "moon: full")
    several = several.replace("--ids {vm}", "--ids '{vm}'").replace("back-up-now", "fly")
    (folder / "a.yaml").write_text(several, encoding="utf-8")
    (folder / "b.yml").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    (folder / "c.yaml").mkdir()
    (folder / "d.yaml").write_text(GOOD.replace("text: Look", "text: [Look"), encoding="utf-8")
    said = complaints(here("--job-id", JOB, "--playbooks", str(folder)), 64)
    at = [tuple(line.split(": ")[0].rsplit("/", 1)[1].split(":")) for line in said]
    assert [name for name, _ in at] == ["a.yaml"] * 5 + ["b.yml", "c.yaml", "d.yaml"]
    assert {line for name, line in at if name == "a.yaml"} == {"1", "2", "8", "10", "14"}
    assert azure.requests() == []


def test_a_folder_of_playbooks_that_is_not_there(here: Run, tmp_path: Path) -> None:
    said = complaint(here("--job-id", JOB, "--playbooks", str(tmp_path / "absent")), 64)
    assert said.startswith(f"{tmp_path / 'absent'}: no such folder")


# --- plan files ---------------------------------------------------------------------------------


@pytest.fixture
def saved(azure: SimulatorProcess, run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "saved.json"
    run("plan", "--job-id", job_of(azure, "stuck"), "--out", str(path)).check(0)
    return path


def test_a_plan_file_that_is_none_is_refused(here: Run, tmp_path: Path, saved: Path) -> None:
    content = json.loads(saved.read_text(encoding="utf-8"))
    contents: dict[str, bytes] = {
        "empty": b"",
        "a word": b"plan",
        "something else": b'{"name": "x", "version": 3}',
        "a list": b"[]",
        "binary": bytes(range(256)),
        "a nested abyss": b"[" * 100_000,
        "another version": json.dumps(content | {"schema_version": "2"}).encode(),
        "another key": json.dumps(content | {"more": True}).encode(),
        "another endpoint": json.dumps(content | {"endpoint": "https://x.invalid"}).encode(),
        "an edited step": json.dumps(content).replace("VMSnapshot", "VMSnapshut").encode(),
        "half a surrogate": json.dumps(content | {"endpoint": "\ud800"}).encode(),
    }
    for name, raw in contents.items():
        path = tmp_path / f"{name}.json"
        path.write_bytes(raw)
        said = complaint(here("show", str(path)), 4)
        assert said.startswith(f"{path}: "), said
    for name in ("something else", "an edited step"):
        complaint(here("apply", str(tmp_path / f"{name}.json"), "--yes"), 4)
    for path in (tmp_path, tmp_path / "absent.json"):
        assert "cannot be read" in complaint(here("show", str(path)), 4)


def test_a_plan_is_not_applied_to_another_endpoint(
    azure: SimulatorProcess, run: Run, saved: Path
) -> None:
    azure.clear_log()
    with server(lambda _: {}) as (url, asked):
        said = complaint(run("apply", str(saved), "--yes", "--arm-endpoint", url), 4)
    assert f"was made on {azure.url}, not on {url}" in said
    assert asked == []
    assert azure.requests() == []


def test_a_refused_plan_leaves_the_report_of_another_day_alone(
    run: Run, tmp_path: Path, saved: Path
) -> None:
    report = tmp_path / "report.txt"
    report.write_text("of yesterday")
    altered = tmp_path / "altered.json"
    altered.write_text(saved.read_text(encoding="utf-8").replace("VMSnapshot", "VMSnapshut"))
    for verb in (["show"], ["apply", "--yes"]):
        complaint(run(*verb, str(altered), "--output", str(report)), 4)
    assert report.read_text() == "of yesterday"


# --- files that somebody else may have laid there ------------------------------------------------


def test_what_is_no_ordinary_file_is_not_opened(here: Run, tmp_path: Path) -> None:
    """A pipe would be waited for, a device may do something when it is opened."""
    books = tmp_path / "books"
    books.mkdir()
    for path in (tmp_path / "plan.json", books / "a.yaml"):
        os.mkfifo(path)
    for arguments, code in (
        (("show", str(tmp_path / "plan.json")), 4),
        (("apply", str(tmp_path / "plan.json"), "--yes"), 4),
        (("permissions", "--plan", "/dev/zero"), 4),
        (("show", "/dev/zero"), 4),
        (("--job-id", JOB, "--playbooks", str(books)), 64),
        (("playbooks", "validate", str(books)), 64),
    ):
        assert "no ordinary file" in complaint(here(*arguments), code)


def test_a_plan_or_playbook_that_is_too_much_is_refused(here: Run, tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    with (tmp_path / "plan.json").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    assert "is larger than" in complaint(here("show", str(tmp_path / "plan.json")), 4)
    (books / "a.yaml").write_bytes(b"#" * 1_100_000)
    assert "is larger than" in complaint(here("--job-id", JOB, "--playbooks", str(books)), 64)


SECRETS = {
    "hunter2-key": b"hunter2-key: hunter2\n",
    "twice": b"password: hunter2\npassword: hunter2too\n",
    "a line": b"user hunter2\n  pass: [hunter2\n",
    "a tag": b"!hunter2 x: 1\n",
    "an alias": b"a: *hunter2\n",
    "json": b'{"hunter2": {"kind": "hunter2"}}',
    "a plan": b'{"schema_version": "1", "steps": [{"kind": "hunter2"}], "plan_id": "hunter2"}',
    "binary": b"hunter2\xff\xfe\x00",
}


@pytest.mark.parametrize("content", SECRETS.values(), ids=SECRETS)
def test_no_error_shows_what_stands_in_another_file(
    here: Run, tmp_path: Path, content: bytes
) -> None:
    books, secret = tmp_path / "books", tmp_path / "secret"
    books.mkdir()
    secret.write_bytes(content)
    (books / "a.yaml").symlink_to(secret)
    (tmp_path / "plan.json").symlink_to(secret)
    for ended in (
        here("show", str(tmp_path / "plan.json")),
        here("--job-id", JOB, "--playbooks", str(books)),
        here("playbooks", "validate", str(books)),
    ):
        assert ended.code in (4, 64)
        assert "hunter2" not in ended.out + ended.err


def test_a_folder_of_playbooks_may_be_linked_and_link_within_itself(
    here: Run, tmp_path: Path
) -> None:
    """As a mounted volume of Kubernetes does."""
    real = tmp_path / "real" / "..data"
    real.mkdir(parents=True)
    (real / "own.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "real" / "own.yaml").symlink_to(Path("..data") / "own.yaml")
    (tmp_path / "books").symlink_to(tmp_path / "real")
    assert "1 playbooks" in here("playbooks", "validate", str(tmp_path / "books")).out
