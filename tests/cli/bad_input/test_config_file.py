"""`remediate.toml`: its mistakes, what it may set if nobody named it, and what wins over it."""

from pathlib import Path

import pytest
import typer

from remediator.cli.app import app
from remediator.cli.config import HARMLESS
from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB, job_of
from tests.complaints import complaint, complaints


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
        ("yes = true", "yes is read only from a file that --config names"),
        (
            "[run]\nallow-data-loss = true",
            "allow-data-loss is read only from a file that --config names",
        ),
        ("arm-endpoint = 'https://localhost:1'", "arm-endpoint is read only from a file"),
        (
            "cloud = 'public'",
            "cloud is read only from a file that --config names: take it out, or give",
        ),
        ("auth = 'cli'", "auth is read only from a file"),
        ("[run]\nstate = '/tmp/x'", "state is read only from a file"),
        ("playbooks = 'books'", "playbooks is read only from a file"),
        ("restore-point-limit = 2", "restore-point-limit is read only from a file"),
        ("error-code = 'x'", "error-code is read only from a file"),
        ("job-id = 'x'", "job-id is read only from a file"),
        ("output = 'x'", "output is read only from a file"),
        ("out = 'x'", "out is read only from a file"),
        ("retain-days = 1", "retain-days is read only from a file"),
        ("enqueue = true", "enqueue is read only from a file"),
        ("api-version = 'x=y'", "api-version is read only from a file"),
        ("vault = " + "[" * 50_000, "nested too deeply"),
        ("# " + "x" * 1_100_000, "is larger than"),
        ("lang = ['en']", "lang takes one value"),
        ("timeout = true", "timeout takes a text or a number"),
        ("timeout = 'soon'", "--timeout 'soon' is not a duration"),
        ("allow = ['downtime']", "allow is read only from a file that --config names"),
        ("poll-interval = 'often'", "--poll-interval"),
    ],
)
def test_a_slip_in_the_config_file(here: Run, tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "remediate.toml").write_text(content)
    env = {"REMEDIATE_POLL_INTERVAL": None, "REMEDIATE_AUTH": None}
    assert says in complaint(here("--job-id", JOB, "--auth", "token", **env), 64)


def test_a_file_that_lies_there_may_say_only_what_is_harmless(azure: SimulatorProcess) -> None:
    """Each option of a command is either on the list of harmless options, or it is refused."""
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
        "own.toml:1: no command has an option 'a'",
        "own.toml:4: run has no option 'b'",
        "own.toml:5: there is no command 'c'",
        "own.toml:2: yes is either true or false",
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
