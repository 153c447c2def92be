"""Runs that go on long after their plan was made: the run reads jobs and clocks again.

The run sees a job that began more than a day after the plan. If the plan has expired, a run that is
taken up only puts things back.
"""

import signal
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

from remediator.proving.by_hand import VERSION, call
from remediator.simulator.process import SimulatorProcess
from tests.ailing import full
from tests.between import Asked, Between, Told
from tests.command import Ended, environment, remediate
from tests.cut_short import cloud, hold, killed_during, put_back_books, unanswered
from tests.evidence import locks, path_of, running, triggers, unfinished, until
from tests.guarding import saved

HOUR = 3600
DAY = 24 * HOUR
POINT: dict[str, Any] = {"method": "DELETE", "path": "/restorePoints/"}


def deletions(azure: SimulatorProcess) -> list[str]:
    return [path_of(w["url"]) for w in azure.writes() if w["method"] == "DELETE"]


def begin_backup(azure: SimulatorProcess) -> None:
    """Start a backup by hand, as another administrator does. It runs on."""
    [item] = azure.state()["items"]
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    call(azure, "POST", f"{item['id']}/backup?{VERSION}", body)


def resumed(azure: SimulatorProcess, folder: Path, *options: str) -> Ended:
    return remediate("resume", "--yes", *options, env=environment(azure, folder))


def cut_short_at_the_third(azure: SimulatorProcess, folder: Path) -> int:
    """Kill a run while its third deletion waits for its answer. Return how many were sent."""
    hold(azure, 3, **POINT)
    job = azure.failed_jobs("web")[0]
    options = ("--allow", "destructive")
    with running(azure, folder, "--job-id", job, "--yes", *options) as tool:
        until(lambda: unanswered(azure), "the third deletion waits")
        tool.process.send_signal(signal.SIGKILL)
        tool.process.wait()
    azure.clear_faults()
    assert len(unfinished(azure, folder)) == 1
    assert len(deletions(azure)) == 3
    return 3


def told(ended: Ended) -> str:
    return " ".join((ended.out + ended.err).split())


def test_a_run_resumed_two_days_later_only_puts_things_back(tmp_path: Path) -> None:
    with cloud(full(tmp_path, "8m")) as azure:
        before = cut_short_at_the_third(azure, tmp_path)
        azure.advance(2 * DAY)
        ended = resumed(azure, tmp_path).check(4)
        assert len(deletions(azure)) == before
        assert "expired" in told(ended)
        assert unfinished(azure, tmp_path) == []
        assert triggers(azure) == 0


def test_a_run_resumed_two_days_later_while_a_backup_runs_deletes_nothing(tmp_path: Path) -> None:
    with cloud(full(tmp_path, "90h")) as azure:
        before = cut_short_at_the_third(azure, tmp_path)
        azure.advance(2 * DAY)
        begin_backup(azure)
        assert resumed(azure, tmp_path).code in (3, 4)
        assert len(deletions(azure)) == before
        assert triggers(azure) == 1  # the one that was started by hand


def test_a_run_resumed_after_a_good_backup_deletes_nothing_more(tmp_path: Path) -> None:
    with cloud(full(tmp_path, "8m")) as azure:
        before = cut_short_at_the_third(azure, tmp_path)
        begin_backup(azure)
        azure.advance(HOUR)
        ended = resumed(azure, tmp_path).check(0)
        assert len(deletions(azure)) == before
        assert "has succeeded meanwhile" in told(ended)
        assert triggers(azure) == 1  # the one that was started by hand


def test_a_lock_is_put_back_also_when_the_plan_has_expired(tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        # The removal was sent, but its answer never came.
        killed_during(azure, tmp_path, *mine, method="DELETE", path="/locks/")
        azure.advance(2 * DAY)
        assert locks(azure) != before
        ended = resumed(azure, tmp_path, *mine)
        assert ended.code in (3, 4), ended.err
        assert locks(azure) == before
        assert triggers(azure) == 0
        assert unfinished(azure, tmp_path) == []


def test_a_change_that_a_guard_now_refuses_is_not_begun_and_the_lock_is_put_back(
    tmp_path: Path,
) -> None:
    """The guards judge again when a person takes a run up, by that person's limits."""
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        killed_during(azure, tmp_path, *mine, method="DELETE", path="/locks/")
        elsewhere = ("--only-subscription", "22222222-2222-2222-2222-222222222222")
        ended = resumed(azure, tmp_path, *mine, *elsewhere)
        assert "no new step is begun; locks and power are put back: refused by a guard" in told(
            ended
        )
        assert locks(azure) == before
        assert triggers(azure) == 0
        assert unfinished(azure, tmp_path) == []
    trail = (tmp_path / "audit.jsonl").read_text("utf-8")
    assert '"refused"' not in trail


def test_what_was_triggered_before_the_plan_expired_is_followed(tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        killed_during(azure, tmp_path, *mine, method="PUT", path="/locks/")
        azure.advance(2 * DAY)
        resumed(azure, tmp_path, *mine).check(0)
        assert triggers(azure) == 1
        assert locks(azure) == before


def plan_of(azure: SimulatorProcess, folder: Path, job: int, *options: str) -> Path:
    path = folder / "plan.json"
    arguments = ("plan", "--job-id", azure.failed_jobs("web")[job], "--out", str(path), *options)
    remediate(*arguments, env=environment(azure, folder)).check(0)
    azure.clear_log()
    return path


ALMOST_A_DAY = DAY - 2 * 60


def test_a_job_that_begins_a_day_after_the_plan_holds_what_is_left_of_it(tmp_path: Path) -> None:
    with cloud(full(tmp_path, "90h"), 60) as azure:
        path = plan_of(azure, tmp_path, 0, *(destroy := ("--allow", "destructive")))
        azure.advance(ALMOST_A_DAY - 60)
        azure.fault("slow", after=2, seconds=6.0, **POINT)
        with running(azure, tmp_path, "apply", str(path), "--yes", *destroy) as tool:
            until(lambda: unanswered(azure), "the third deletion waits")
            azure.advance(HOUR)  # now the plan is more than a day old
            begin_backup(azure)
            ended = tool.end()
        assert ended.code in (3, 4), ended.err
        assert len(deletions(azure)) == 3
        assert triggers(azure) == 1


def test_a_lost_trigger_of_an_old_plan_is_not_sent_again(tmp_path: Path) -> None:
    with cloud("extension-stuck") as azure:
        path = saved(azure, tmp_path, "--allow", "downtime")
        azure.advance(ALMOST_A_DAY - HOUR)
        azure.clear_log()
        azure.fault("cut-after", method="POST", path="/backup$")
        env = environment(azure, tmp_path)
        remediate("apply", str(path), "--yes", env=env).check(0)
        assert triggers(azure) == 1


def behind(by: timedelta) -> Any:
    """A rule that sets Azure's clock behind its jobs by this much."""

    def rule(_asked: Asked, answer: Told) -> Told:
        headers = tuple(
            (name, format_datetime(parsedate_to_datetime(value) - by, usegmt=True))
            if name.lower() == "date"
            else (name, value)
            for name, value in answer.headers
        )
        return Told(answer.status, headers, answer.content)

    return rule


def test_under_a_clock_that_is_behind_a_lost_trigger_is_not_sent_again(tmp_path: Path) -> None:
    with cloud("extension-stuck") as azure, Between(azure) as middle:
        middle.rules = [behind(timedelta(hours=36))]
        azure.fault("cut-after", method="POST", path="/backup$")
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        job = azure.failed_jobs("web")[-1]
        remediate("--job-id", job, "--yes", "--allow", "downtime", env=env).check(0)
        assert triggers(azure) == 1
