"""A run that is killed at any moment goes on where it was: nothing is done twice or forgotten."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from remediator.proving.by_hand import VERSION, call
from remediator.run.claims import FileClaims
from remediator.simulator.process import SimulatorProcess
from tests.ailing import WORN
from tests.command import Ended, environment, remediate
from tests.cut_short import (
    PUT_BACK,
    cloud,
    hold,
    killed_at,
    killed_during,
    put_back_books,
    unanswered,
)
from tests.evidence import fix, locks, records, running, scenario, sent, triggers, unfinished, until


def check_one_trigger(azure: SimulatorProcess, folder: Path, ended: Ended) -> None:
    """Exactly one backup was triggered. If not, the message shows all that could explain it."""
    told = [
        *("exit", str(ended.code), ended.out, ended.err),
        *("records", json.dumps(records(folder), indent=1)),
        *("writes", json.dumps(azure.writes(), indent=1)),
    ]
    assert triggers(azure) == 1, "\n".join(told)


# Before, between and after the writes, and while a write is being sent. `make chaos` has all other
# moments.
KILLED = [
    *(("limit-reached", number) for number in (*range(10, 34, 2), 29)),
    *(("extension-stuck", number) for number in range(9, 34, 5)),
    *(("provisioning-failed", number) for number in range(11, 34, 4)),
]


@pytest.mark.parametrize(("scenario", "number"), KILLED)
def test_a_run_killed_at_any_request_is_finished_by_resume(
    scenario: str, number: int, tmp_path: Path
) -> None:
    with cloud(scenario) as azure:
        options = ("--allow", "downtime")
        if fewer := killed_at(azure, tmp_path, number, *options):
            fewer.check(0)
            check_one_trigger(azure, tmp_path, fewer)
            return
        env = environment(azure, tmp_path)
        left = unfinished(azure, tmp_path)
        if left:
            ended = remediate("resume", "--yes", "--format", "json", env=env)
            assert ended.code in (0, 3), ended.err
            assert ended.json()["run_id"] == left[0]["run_id"]
        else:
            assert azure.writes() == []  # it was killed before its first change
            ended = fix(azure, tmp_path, *options).check(0)
        check_one_trigger(azure, tmp_path, ended)
        assert unfinished(azure, tmp_path) == []
        story = remediate("runs", "show", left[0]["run_id"], env=env) if left else None
        assert story is None or "Traceback" not in story.check(0).err


def test_a_restart_is_not_sent_a_second_time(tmp_path: Path) -> None:
    with cloud("agent-unavailable") as azure:
        killed_during(
            azure, tmp_path, "--allow", "downtime", method="POST", path="/(reapply|restart)$"
        )
        env = environment(azure, tmp_path)
        remediate("resume", "--yes", env=env)
        repairs = [w["url"] for w in azure.writes() if "/backup?" not in w["url"]]
        assert len(repairs) == 1


@pytest.mark.parametrize("number", range(12, 30, 3))
def test_a_lock_that_a_killed_run_took_off_is_put_back(number: int, tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        if fewer := killed_at(azure, tmp_path, number, *mine):
            fewer.check(0)
        elif unfinished(azure, tmp_path):
            env = environment(azure, tmp_path)
            assert remediate("resume", "--yes", *mine, env=env).code in (0, 3)
        assert locks(azure) == before
        assert triggers(azure) <= 1


def test_a_resumed_run_whose_job_cannot_be_read_is_reported_all_the_same(tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        killed_during(azure, tmp_path, *mine, method="PUT", path="/locks/")
        azure.fault("error", status=403, method="GET", path="/backupJobs/[^/]+$", times=None)
        env = environment(azure, tmp_path)
        options = ("--yes", "--format", "json", *mine)
        report = remediate("resume", *options, env=env).check(3).json()
        assert report["verdict"]["ending"] == "needs-human"
        assert "was triggered, but cannot be read" in report["verdict"]["text"]
        assert report["locks_owed"] == []
        assert locks(azure) == before
        assert unfinished(azure, tmp_path) == []


def test_a_guard_that_was_killed_after_its_run_had_ended_is_finished_by_resume(
    tmp_path: Path,
) -> None:
    again = "  - {rung: again, title: Back up, steps: [{action: back-up-now}]}\nmanual:"
    mine = (*put_back_books(tmp_path, PUT_BACK.replace("manual:", again)), "--cool-down", "0")
    denied: dict[str, Any] = {"kind": "error", "status": 403, "code": "AuthorizationFailed"}
    with cloud("limit-reached") as azure:
        before = locks(azure)
        # The run may neither back up nor put its lock back. It is killed while its guard tries to
        # put the lock back.
        azure.fault(method="POST", path="/backup$", **denied)
        azure.fault(method="PUT", path="/locks/", **denied)
        azure.fault("error", status=503, after=1, times=None, method="PUT", path="/locks/")
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes", *mine) as tool:
            until(lambda: len(sent(azure, "PUT", "/locks/keep")) > 1, "the guard is at work")
            tool.process.send_signal(signal.SIGKILL)
            tool.process.wait()
        azure.clear_faults()
        assert locks(azure) != before
        (story,) = unfinished(azure, tmp_path)
        assert (story["state"], story["report"] is None) == ("not put back", False)
        second = fix(azure, tmp_path, *mine).check(4).err
        assert "A LOCK IS OFF THAT SHOULD BE ON: lock keep" in second
        assert f"has not ended; nothing was changed: remediate resume {story['run_id']}" in second
        env = environment(azure, tmp_path)
        report = remediate("resume", "--all", "--yes", "--format", "json", env=env).check(3).json()
        assert report["locks_owed"] == []
        assert locks(azure) == before
        assert unfinished(azure, tmp_path) == []
        assert "A LOCK IS OFF" not in fix(azure, tmp_path, *mine).err


def test_restore_locks_works_from_the_record_alone(tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        killed_during(azure, tmp_path, *mine, method="POST", path="/backup$")
        assert locks(azure) != before
        for path in tmp_path.glob("state.*"):
            path.unlink()
        env = environment(azure, tmp_path)
        (entries,) = records(tmp_path)
        run_id = entries[0]["run_id"]
        remediate("restore-locks", run_id, env=env).check(4)  # without consent
        assert locks(azure) != before
        remediate("restore-locks", run_id, "--yes", env=env).check(0)
        assert locks(azure) == before
        remediate("restore-locks", run_id, "--yes", env=env).check(0)


def test_a_later_run_says_which_lock_an_earlier_one_owes(tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        killed_during(azure, tmp_path, *mine, method="POST", path="/backup$")
        (entries,) = records(tmp_path)
        ended = fix(azure, tmp_path)
        assert "A LOCK IS OFF THAT SHOULD BE ON: lock keep" in ended.err
        run_id = entries[0]["run_id"]
        assert f"remediate restore-locks {run_id}" in ended.err
        remediate("restore-locks", run_id, "--yes", env=environment(azure, tmp_path)).check(0)
        assert "A LOCK IS OFF" not in fix(azure, tmp_path).err


def test_a_record_of_a_lock_that_cannot_be_read_is_said_aloud(tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        killed_during(azure, tmp_path, *put_back_books(tmp_path), method="POST", path="/backup$")
        (path,) = (tmp_path / "runs").glob("*.jsonl")
        path.write_bytes(path.read_bytes().replace(b'"plan_id"', b'"plan_no"', 1))
        ended = fix(azure, tmp_path)
        assert (
            f"A LOCK MAY BE OFF THAT SHOULD BE ON, and its record cannot be read: {path}"
        ) in ended.err


def test_a_vm_with_an_unfinished_run_gets_no_second_one(tmp_path: Path) -> None:
    with cloud("extension-stuck") as azure:
        killed_during(azure, tmp_path, method="DELETE", path="/extensions/")
        env = environment(azure, tmp_path)
        sent = len(azure.writes())
        (story,) = unfinished(azure, tmp_path)
        ended = fix(azure, tmp_path).check(4)
        assert f"remediate resume {story['run_id']}" in ended.err
        refused = remediate("resume", "--yes", "--require-signature", env=env).check(4)
        assert "is not signed with a key of --verify" in refused.err
        assert len(azure.writes()) == sent
        remediate("resume", "--yes", env=env).check(0)
        assert triggers(azure) == 1


def test_a_run_that_cannot_be_resumed_keeps_no_other_from_its_end(tmp_path: Path) -> None:
    vm = {
        "copies": 2,
        "extensions": [{"name": "VMSnapshot", "state": "failed"}],
        "scheduled_backup": "3h ago",
    }
    with cloud(scenario(tmp_path, vm)) as azure:
        vms = {each["name"]: each["id"] for each in azure.state()["vms"]}
        for name in vms:
            hold(azure, method="DELETE", path=f"/virtualMachines/{name}/extensions/")
            job = azure.failed_jobs(name)[-1]
            with running(azure, tmp_path, "--job-id", job, "--yes") as tool:
                until(lambda: unanswered(azure), "the removal is sent")
                tool.process.send_signal(signal.SIGKILL)
                tool.process.wait()
            azure.clear_faults()
            azure.clear_log()
        newest, _ = unfinished(azure, tmp_path)
        # `resume` takes the newest run first, and somebody else has claimed the VM of that run.
        busy = FileClaims(tmp_path, "somebody")
        vm_id = list(vms.values())[-1]
        assert busy.claim(vm_id) is None
        env = environment(azure, tmp_path)
        ended = remediate("resume", "--all", "--yes", env=env).check(4)
        assert f"{newest['run_id']}: " in ended.err
        assert "is at work on this VM" in ended.err
        assert [run["run_id"] for run in unfinished(azure, tmp_path)] == [newest["run_id"]]
        assert triggers(azure) == 1
        busy.release(vm_id)


def test_a_backup_is_not_triggered_again_before_its_job_must_have_shown(tmp_path: Path) -> None:
    with cloud("limit-reached", 30) as azure:
        azure.fault("job-late", method="POST", path="/backup$", seconds=240)
        killed_during(azure, tmp_path, method="POST", path="/backup$")
        env = environment(azure, tmp_path)
        ended = remediate("resume", "--yes", "--timeout", "1s", env=env).check(3)
        assert "the backup is not triggered a second time" in " ".join(ended.out.split())
        assert triggers(azure) == 1


def test_resume_deletes_nothing_that_may_no_longer_be_deleted(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, WORN)) as azure:
        which = {"method": "DELETE", "path": "/restorePointCollections/"}
        azure.fault("error", status=503, **which)  # the request did not arrive
        killed_during(azure, tmp_path, "--allow", "destructive", **which)
        state = azure.state()
        stopped = {
            "protectedItemType": "Microsoft.Compute/virtualMachines",
            "protectionState": "ProtectionStopped",
            "sourceResourceId": state["vms"][0]["id"],
        }
        call(azure, "PUT", f"{state['items'][0]['id']}?{VERSION}", {"properties": stopped})
        ended = remediate("resume", "--yes", env=environment(azure, tmp_path)).check(3)
        assert "every restore point that is left counts as needed" in " ".join(ended.out.split())
        assert len(azure.state()["collections"]) == 1
        assert len(sent(azure, "DELETE", "/restorePointCollections/[^/]*")) == 1


def test_a_line_that_was_half_written_hides_no_lock(tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        before, books = locks(azure), put_back_books(tmp_path)
        # The run is killed during its last look before it takes the lock off.
        assert killed_at(azure, tmp_path, 3, *books, method="GET", path="/locks$") is None
        (path,) = (tmp_path / "runs").glob("*.jsonl")
        with path.open("ab") as record:
            record.write(b'{"kind":"lease","at":"20')
        azure.fault("error", status=403, method="PUT", path="/locks/", times=None)
        env = environment(azure, tmp_path)
        remediate("resume", "--yes", *books, env=env).check(5)
        assert locks(azure) != before
        azure.clear_faults()
        remediate("restore-locks", path.stem, "--yes", env=env).check(0)
        assert locks(azure) == before


def test_resume_offers_no_option_that_it_does_not_heed(tmp_path: Path) -> None:
    """Runs are resumed one after the other, so `--parallelism` would have no effect."""
    with SimulatorProcess("healthy") as azure:
        env = environment(azure, tmp_path)
        assert "No such option" in remediate("resume", "--parallelism", "2", env=env).check(64).err
