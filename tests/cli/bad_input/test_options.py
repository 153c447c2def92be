"""Options that cannot be used, or that lack something."""

from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB, job_of
from tests.complaints import complaint


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
        (["scan", "--since", "999999d"], "--since '999999d' reaches back too far"),
        (["scan", "--since", "9" * 30 + "d"], "reaches back too far"),
        (["runs", "prune", "--older-than", "1e6"], "--older-than 1e+06 reaches back too far"),
        (["runs", "prune", "--older-than", "inf"], "--older-than inf reaches back too far"),
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
def test_an_invalid_option(here: Run, arguments: list[str], says: str) -> None:
    assert says.lower() in complaint(here(*arguments), 64).lower()


def test_an_unknown_cloud(here: Run) -> None:
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
