"""A run that is killed at any moment goes on where it was: nothing twice, nothing forgotten."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, environment, remediate
from tests.evidence import locks, records, running, until
from tests.test_interruptions import PUT_BACK

LATE = 20.0
"""Real seconds after which the chosen request would be answered: the tool surely waits for it."""


@contextmanager
def cloud(scenario: str) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(scenario, time="fast", speed=SPEED) as azure:
        yield azure
        os.kill(azure.pid, signal.SIGKILL)  # it would first give the answers that it holds back


def killed_at(azure: SimulatorProcess, folder: Path, number: int, *options: str) -> bool:
    """Kill a run while its n-th request waits for an answer; False when it makes fewer."""
    azure.fault("slow", after=number - 1, seconds=LATE)
    job = azure.failed_jobs("web")[-1]
    with running(azure, folder, "--job-id", job, "--yes", *options) as tool:
        until(
            lambda: (
                tool.process.poll() is not None
                or any(r["answered"] is None for r in azure.requests())
            ),
            "a request that waits",
        )
        if tool.process.poll() is not None:
            return False
        tool.process.send_signal(signal.SIGKILL)
        tool.process.wait()
    azure.clear_faults()
    return True


def unfinished(azure: SimulatorProcess, folder: Path) -> list[dict[str, Any]]:
    env = environment(azure, folder)
    found = remediate("runs", "list", "--unfinished", "--format", "json", env=env)
    if "no runs in" in found.err:
        return []
    stories: list[dict[str, Any]] = json.loads(found.check(0).out)
    return stories


def triggers(azure: SimulatorProcess) -> int:
    return sum(1 for w in azure.writes() if w["url"].split("?")[0].endswith("/backup"))


@pytest.mark.parametrize("number", range(10, 34, 2))
@pytest.mark.parametrize("scenario", ["limit-reached", "extension-stuck", "provisioning-failed"])
def test_a_run_killed_at_any_request_is_finished_by_resume(
    scenario: str, number: int, tmp_path: Path
) -> None:
    with cloud(scenario) as azure:
        options = ("--allow", "downtime")
        if not killed_at(azure, tmp_path, number, *options):
            assert triggers(azure) == 1
            return
        env = environment(azure, tmp_path)
        left = unfinished(azure, tmp_path)
        if left:
            ended = remediate("resume", "--yes", "--format", "json", env=env)
            assert ended.code in (0, 3), ended.err
            assert ended.json()["run_id"] == left[0]["run_id"]
        else:
            assert azure.writes() == []  # it was killed before it began
            job = azure.failed_jobs("web")[-1]
            remediate("--job-id", job, "--yes", *options, env=env).check(0)
        assert triggers(azure) == 1
        assert unfinished(azure, tmp_path) == []
        story = remediate("runs", "show", left[0]["run_id"], env=env) if left else None
        assert story is None or "Traceback" not in story.check(0).err


def test_a_restart_is_not_sent_a_second_time(tmp_path: Path) -> None:
    with cloud("agent-unavailable") as azure:
        azure.fault("slow", method="POST", path="/(reapply|restart)$", seconds=LATE)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes", "--allow", "downtime") as tool:
            until(
                lambda: any(r["answered"] is None for r in azure.requests()), "the repair is sent"
            )
            tool.process.send_signal(signal.SIGKILL)
            tool.process.wait()
        azure.clear_faults()
        env = environment(azure, tmp_path)
        remediate("resume", "--yes", env=env)
        repairs = [w["url"] for w in azure.writes() if "/backup?" not in w["url"]]
        assert len(repairs) == 1


@pytest.mark.parametrize("number", range(12, 30, 3))
def test_a_lock_that_a_killed_run_took_off_is_put_back(number: int, tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    (books / "mine.yaml").write_text(PUT_BACK, "utf-8")
    with cloud("limit-reached") as azure:
        before = locks(azure)
        options = ("--playbooks", str(books))
        if killed_at(azure, tmp_path, number, *options) and unfinished(azure, tmp_path):
            env = environment(azure, tmp_path)
            assert remediate("resume", "--yes", *options, env=env).code in (0, 3)
        assert locks(azure) == before
        assert triggers(azure) <= 1


def test_a_resumed_run_whose_job_cannot_be_read_is_reported_all_the_same(tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    (books / "mine.yaml").write_text(PUT_BACK, "utf-8")
    with cloud("limit-reached") as azure:
        before = locks(azure)
        azure.fault("slow", method="PUT", path="/locks/", seconds=LATE)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes", "--playbooks", str(books)) as tool:
            until(
                lambda: any(r["answered"] is None for r in azure.requests()), "the lock is put back"
            )
            tool.process.send_signal(signal.SIGKILL)
            tool.process.wait()
        azure.clear_faults()
        azure.fault("error", status=403, method="GET", path="/backupJobs/[^/]+$", times=None)
        env = environment(azure, tmp_path)
        options = ("--yes", "--format", "json", "--playbooks", str(books))
        report = remediate("resume", *options, env=env).check(3).json()
        assert report["verdict"]["ending"] == "needs-human"
        assert "was triggered, but cannot be read" in report["verdict"]["text"]
        assert report["locks_owed"] == []
        assert locks(azure) == before
        assert unfinished(azure, tmp_path) == []


def test_restore_locks_works_from_the_record_alone(tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    (books / "mine.yaml").write_text(PUT_BACK, "utf-8")
    with cloud("limit-reached") as azure:
        before = locks(azure)
        azure.fault("slow", method="POST", path="/backup$", seconds=LATE)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes", "--playbooks", str(books)) as tool:
            until(
                lambda: any(r["answered"] is None for r in azure.requests()), "the trigger is sent"
            )
            tool.process.send_signal(signal.SIGKILL)
            tool.process.wait()
        azure.clear_faults()
        assert locks(azure) != before
        for path in tmp_path.glob("state.*"):
            path.unlink()
        env = environment(azure, tmp_path)
        (entries,) = records(tmp_path)
        run_id = entries[0]["run_id"]
        remediate("restore-locks", run_id, env=env).check(4)  # nobody consented
        assert locks(azure) != before
        remediate("restore-locks", run_id, "--yes", env=env).check(0)
        assert locks(azure) == before
        remediate("restore-locks", run_id, "--yes", env=env).check(0)


def test_a_later_run_says_which_lock_an_earlier_one_owes(tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    (books / "mine.yaml").write_text(PUT_BACK, "utf-8")
    with cloud("limit-reached") as azure:
        azure.fault("slow", method="POST", path="/backup$", seconds=LATE)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes", "--playbooks", str(books)) as tool:
            until(
                lambda: any(r["answered"] is None for r in azure.requests()), "the trigger is sent"
            )
            tool.process.send_signal(signal.SIGKILL)
            tool.process.wait()
        azure.clear_faults()
        (entries,) = records(tmp_path)
        ended = remediate("--job-id", job, "--yes", env=environment(azure, tmp_path))
        assert "A LOCK IS OFF THAT SHOULD BE ON: lock keep" in ended.err
        assert f"remediate restore-locks {entries[0]['run_id']}" in ended.err


def test_a_vm_with_an_unfinished_run_gets_no_second_one(tmp_path: Path) -> None:
    with cloud("extension-stuck") as azure:
        azure.fault("slow", method="DELETE", path="/extensions/", seconds=LATE)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes") as tool:
            until(
                lambda: any(r["answered"] is None for r in azure.requests()), "the removal is sent"
            )
            tool.process.send_signal(signal.SIGKILL)
            tool.process.wait()
        azure.clear_faults()
        env = environment(azure, tmp_path)
        sent = len(azure.writes())
        (story,) = unfinished(azure, tmp_path)
        ended = remediate("--job-id", job, "--yes", env=env).check(4)
        assert f"remediate resume {story['run_id']}" in ended.err
        assert len(azure.writes()) == sent
        remediate("resume", "--yes", env=env).check(0)
        assert triggers(azure) == 1
