"""Every way to sign in, over TLS. No output and no file holds a token or a secret afterwards."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment, remediate
from tests.complaints import complaint

SECRET = "Planted-Secret-2f6b1c"
ASSERTION = "Planted-Assertion-9d1e77"

SCENARIO = f"""\
principal: {{client_secret: {SECRET}}}
vaults: [{{name: vault-main, group: rg-backup}}]
vms:
  - name: web
    protection: {{vault: vault-main}}
    extensions: [{{name: VMSnapshot, state: failed}}]
    collection: {{points: {{count: 2}}}}
    scheduled_backup: 3h ago
"""

Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    scenario = tmp_path_factory.mktemp("sign-in") / "scenario.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    with SimulatorProcess(scenario, https=True) as process:
        yield process


@pytest.fixture
def azure(cloud: SimulatorProcess) -> Iterator[SimulatorProcess]:
    cloud.clear_log()
    cloud.clear_faults()
    yield cloud
    assert cloud.writes() == []


@pytest.fixture
def identities(azure: SimulatorProcess, tmp_path: Path) -> dict[str, dict[str, str]]:
    """The environment variables for each mode."""
    federated = tmp_path / "federated"
    federated.write_text(ASSERTION, encoding="utf-8")
    client = {"AZURE_TENANT_ID": azure.tenant_id, "AZURE_CLIENT_ID": azure.client_id}
    host = {"IDENTITY_ENDPOINT": azure.identity_url, "IDENTITY_HEADER": azure.identity_header}
    return {
        "token": {"AZURE_ACCESS_TOKEN": azure.token},
        "env": client | {"AZURE_CLIENT_SECRET": SECRET},
        "managed": host,
        "workload": client | {"AZURE_FEDERATED_TOKEN_FILE": str(federated)},
    }


@pytest.fixture
def run(azure: SimulatorProcess, tmp_path: Path) -> Run:
    def begin(*arguments: str, **env: str | None) -> Ended:
        base = environment(azure, tmp_path / "state") | {"AZURE_ACCESS_TOKEN": ""}
        given = {name: value for name, value in (base | env).items() if value is not None}
        job = azure.failed_jobs("web")[-1]
        place = () if arguments[0] in ("show", "apply") else ("--job-id", job)
        return remediate(*arguments, *place, env=given, cwd=tmp_path)

    return begin


def left_behind(folder: Path, *ended: Ended) -> str:
    """Everything that the commands printed, and all files in a folder but the planted assertion."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "federated"]
    texts = [path.read_bytes().decode("latin-1") for path in files]
    return "\n".join([*texts, *(e.out + e.err for e in ended)])


def secrets_in(text: str, azure: SimulatorProcess) -> set[str]:
    """The secrets and tokens that a text holds. The signature of a token counts as well."""
    known = (SECRET, ASSERTION, azure.token, azure.identity_header, azure.token.split(".")[2])
    jwt = re.findall(r"eyJ[\w-]{10,}\.[\w-]{10,}", text)
    return {secret for secret in known if secret in text} | set(jwt)


@pytest.mark.parametrize("mode", ["token", "env", "managed", "workload"])
def test_a_dry_run_signs_in_and_leaves_no_secret_behind(
    azure: SimulatorProcess,
    run: Run,
    identities: dict[str, dict[str, str]],
    tmp_path: Path,
    mode: str,
) -> None:
    env = identities[mode]
    ended = run("plan", "--out", "plan.json", "--auth", mode, "--debug", **env).check(0)
    assert "the plan is saved in plan.json" in ended.err
    assert ended.err.count("\n") == 1
    asked = [r for r in azure.requests() if r["path"].startswith("/subscriptions/")]
    assert len(asked) > 3
    assert {r["headers"]["authorization"] for r in asked} == {"Bearer"}
    tokens = [r for r in azure.requests() if r["path"].endswith("/oauth2/v2.0/token")]
    assert len(tokens) == (1 if mode in ("env", "workload") else 0)
    text = left_behind(tmp_path, ended)
    assert "plan_id" in text
    assert secrets_in(text, azure) == set()


def test_auto_takes_the_token_or_what_the_environment_has(
    run: Run, identities: dict[str, dict[str, str]]
) -> None:
    for mode in ("token", "env"):
        run("--dry-run", "--auth", "auto", **identities[mode]).check(0)


@pytest.mark.parametrize(
    ("mode", "env", "says"),
    [
        ("env", {"AZURE_CLIENT_SECRET": "Wrong-" + SECRET}, "Invalid client secret"),
        ("env", {"AZURE_CLIENT_ID": "another"}, "Application was not found"),
        ("workload", {"AZURE_CLIENT_ID": "another"}, "Application was not found"),
        ("managed", {"IDENTITY_HEADER": "Wrong-" + SECRET}, "identity header is missing or wrong"),
        ("auto", {"AZURE_CLIENT_SECRET": "Wrong-" + SECRET}, "Invalid client secret"),
        ("token", {"AZURE_ACCESS_TOKEN": f"eyJhbGciOiJub25lIn0.e30.{SECRET}"}, "not accepted"),
    ],
)
def test_a_sign_in_that_is_refused_says_what_to_check(
    azure: SimulatorProcess,
    run: Run,
    identities: dict[str, dict[str, str]],
    tmp_path: Path,
    mode: str,
    env: dict[str, str],
    says: str,
) -> None:
    given = identities["env" if mode == "auto" else mode] | env
    ended = run("plan", "--out", "plan.json", "--auth", mode, **given)
    said = complaint(ended, 1)
    assert says in said
    assert "check --auth" in said
    full = run("plan", "--out", "plan.json", "--auth", mode, "--debug", **given)
    assert "Traceback" in full.err
    assert secrets_in(left_behind(tmp_path, ended, full), azure) == set()
    assert not (tmp_path / "plan.json").exists()


def test_an_expired_token_says_to_sign_in_again(
    azure: SimulatorProcess, run: Run, identities: dict[str, dict[str, str]]
) -> None:
    azure.fault("token-expired", times=None)
    said = complaint(run("--dry-run", "--auth", "token", **identities["token"]), 1)
    assert "the token has expired: sign in again" in said
    assert azure.requests()[-1]["response_headers"]["x-ms-correlation-request-id"] in said


@pytest.mark.parametrize(
    ("mode", "env", "says"),
    [
        ("token", {"AZURE_ACCESS_TOKEN": f"{SECRET} {SECRET}"}, "holds white space"),
        ("token", {"AZURE_ACCESS_TOKEN": f"{SECRET}\r\nX: y"}, "holds white space"),
        ("env", {"AZURE_TENANT_ID": "../common"}, "tenant"),
        ("workload", {"AZURE_FEDERATED_TOKEN_FILE": "/nowhere/x"}, "AZURE_FEDERATED_TOKEN_FILE"),
        (
            "env",
            {"AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere/x"},
            "AZURE_CLIENT_CERTIFICATE_PATH",
        ),
    ],
)
def test_an_environment_that_cannot_be_used_is_told_before_anyone_signs_in(
    azure: SimulatorProcess,
    run: Run,
    identities: dict[str, dict[str, str]],
    mode: str,
    env: dict[str, str],
    says: str,
) -> None:
    ended = run("--dry-run", "--auth", mode, **(identities[mode] | env))
    assert says in complaint(ended, 64)
    assert secrets_in(ended.err, azure) == set()
    assert {r["path"] for r in azure.requests()} <= {"/metadata/endpoints"}


@pytest.mark.parametrize("mode", ["token", "env"])
def test_a_ca_that_is_not_trusted_is_never_sent_a_token(
    azure: SimulatorProcess, run: Run, identities: dict[str, dict[str, str]], mode: str
) -> None:
    env: dict[str, str | None] = {**identities[mode], "REQUESTS_CA_BUNDLE": None}
    said = complaint(run("--dry-run", "--auth", mode, **env), 1)
    assert "certificate verify failed" in said
    assert "REQUESTS_CA_BUNDLE" in said
    assert azure.requests() == []


def test_the_record_of_a_run_holds_no_secret(
    azure: SimulatorProcess, run: Run, identities: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """A run writes its record before its first change. Here Azure refuses every change."""
    azure.fault("error", method="DELETE", status=403, code="AuthorizationFailed", times=None)
    azure.fault("error", method="POST", path="/backup$", status=403, code="Forbidden", times=None)
    ended = run("run", "--yes", "--auth", "env", "--debug", **identities["env"]).check(3)
    records = list((tmp_path / "state").rglob("*.jsonl"))
    assert len([path for path in records if path.parent.name == "runs"]) == 1
    assert [path for path in records if path.stat().st_mode & 0o077] == []
    assert secrets_in(left_behind(tmp_path, ended), azure) == set()
    azure.clear_log()


@pytest.mark.parametrize("mode", ["env", "managed"])
def test_a_run_outlives_the_tokens_that_it_signed_in_with(mode: str, tmp_path: Path) -> None:
    """Tokens are valid for two real seconds. Azure answers one of the requests after four."""
    scenario = tmp_path / "scenario.yaml"
    short = f"principal: {{client_secret: {SECRET}, token_lifetime: 2}}"
    scenario.write_text(SCENARIO.replace(SCENARIO.splitlines()[0], short), encoding="utf-8")
    with SimulatorProcess(scenario, https=True, time="fast", speed=SPEED) as azure:
        azure.fault("slow", method="DELETE", seconds=4.0)
        client = {"AZURE_TENANT_ID": azure.tenant_id, "AZURE_CLIENT_ID": azure.client_id}
        host = {"IDENTITY_ENDPOINT": azure.identity_url, "IDENTITY_HEADER": azure.identity_header}
        who = {"env": client | {"AZURE_CLIENT_SECRET": SECRET}, "managed": host}[mode]
        job = azure.state()["failed_jobs"]["web"][-1]
        env = environment(azure, tmp_path) | {"AZURE_ACCESS_TOKEN": ""} | who
        remediate("--job-id", job, "--yes", "--auth", mode, env=env).check(0)
        log = [r for r in azure.requests() if r["path"].startswith("/subscriptions/")]
        assert {r["status"] for r in log} & {401} == set()
        writes = [r["method"] for r in log if r["method"] not in ("GET", "HEAD")]
        assert writes == ["DELETE", "POST"]
