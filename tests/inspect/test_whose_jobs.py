"""A job that names no container has no certain owner: another VM may have the same name."""

from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.altered import fix_through, rows, thing, through, when
from tests.between import Between
from tests.command import SPEED
from tests.evidence import scenario

STUCK = {"extensions": [{"name": "VMSnapshot", "state": "failed"}]}
FAILED = {"history": [{"at": "3h ago", "code": "ExtensionStuckInDeletionState"}]}
JOBS, JOB, ITEMS = "/backupJobs", "/backupJobs/[^/]+", "/backupProtectedItems"


def bare(row: dict[str, Any]) -> dict[str, Any]:
    """The same job without its container, as jobs were until 2019."""
    row["properties"].pop("containerName", None)
    return row


def two(folder: Path, mine: dict[str, Any], theirs: dict[str, Any]) -> Path:
    """Two VMs called `web` in one vault. The job of the first one has failed."""
    return scenario(folder, mine, {"group": "rg-other"} | theirs)


def mine_failed(azure: SimulatorProcess) -> str:
    """The failed job of the VM in `rg-app`."""
    [job] = [job for job in azure.state()["jobs"]["web"] if job["status"] == "Failed"]
    return f"{_vault(azure)}/backupJobs/{job['name']}"


def _vault(azure: SimulatorProcess) -> str:
    return str(azure.state()["items"][0]["id"]).split("/backupFabrics/")[0]


def test_the_success_of_another_vm_of_the_name_is_not_this_ones(tmp_path: Path) -> None:
    good = {"history": [{"at": "1h ago", "status": "Completed"}]}
    with (
        SimulatorProcess(two(tmp_path, STUCK | FAILED, good)) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [when("GET", JOBS, rows(bare))]
        plan = through(middle, azure, tmp_path, "--job-id", mine_failed(azure), "--dry-run").json()
    assert "already recovered" not in str(plan["steps"])
    assert plan["steps"][0]["kind"] == "change"


def test_a_success_that_names_another_vm_beside_this_ones_container_is_not_known(
    tmp_path: Path,
) -> None:
    container = "iaasvmcontainerv2;rg-app;web"

    def of_web(row: dict[str, Any]) -> dict[str, Any]:
        row["properties"]["containerName"] = container
        return row

    with (
        SimulatorProcess("agent-unavailable", time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [when("GET", JOBS, rows(of_web))]
        ended = fix_through(middle, azure, tmp_path, "--allow", "downtime").check(3)
        assert azure.writes() == []
    assert "already recovered" not in ended.out
    assert "names the container of this VM, and another VM, web2" in ended.out + ended.err


@pytest.mark.parametrize("alone", [False, True], ids=["one of two", "the only one left"])
def test_a_failed_job_without_container_is_of_no_vm(tmp_path: Path, *, alone: bool) -> None:
    """This holds even if only one item has the name: the other VM's item may have been deleted."""
    path = two(tmp_path, FAILED, STUCK)

    def of_theirs(row: dict[str, Any]) -> dict[str, Any] | None:
        return row if "rg-other" in row["id"] else None

    def undated(row: dict[str, Any]) -> dict[str, Any]:
        row["properties"].pop("lastBackupTime", None)
        return row

    with SimulatorProcess(path, time="fast", speed=SPEED) as azure, Between(azure) as middle:
        middle.rules = [when("GET", JOB, thing(bare)), when("GET", JOBS, rows(bare))]
        middle.rules += [when("GET", ITEMS, rows(of_theirs if alone else undated))]
        ended = through(middle, azure, tmp_path, "--job-id", mine_failed(azure))
        assert azure.writes() == []
        ended.check(3)
        assert "does not name its container" in ended.out


def test_a_job_that_the_item_calls_its_last_backup_is_the_vms(tmp_path: Path) -> None:
    path = scenario(tmp_path, STUCK | {"scheduled_backup": "1h ago"})
    with (
        SimulatorProcess(path, time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [when("GET", JOB, thing(bare)), when("GET", JOBS, rows(bare))]
        fix_through(middle, azure, tmp_path).check(0)
        assert [w["method"] for w in azure.writes()] == ["DELETE", "POST"]


def test_what_runs_under_the_name_alone_may_be_in_the_way(tmp_path: Path) -> None:
    busy = {"history": [{"at": "10m ago", "status": "InProgress"}]}
    with (
        SimulatorProcess(two(tmp_path, STUCK | FAILED, busy)) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [when("GET", JOB, thing(bare)), when("GET", JOBS, rows(bare))]
        middle.rules = [when("GET", JOBS, rows(bare)), _running_bare()]
        ended = through(middle, azure, tmp_path, "--job-id", mine_failed(azure))
        assert azure.writes() == []
        ended.check(3)
        assert "judged only by the name web" in ended.out


def _running_bare() -> Any:
    def made(body: dict[str, Any]) -> dict[str, Any]:
        return bare(body) if body["properties"]["status"] == "InProgress" else body

    return when("GET", JOB, thing(made))
