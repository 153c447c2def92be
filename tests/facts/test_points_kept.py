"""Which restore points stay and are named; and what it costs to delete the others."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.altered import rows, thing, through, when
from tests.between import Between
from tests.command import SPEED, Ended
from tests.cut_short import cloud
from tests.evidence import scenario, sent

POINTS = "/recoveryPoints"
COLLECTION = "/restorePointCollections/AzureBackup_web_[0-9]+"
FORMER = "99999999-0000-0000-0000-000000000001"
MARKED = {
    "collection": {"stuck_deleting": True, "points": {"count": 4, "newest": "1d ago"}},
    "scheduled_backup": "3h ago",
}


def dry_run(middle: Between, azure: SimulatorProcess, folder: Path, *options: str) -> Ended:
    job = azure.failed_jobs("web")[0]
    return through(middle, azure, folder, "--job-id", job, "--dry-run", *options)


def deletions(plan: dict[str, Any]) -> list[dict[str, Any]]:
    changes = [step.get("change") or step for step in plan["steps"]]
    return [each for each in changes if each.get("operation", "").endswith("begin_delete")]


def test_a_point_without_a_valid_snapshot_of_its_own_is_not_proved(tmp_path: Path) -> None:
    """The vault has a copy within ten minutes of it, but of another snapshot, which is gone."""

    def copy_alone(row: dict[str, Any]) -> dict[str, Any]:
        tiers = row["properties"]["recoveryPointTierDetails"]
        kept = [tier for tier in tiers if tier["type"] in (2, "HardenedRP")]
        return row | {"properties": row["properties"] | {"recoveryPointTierDetails": kept}}

    with cloud("limit-reached-slow-cleanup") as azure, Between(azure) as middle:
        assert len(deletions(dry_run(middle, azure, tmp_path).json())) == 16
        middle.rules = [when("GET", POINTS, rows(copy_alone))]
        plan = dry_run(middle, azure, tmp_path).json()
    [sacrificed] = deletions(plan)
    assert len(sacrificed["loses"]) == 1


def former(body: dict[str, Any]) -> dict[str, Any]:
    """The collection, but its three oldest points belong to a former VM of the same name."""
    points = body["properties"]["restorePoints"]
    for point in sorted(points, key=lambda p: p["properties"]["timeCreated"])[:3]:
        point["properties"]["sourceMetadata"]["vmId"] = FORMER
    return body


def test_points_of_a_former_vm_of_the_name_stay_and_are_named(tmp_path: Path) -> None:
    with cloud("limit-reached-slow-cleanup") as azure, Between(azure) as middle:
        oldest = sorted(points_of(azure))[:3]
        middle.rules = [when("GET", COLLECTION, thing(former))]
        job = azure.failed_jobs("web")[0]
        ended = through(middle, azure, tmp_path, "--job-id", job, "--allow", "destructive").check(0)
        assert set(oldest) <= set(points_of(azure))
        assert len(sent(azure, "DELETE", "/restorePoints/[^/]+")) == 13
    stay = [step for step in ended.json()["plan"]["steps"] if FORMER in str(step.get("why"))]
    assert sorted(step["target"].rsplit("/", 1)[-1] for step in stay) == oldest


def points_of(azure: SimulatorProcess) -> list[str]:
    """The names of the restore points of `web`."""
    return [point for each in azure.state()["collections"] for point in each["points"]]


def test_a_collection_with_points_of_a_former_vm_stays(tmp_path: Path) -> None:
    with cloud(scenario(tmp_path, MARKED)) as azure, Between(azure) as middle:
        middle.rules = [when("GET", COLLECTION, thing(former))]
        job = azure.failed_jobs("web")[0]
        options = ("--allow", "destructive", "--allow-data-loss")
        ended = through(middle, azure, tmp_path, "--job-id", job, *options).check(3)
        assert azure.writes() == []
        assert FORMER in ended.out


def test_deleting_a_point_takes_fewer_requests_than_it_did(tmp_path: Path) -> None:
    """It took 15 requests, without the looks at the operation: the clock decides their number."""
    with (
        SimulatorProcess("limit-reached-slow-cleanup", time="fast", speed=SPEED) as azure,
        Between(azure) as middle,
    ):
        job = azure.failed_jobs("web")[0]
        through(middle, azure, tmp_path, "--job-id", job, "--allow", "destructive").check(0)
        log = [each for each in azure.requests() if "/operations/" not in each["path"]]
    at = [
        number
        for number, each in enumerate(log)
        if each["method"] == "DELETE" and "/restorePoints/" in each["path"]
    ]
    each_took = [later - one for one, later in pairwise(at)]
    assert len(each_took) == 15
    assert max(each_took) <= 11, each_took


def test_a_plan_says_beforehand_that_its_deletions_take_long(tmp_path: Path) -> None:
    many = {
        "collection": {"points": {"count": 200, "newest": "3d ago", "every": 3600}},
        "backup": {"cleanup": "broken"},
        "on_demand_backup": "8h ago",
        "scheduled_backup": "1h ago",
    }
    with cloud(scenario(tmp_path, many)) as azure, Between(azure) as middle:
        plan = dry_run(middle, azure, tmp_path).json()
    count = len(deletions(plan))
    assert count > 100
    [note] = [note for note in plan["notes"] if "--timeout" in note]
    assert f"{count} restore points" in note
