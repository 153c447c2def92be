"""If another backup succeeds during a run, the run ends: the remaining steps are not needed."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from remediator.proving.by_hand import back_up_by_hand
from remediator.simulator.process import SimulatorProcess
from tests.altered import fix_through
from tests.between import Asked, Between, Rule, Told
from tests.command import STEP, environment, remediate
from tests.cut_short import put_back_books
from tests.evidence import locks, results, running, scenario, sent, until
from tests.run.locked import KEEP, LOCKED

DELETES = ("--allow", "destructive")
POINT = "/restorePoints/[^/]+"


def succeeds(azure: SimulatorProcess) -> None:
    """Make somebody else's backup, from its start to its end. The deletion has ended by then."""
    azure.advance(600)
    assert back_up_by_hand(azure, "web") is None


def after(number: int, then: Callable[[], None]) -> Rule:
    """A rule: do something right after this number of points was deleted."""
    seen = 0

    def rule(asked: Asked, told: Told) -> Told:
        nonlocal seen
        if asked.method == "DELETE" and "/restorePoints/" in asked.path:
            seen += 1
            if seen == number:
                then()
        return told

    return rule


def deleted(azure: SimulatorProcess) -> int:
    """How many deletions of points were sent."""
    return len(sent(azure, "DELETE", POINT))


def waits(azure: SimulatorProcess, method: str) -> bool:
    """Whether a request of this method has no answer yet."""
    return any(each["method"] == method and not each["answered"] for each in azure.requests())


def first_failed(azure: SimulatorProcess) -> str:
    return azure.failed_jobs("web")[0]


def test_no_more_points_are_deleted_once_a_backup_has_succeeded(tmp_path: Path) -> None:
    with (
        SimulatorProcess("limit-reached-slow-cleanup", time="stepped", step=STEP) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [after(2, lambda: succeeds(azure))]
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        job = first_failed(azure)
        ended = remediate("--job-id", job, "--yes", "--format", "json", *DELETES, env=env).check(0)
        assert len(sent(azure, "DELETE", POINT)) == 2
    report = ended.json()
    assert report["verdict"]["ending"] == "recovered"
    assert {o["result"] for o in report["outcomes"][2:]} == {"unneeded"}


@pytest.mark.parametrize("cut", ["DELETE", "GET"], ids=["while it is sent", "before it is sent"])
def test_a_run_that_is_resumed_after_a_good_backup_deletes_nothing_more(
    tmp_path: Path, cut: str
) -> None:
    """The run is killed at its third deletion, or at the first look before it."""
    with (
        SimulatorProcess("limit-reached-slow-cleanup", time="stepped", step=STEP) as azure,
        Between(azure) as middle,
    ):
        times = 3 if cut == "DELETE" else 2

        def hang() -> None:
            azure.fault("slow", seconds=600, method=cut, times=None)

        middle.rules = [after(2, hang)]
        given = ("--job-id", first_failed(azure), "--yes", *DELETES)
        with running(azure, tmp_path, *given, "--arm-endpoint", middle.url) as tool:
            until(lambda: deleted(azure) == times and waits(azure, cut), f"a {cut} that hangs")
            tool.process.kill()
            tool.process.wait()
        azure.clear_faults()
        succeeds(azure)
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        remediate("resume", "--yes", env=env)
        assert deleted(azure) == times
        os.kill(azure.pid, signal.SIGKILL)  # else it would first give the answer that hangs


def test_a_lock_is_still_put_back_after_another_backup_succeeded(tmp_path: Path) -> None:
    """The lock is off at the moment when the other backup succeeds."""
    path = scenario(tmp_path, LOCKED, locks=[KEEP])
    with SimulatorProcess(path, time="stepped", step=STEP) as azure, Between(azure) as middle:

        def rule(asked: Asked, told: Told) -> Told:
            if asked.method == "DELETE" and "/locks/" in asked.path:
                azure.advance(60)
                back_up_by_hand(azure, "web")
                azure.advance(7 * 3600)
                assert back_up_by_hand(azure, "web") is None
            return told

        middle.rules = [rule]
        ended = fix_through(middle, azure, tmp_path, *put_back_books(tmp_path)).check(0)
        assert locks(azure) == ["keep"]
    assert results(tmp_path) == ["applied", "unneeded", "applied"]
    assert ended.json()["verdict"]["ending"] == "recovered"
