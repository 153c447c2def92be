"""The limit of attempts: per VM and code, counted from Azure's own job history."""

from pathlib import Path
from typing import Any

import pytest

from remediator.conditions.jobs import DECISIVE
from remediator.job.request_ids import request_id
from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.evidence import scenario, sent
from tests.guarding import dry, kinds, refused

CODE = "UserErrorVmNotInDesirableState"
LOCKED = "UserErrorRpCollectionLimitReached"
FULL = {"group": "AzureBackupRG_westeurope_1", "points": {"count": 3, "newest": "1d ago"}}
LOCK = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}


def tried(folder: Path, *codes: str, hours: int = 1, last: str = LOCKED) -> SimulatorProcess:
    """A VM with attempts, the last one some hours ago, and with a scheduled backup after them."""
    count = len(codes)
    history: list[dict[str, Any]] = [
        {"at": f"{hours + count - n}h ago", "user_triggered": True, "code": code}
        for n, code in enumerate(codes)
    ]
    history.append({"at": "30m ago", "code": last})
    return stepped(scenario(folder, {"collection": FULL, "history": history}, locks=[LOCK]))


def test_three_attempts_are_within_the_budget(tmp_path: Path) -> None:
    with tried(tmp_path, *[LOCKED] * 3) as azure:
        assert "change" in kinds(dry(azure, tmp_path))


def test_after_the_fourth_the_vm_is_left_to_rest(tmp_path: Path) -> None:
    with tried(tmp_path, *[LOCKED] * 4) as azure:
        says = ("4 on-demand backups have failed with this code", "cool-down until")
        plan = refused(azure, tmp_path, guard="attempts", says=says)
        assert "manual" not in kinds(plan)
        assert "held" in kinds(dry(azure, tmp_path))


def test_when_it_has_rested_a_human_must_look(tmp_path: Path) -> None:
    with tried(tmp_path, *[LOCKED] * 4, hours=25) as azure:
        plan = refused(azure, tmp_path, guard="attempts", says=("a human must look",))
        [manual] = [step for step in plan["steps"] if step["kind"] == "manual"]
        assert manual["commands"][0].endswith("--attempts 4")
        assert "change" in kinds(dry(azure, tmp_path, "--attempts", "4"))


def test_the_rest_can_be_longer(tmp_path: Path) -> None:
    with tried(tmp_path, *[LOCKED] * 4, hours=25) as azure:
        refused(azure, tmp_path, "--cool-down", "48", guard="attempts", says=("cool-down until",))


@pytest.mark.parametrize("attempts", ["0", "2"])
def test_the_budget_can_be_smaller(attempts: str, tmp_path: Path) -> None:
    with tried(tmp_path, *[LOCKED] * 3) as azure:
        refused(azure, tmp_path, "--attempts", attempts, guard="attempts", says=(attempts,))


def test_attempts_that_failed_of_something_else_are_another_budgets(tmp_path: Path) -> None:
    with tried(tmp_path, CODE, CODE, LOCKED, LOCKED) as azure:
        assert "change" in kinds(dry(azure, tmp_path))


def test_attempts_before_the_last_success_do_not_count(tmp_path: Path) -> None:
    history: list[dict[str, Any]] = [
        *({"at": f"{9 - n}h ago", "user_triggered": True, "code": LOCKED} for n in range(4)),
        {"at": "2h ago", "status": "Completed"},
        {"at": "1h ago", "code": LOCKED},
    ]
    path = scenario(tmp_path, {"collection": FULL, "history": history}, locks=[LOCK])
    with stepped(path) as azure:
        assert "change" in kinds(dry(azure, tmp_path))


def test_scheduled_backups_are_no_attempts(tmp_path: Path) -> None:
    history = [{"at": f"{9 - n}h ago", "code": LOCKED} for n in range(6)]
    path = scenario(tmp_path, {"collection": FULL, "history": history}, locks=[LOCK])
    with stepped(path) as azure:
        assert "change" in kinds(dry(azure, tmp_path))


def details(azure: SimulatorProcess) -> int:
    return len(sent(azure, "GET", "/backupJobs/[^/]+"))


def test_only_the_few_jobs_that_decide_are_asked_who_began_them(tmp_path: Path) -> None:
    # Fewer than nine a day, at any time of the day: the daily limit asks for details of its own.
    history = [{"at": f"{63 - 3 * n}h ago", "code": LOCKED} for n in range(20)]
    path = scenario(tmp_path, {"collection": FULL, "history": history}, locks=[LOCK])
    with stepped(path) as azure:
        assert "change" in kinds(dry(azure, tmp_path))
        assert details(azure) == 1 + DECISIVE


def test_the_tools_own_attempts_are_known_without_asking(tmp_path: Path) -> None:
    """This holds on any machine: there is no state here, and the job list alone shows them."""
    history: list[dict[str, Any]] = [
        {
            "at": f"{9 - n}h ago",
            "user_triggered": True,
            "code": LOCKED,
            "activity_id": request_id("run-of-another-machine", n),
        }
        for n in range(4)
    ]
    history.append({"at": "30m ago", "code": LOCKED})
    path = scenario(tmp_path, {"collection": FULL, "history": history}, locks=[LOCK])
    with stepped(path) as azure:
        refused(azure, tmp_path, guard="attempts", says=("4 on-demand backups have failed",))
        assert details(azure) == 1


def test_a_job_whose_detail_cannot_be_read_counts_as_an_attempt_and_the_tool_says_so(
    tmp_path: Path,
) -> None:
    history = [{"at": f"{9 - n}h ago", "code": LOCKED} for n in range(5)]
    path = scenario(tmp_path, {"collection": FULL, "history": history}, locks=[LOCK])
    with stepped(path) as azure:
        # The failed job is read first. Azure refuses the details of the other jobs.
        azure.fault("error", status=403, method="GET", path="/backupJobs/", after=1, times=None)
        says = ("counted as an attempt, because its detail cannot be read",)
        refused(azure, tmp_path, guard="attempts", says=says)


def test_attempts_that_failed_of_something_else_do_not_count_unread(tmp_path: Path) -> None:
    with tried(tmp_path, *[CODE] * 4) as azure:
        azure.fault("error", status=403, method="GET", path="/backupJobs/", after=1, times=None)
        assert "change" in kinds(dry(azure, tmp_path))
