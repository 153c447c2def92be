"""A run cut short at any point: the record tells its changes; each lock is put back or named."""

import json
import signal
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment, remediate
from tests.cut_short import cloud, hold, interrupted, put_back_books, unanswered
from tests.evidence import (
    FULL,
    Running,
    fix,
    locks,
    path_of,
    record,
    results,
    running,
    scenario,
    sent,
    triggered,
    until,
)

KEEP = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1", "notes": "Do not 'delete'"}


def intents(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (e["change"]["request"]["method"], path_of(e["change"]["request"]["url"]))
        for e in entries
        if e["kind"] == "intent"
    ]


def check_all_is_on_record(azure: SimulatorProcess, folder: Path, tool: Running) -> None:
    """Each write was announced on disk and on screen, and the record holds each lock in full."""
    entries = record(folder)
    announced = intents(entries)
    screen = tool.err.lower()
    for write in azure.writes():
        key = (write["method"], path_of(write["url"]))
        assert key in announced
        assert f"{key[0]} {key[1]}".lower() in screen
    # Only the last announced change may have no request: the tool was about to send it.
    written = [(w["method"], path_of(w["url"])) for w in azure.writes()]
    assert announced[: len(written)] == written
    assert len(announced) - len(written) <= 1
    for row in azure.state()["locks"]:
        if row["deleted"]:
            (lease,) = (e["lock"] for e in entries if e["kind"] == "lease")
            assert (lease["name"], lease["level"], lease["owners"]) == ("keep", "CanNotDelete", [])
            assert lease["notes"] == "Do not delete"
            assert row["id"].startswith(lease["scope"])
            assert "lock recorded: keep (cannotdelete)" in screen


CASES = [
    *(("limit-reached", -1, (), n) for n in (1, 2)),
    *(("agent-unavailable", -1, ("--allow", "downtime"), n) for n in (1, 2)),
    *(("limit-reached-slow-cleanup", 0, ("--allow", "destructive"), n) for n in (1, 2, 9, 16, 17)),
]


@pytest.mark.parametrize(
    ("name", "job", "options", "number"), CASES, ids=[f"{c[0]}, write {c[3]}" for c in CASES]
)
def test_killed_during_a_write(
    name: str, job: int, options: tuple[str, ...], number: int, tmp_path: Path
) -> None:
    with cloud(name, 4 * SPEED) as azure:
        for method in ("DELETE", "POST"):
            before = 0
            if method == "POST" and name == "limit-reached":
                before = 1
            if method == "POST" and name == "limit-reached-slow-cleanup":
                before = 16
            if number > before:
                hold(azure, number - before, method=method)
        arguments = ("--job-id", azure.failed_jobs("web")[job], "--yes", *options)
        with running(azure, tmp_path, *arguments) as tool:
            until(lambda: len(azure.writes()) == number, f"write {number}")
            tool.process.kill()
            tool.process.wait()
            check_all_is_on_record(azure, tmp_path, tool)
            assert len(intents(record(tmp_path))) == number
            assert record(tmp_path)[-1]["kind"] == "intent"


@pytest.mark.parametrize("number", [9, 14, 21, 23, 25, 27, 29, 31, 35])
def test_killed_at_any_request(number: int, tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        hold(azure, number)
        arguments = ("--job-id", azure.failed_jobs("web")[-1], "--yes")
        with running(azure, tmp_path, *arguments) as tool:
            until(lambda: len(azure.requests()) >= number and unanswered(azure), f"{number}")
            tool.process.kill()
            tool.process.wait()
            if (tmp_path / "runs").exists() and record(tmp_path):
                check_all_is_on_record(azure, tmp_path, tool)
            else:
                assert azure.writes() == []


@pytest.mark.parametrize("number", [1, 2, 4, 8])
def test_ctrl_c_while_planning(number: int, tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        hold(azure, number)
        ended = interrupted(azure, tmp_path, lambda: unanswered(azure)).check(130)
        assert "interrupted" in ended.err
        assert azure.writes() == []
        assert not (tmp_path / "runs").exists()


MOMENTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "before the first write": (
        {"method": "GET", "path": "/locks$", "number": 3},
        ["not-reached", "not-reached"],
    ),
    "during the first write": ({"method": "DELETE", "number": 1}, ["uncertain", "not-reached"]),
    "after the first write": (
        {"method": "GET", "path": "/locks$", "number": 4},
        ["uncertain", "not-reached"],
    ),
    "before the trigger": (
        {"method": "GET", "path": "/backupProtectedItems$", "number": 5},
        ["applied", "not-reached"],
    ),
    "during the trigger": ({"method": "POST", "number": 1}, ["applied", "uncertain"]),
    "before the job is known": (
        {"method": "GET", "path": "/operationsStatus/", "number": 1},
        ["applied", "uncertain"],
    ),
    "while the job runs": (
        {"method": "GET", "path": "/backupJobs/[^/]*$", "number": 3},
        ["applied", "uncertain"],
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_leaves_a_true_report(moment: str, tmp_path: Path) -> None:
    which, outcomes = MOMENTS[moment]
    with cloud("limit-reached") as azure:
        hold(azure, **which)
        ended = interrupted(azure, tmp_path, lambda: unanswered(azure)).check(130)
        entries = record(tmp_path)
        assert entries[-1]["kind"] == "concluded"
        assert results(tmp_path) == outcomes
        assert intents(entries) == [(w["method"], path_of(w["url"])) for w in azure.writes()]
        for word in {"uncertain": "   interrupted ", "not-reached": "not done"}.items():
            assert (word[0] in outcomes) == (word[1] in ended.out)
        assert "see where things stand: remediate --job-id" in ended.out
        unsure = outcomes[0] == "uncertain"
        told = "Not known whether it is off: lock keep" if unsure else "Left off on purpose"
        assert (told in ended.out) == ("keep" not in locks(azure))
        assert ("Left off on purpose" in ended.out) <= (not unsure)
        if moment == "while the job runs":
            (job,) = triggered(azure)
            assert f"interrupted while backup job {job['name']} was InProgress" in ended.out
        writes = len(azure.writes())
    assert writes == 2 - outcomes.count("not-reached")


def test_ctrl_c_during_a_restart(tmp_path: Path) -> None:
    with cloud("agent-unavailable") as azure:
        hold(azure, 1, method="POST", path="/reapply$")
        moment = lambda: unanswered(azure)  # noqa: E731
        interrupted(azure, tmp_path, moment, "--allow", "downtime").check(130)
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert len(azure.writes()) == 1


def test_ctrl_c_between_deletions(tmp_path: Path) -> None:
    vm = {
        "collection": FULL,
        "backup": {"cleanup": "broken"},
        "on_demand_backup": "8h ago",
        "scheduled_backup": "1h ago",
    }
    with cloud(scenario(tmp_path, vm), 4 * SPEED) as azure:
        hold(azure, 3, method="DELETE")
        moment = lambda: unanswered(azure)  # noqa: E731
        ended = interrupted(azure, tmp_path, moment, "--allow", "destructive").check(130)
        assert len(azure.writes()) == 3
        found = results(tmp_path)
        assert found[:4] == ["applied", "applied", "uncertain", "not-reached"]
        assert set(found[3:]) == {"not-reached"}
        assert "see where things stand" in ended.out
        assert sent(azure, "POST", "/backup") == []


# --- each lock is put back ----------------------------------------------------------------------


@pytest.fixture
def mine(tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """A scenario with a lock, and the option for a playbook that puts the lock back."""
    vm = {"collection": FULL, "scheduled_backup": "3h ago"}
    return scenario(tmp_path, vm, locks=[KEEP]), put_back_books(tmp_path)


def check_the_lock_is_back(azure: SimulatorProcess, folder: Path) -> None:
    (put,) = sent(azure, "PUT", "/locks/keep")
    assert put["body"]["properties"] == {"level": "CanNotDelete", "notes": "Do not 'delete'"}
    assert locks(azure) == ["keep"]
    (row,) = (r for r in azure.state()["locks"] if not r["deleted"])
    assert row["level"] == "CanNotDelete"
    assert [e["kind"] for e in record(folder)].count("lease-returned") == 1


Mine = tuple[Path, tuple[str, ...]]


def test_a_lock_is_put_back_as_it_was(mine: Mine, tmp_path: Path) -> None:
    with cloud(mine[0]) as azure:
        job = azure.failed_jobs("web")[-1]
        ended = fix_with(azure, tmp_path, job, *mine[1]).check(0)
        check_the_lock_is_back(azure, tmp_path)
        assert results(tmp_path) == ["applied", "applied", "applied"]
        assert "PUT BACK" not in ended.out


def fix_with(azure: SimulatorProcess, folder: Path, job: str, *options: str) -> Ended:
    return remediate("--job-id", job, "--yes", *options, env=environment(azure, folder))


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "status": 409, "code": "Busy"},
        {"kind": "lro-fails"},
        {"kind": "error", "status": 403, "code": "AuthorizationFailed"},
    ],
    ids=["refused", "operation refused", "not allowed"],
)
def test_a_failed_run_puts_the_lock_back(fault: dict[str, Any], mine: Mine, tmp_path: Path) -> None:
    with cloud(mine[0]) as azure:
        azure.fault(method="POST", path="/backup$", times=None, **fault)
        fix_with(azure, tmp_path, azure.failed_jobs("web")[-1], *mine[1]).check(3)
        check_the_lock_is_back(azure, tmp_path)
        assert results(tmp_path)[0] == "applied"
        assert results(tmp_path)[2] == "applied"


@pytest.mark.parametrize(
    "which",
    [
        {"method": "DELETE", "number": 1},
        {"method": "GET", "path": "/locks$", "number": 4},
        {"method": "GET", "path": "/backupProtectedItems$", "number": 5},
        {"method": "POST", "number": 1},
        {"method": "GET", "path": "/backupJobs/[^/]*$", "number": 3},
    ],
    ids=["taking it off", "seeing it off", "before the trigger", "trigger", "following"],
)
def test_an_interrupted_run_puts_the_lock_back(
    which: dict[str, Any], mine: Mine, tmp_path: Path
) -> None:
    with cloud(mine[0]) as azure:
        hold(azure, **which)
        interrupted(azure, tmp_path, lambda: unanswered(azure), *mine[1]).check(130)
        check_the_lock_is_back(azure, tmp_path)
        assert record(tmp_path)[-1]["kind"] == "concluded"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_puts_the_lock_back(
    by: signal.Signals, mine: Mine, tmp_path: Path
) -> None:
    with cloud(mine[0]) as azure:
        hold(azure, method="GET", path="/backupJobs/[^/]*$", number=3)
        interrupted(azure, tmp_path, lambda: unanswered(azure), *mine[1], by=by).check(130)
        check_the_lock_is_back(azure, tmp_path)
        assert record(tmp_path)[-1]["kind"] == "concluded"


def test_a_lock_that_the_guard_put_back_after_all_is_not_left_to_a_person(
    mine: Mine, tmp_path: Path
) -> None:
    with cloud(mine[0]) as azure:
        azure.fault("error", status=403, code="AuthorizationFailed", method="PUT", path="/locks/")
        ended = fix(azure, tmp_path, *mine[1]).check(0)
        assert locks(azure) == ["keep"]
        assert "PUT BACK" not in ended.out


def test_a_lock_is_put_back_with_patience_when_the_time_is_up(mine: Mine, tmp_path: Path) -> None:
    with cloud(mine[0], 30) as azure:
        azure.fault("error", status=409, code="Busy", method="PUT", path="/locks/", times=3)
        fix(azure, tmp_path, *mine[1], "--timeout", "2s").check(3)
        assert locks(azure) == ["keep"]
        assert results(tmp_path)[2] == "applied"


def test_a_lock_whose_removal_is_still_on_its_way_is_not_taken_for_put_back(
    mine: Mine, tmp_path: Path
) -> None:
    with cloud(mine[0], 30) as azure:
        azure.fault("lands-late", method="DELETE", path="/locks/", seconds=1)
        interrupted(azure, tmp_path, lambda: sent(azure, "DELETE", "/locks/keep"), *mine[1]).check(
            130
        )
        until(lambda: sent(azure, "DELETE", "/locks/keep")[0]["status"], "the removal")
        assert locks(azure) == ["keep"]
        assert results(tmp_path) == ["uncertain", "not-reached", "applied"]


def test_ctrl_c_while_putting_back_still_puts_back(mine: Mine, tmp_path: Path) -> None:
    with cloud(mine[0]) as azure:
        hold(azure, 1, method="PUT")
        interrupted(azure, tmp_path, lambda: unanswered(azure), *mine[1]).check(130)
        assert locks(azure) == ["keep"]
        assert {str(w["body"]["properties"]) for w in sent(azure, "PUT", "/locks/keep")} == {
            str({"level": "CanNotDelete", "notes": "Do not 'delete'"})
        }
        assert [e["kind"] for e in record(tmp_path)].count("lease-returned") == 1


@pytest.mark.parametrize("interrupt", [False, True], ids=["at the end", "interrupted"])
def test_a_lock_that_cannot_be_put_back_is_said_aloud(
    interrupt: bool, mine: Mine, tmp_path: Path
) -> None:
    with cloud(mine[0]) as azure:
        azure.fault("error", status=403, code="AuthorizationFailed", method="PUT", times=None)
        if interrupt:
            hold(azure, 1, method="POST")
            ended = interrupted(azure, tmp_path, lambda: unanswered(azure), *mine[1]).check(5)
        else:
            ended = fix_with(azure, tmp_path, azure.failed_jobs("web")[-1], *mine[1]).check(5)
        assert locks(azure) == []
        told = " ".join(ended.out.split())
        assert "PUT BACK lock keep (CanNotDelete)" in told
        assert "az lock create --name=keep --lock-type CanNotDelete" in told
        assert "Do not" in told.split("az lock create")[1]
        assert [e["kind"] for e in record(tmp_path)].count("lease-returned") == 0
        assert record(tmp_path)[-1]["kind"] == "concluded"


# --- the time is up -----------------------------------------------------------------------------


def test_when_the_time_is_up_the_backup_goes_on_and_how_to_look_is_said(tmp_path: Path) -> None:
    with cloud("limit-reached", 30) as azure:
        job = azure.failed_jobs("web")[-1]
        ended = fix_with(azure, tmp_path, job, "--timeout", "2s", "--format", "json").check(3)
        report = ended.json()
        (new,) = triggered(azure)
        assert new["status"] == "InProgress"
        assert report["verdict"]["ending"] == "still-running"
        assert report["next"] == [f"look again: remediate --job-id {quote(job)} --dry-run"]
        assert record(tmp_path)[-1]["verdict"] == "still-running"
        assert len(azure.writes()) == 2
        assert json.loads(ended.out)["new_job"]["name"] == new["name"]
