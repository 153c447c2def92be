"""At most one backup at a time, nine a day, and none that is not needed."""

from pathlib import Path

from remediator.plan.plan import read_plan
from remediator.proving.by_hand import back_up_by_hand, call
from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED, environment, remediate
from tests.evidence import FULL, fix, locks, scenario, triggered
from tests.saved_plans import LOCKS, by_tool, planned, refused


def test_the_tool_is_told_apart_from_others(tmp_path: Path) -> None:
    """The other tests count the tool's own requests. This test shows that the count finds them."""
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path).check(0)
        assert [w["method"] for w in by_tool(azure)] == ["DELETE", "POST"]
        assert by_tool(azure) == azure.writes()
        assert len(triggered(azure)) == 1


def test_no_backup_is_triggered_while_another_runs(tmp_path: Path) -> None:
    with stepped() as azure:
        path = planned(azure, tmp_path)
        item = next(i for i in azure.state()["items"] if i["vm"] == "web")
        body = {"properties": {"objectType": "IaasVMBackupRequest"}}
        call(azure, "POST", f"{item['id']}/backup?api-version=2024-10-01", body)
        assert azure.state()["jobs"]["web"][-1]["status"] == "InProgress"
        refused(azure, tmp_path, path, "stale", "back-up-now", "held")
        assert len(triggered(azure)) == 1


def test_no_lock_goes_while_another_backup_runs(tmp_path: Path) -> None:
    """The same without a saved plan: the backup would be held, so nothing else is done either."""
    with stepped() as azure:
        job = azure.failed_jobs("web")[-1]
        item = next(i for i in azure.state()["items"] if i["vm"] == "web")
        body = {"properties": {"objectType": "IaasVMBackupRequest"}}
        call(azure, "POST", f"{item['id']}/backup?api-version=2024-10-01", body)
        azure.clear_log()
        env = environment(azure, tmp_path)
        ended = remediate("--job-id", job, "--yes", "--format", "json", env=env).check(3)
        assert azure.writes() == []
        assert locks(azure) == ["keep"]
        assert "is still running" in ended.out


def test_no_lock_goes_for_a_backup_that_a_lock_on_the_vault_forbids(tmp_path: Path) -> None:
    theirs = {"name": "theirs", "scope": "vault:vault-main", "level": "ReadOnly"}
    ours = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
    vm = {"collection": FULL, "scheduled_backup": "1h ago"}
    with stepped(scenario(tmp_path, vm, locks=[ours, theirs])) as azure:
        ended = fix(azure, tmp_path).check(3)
        assert azure.writes() == []
        assert "ReadOnly lock theirs on" in " ".join(ended.out.split())


NINE = [f"2026-03-02T{hour:02}:10:00Z" for hour in range(1, 10)]


def test_a_day_has_nine_backups(tmp_path: Path) -> None:
    vm = {"collection": FULL, "on_demand_backup": NINE, "scheduled_backup": "1h ago"}
    lock = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
    path = scenario(tmp_path, vm, locks=[lock], clock="2026-03-02T20:00:00Z")
    with stepped(path) as azure:
        assert len(triggered(azure)) == 9
        ended = fix(azure, tmp_path, "--format", "json").check(3)
        assert azure.writes() == []
        assert "9 on-demand backups were made on 2026-03-02" in ended.out
        azure.advance(5 * 3600)
        # The next day has its own nine.
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        options = ["--out", str(tmp_path / "p"), "--attempts", "9"]
        remediate("plan", "--job-id", job, *options, env=env).check(0)
        assert read_plan(tmp_path / "p").summary.has_changes


def test_the_day_is_the_one_in_which_the_plan_is_applied(tmp_path: Path) -> None:
    vm = {"collection": FULL, "scheduled_backup": "1h ago"}
    lock = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}
    path = scenario(tmp_path, vm, locks=[lock], clock="2026-03-02T23:30:00Z")
    with stepped(path) as azure:
        many = ("--attempts", "9")
        plan = planned(azure, tmp_path, *many)
        azure.advance(3600)
        for _ in range(9):
            assert back_up_by_hand(azure, "web") == "UserErrorRpCollectionLimitReached"
        assert all(j["started"].startswith("2026-03-03") for j in triggered(azure))
        refused(azure, tmp_path, plan, "stale", options=many)
        assert len(triggered(azure)) == 9


def test_a_newer_success_leaves_nothing_to_do(tmp_path: Path) -> None:
    with stepped() as azure:
        plan = planned(azure, tmp_path)
        (lock,) = (row["id"] for row in azure.state()["locks"])
        call(azure, "DELETE", f"{lock}?{LOCKS}")
        assert back_up_by_hand(azure, "web") is None
        azure.clear_log()
        ended = fix(azure, tmp_path).check(0)
        assert "already recovered" in ended.out
        assert azure.writes() == []
        refused(azure, tmp_path, plan, "stale")
