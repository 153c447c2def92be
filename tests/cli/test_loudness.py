"""`--quiet` and `--verbose`: what is said on stderr beside the data."""

import re
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, STEP, environment, remediate
from tests.cut_short import put_back_books
from tests.evidence import until
from tests.terminal import Terminal

TOLD = re.compile(
    r"remediate: (?P<method>[A-Z]+) (?P<path>/\S*?)(\?api-version=[\w-]+)? (?P<status>\d+) \d+ ms"
    r"( correlation id (?P<id>\S+))?"
)


def test_a_quiet_run_prints_only_its_report(tmp_path: Path) -> None:
    for options, quiet in (((), False), (("--quiet",), True)):
        folder = tmp_path / ("quiet" if quiet else "usual")
        folder.mkdir()
        with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
            ended = remediate(
                "--job-id", azure.failed_jobs("web")[-1], "--yes", *options,
                env=environment(azure, folder),
            ).check(0)  # fmt: skip
        assert "RECOVERED" in ended.out
        assert (ended.err == "") is quiet


def test_a_quiet_scan_prints_only_what_it_found(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        env = environment(azure, tmp_path)
        usual = remediate("scan", "--out-plans", str(tmp_path / "a"), env=env)
        quiet = remediate("scan", "--out-plans", str(tmp_path / "b"), "--quiet", env=env)
    assert "plans saved" in usual.err
    assert (quiet.code, quiet.err) == (usual.code, "")
    assert quiet.out


def test_quiet_hides_no_error_and_no_lock_that_is_off(tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        azure.fault("error", status=403, code="AuthorizationFailed", method="PUT", times=None)
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        remediate("--job-id", job, "--yes", "--quiet", *mine, env=env).check(5)
        again = remediate("--job-id", job, "--quiet", *mine, env=env)
        assert "A LOCK IS OFF THAT SHOULD BE ON" in again.err
        refused = remediate("--job-id", "no such job", "--quiet", env=env).check(64)
        assert "no such job" in refused.err


def test_nobody_to_ask_is_said_in_quiet_too(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        job = azure.failed_jobs("web")[-1]
        ended = remediate("--job-id", job, "--quiet", env=environment(azure, tmp_path)).check(4)
    assert ended.err == "remediate: not applied: no terminal to ask on, and no --yes\n"


def test_a_quiet_run_on_a_terminal_still_asks_and_still_tells_its_errors(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        job = azure.failed_jobs("web")[-1]
        with Terminal(azure, tmp_path, "--job-id", job, "--quiet") as terminal:
            until(terminal.asked, "the question")
            terminal.type(b"n\n")
            assert terminal.end() == 4
        assert "not approved" in terminal.said
        assert "back up web now" in terminal.said


def test_a_file_that_lies_there_may_say_more_but_not_less(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        env = environment(azure, tmp_path / "state")
        arguments = ("--job-id", azure.failed_jobs("web")[-1], "--dry-run")
        (tmp_path / "remediate.toml").write_text("quiet = true")
        refused = remediate(*arguments, env=env, cwd=tmp_path).check(64)
        assert "quiet is read only from a file that --config names" in refused.err
        (tmp_path / "remediate.toml").write_text("verbose = true")
        told = remediate(*arguments, env=env, cwd=tmp_path).check(0)
        assert any(map(TOLD.fullmatch, told.err.splitlines()))


@pytest.mark.parametrize("quiet", [False, True])
def test_each_request_is_told_once_and_nothing_secret(quiet: bool, tmp_path: Path) -> None:
    options = ("--quiet",) if quiet else ()
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        azure.fault("error", status=503, code="ServerBusy", times=1)
        azure.clear_log()
        ended = remediate("--job-id", job, "--yes", "--verbose", *options, env=env).check(0)
        asked = [(r["method"], r["path"].partition("?")[0], r["status"]) for r in azure.requests()]
        token = azure.token
    found = [match for line in ended.err.splitlines() if (match := TOLD.fullmatch(line))]
    assert sorted((m["method"], m["path"], int(m["status"])) for m in found) == sorted(asked)
    assert {method for method, _path, _status in asked} >= {"GET", "POST"}
    assert any(match["id"] for match in found)
    assert token not in ended.err
    assert "$filter" not in ended.err
    assert "RECOVERED" in ended.out


def test_on_a_terminal_the_requests_of_a_quiet_run_are_told_too(tmp_path: Path) -> None:
    """A live line would swallow them."""
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        options = ("--yes", "--quiet", "--verbose")
        job = azure.failed_jobs("web")[-1]
        with Terminal(azure, tmp_path, "--job-id", job, *options) as terminal:
            assert terminal.end() == 0
        writes = [r["path"] for r in azure.writes()]
    said = "".join(terminal.said.split())
    assert writes
    assert all(path.partition("?")[0] in said for path in writes)


def test_a_request_without_an_answer_is_told(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        job = azure.failed_jobs("web")[-1]
        azure.fault("cut-before", times=1)
        ended = remediate(
            "--job-id", job, "--dry-run", "--verbose", env=environment(azure, tmp_path)
        ).check(0)
    lines = [line for line in ended.err.splitlines() if re.search(r"^remediate: GET /", line)]
    assert "Error" in lines[0].split(" ")[3]
    assert lines[0].endswith(" ms")
