"""A plan is applied only while Azure is as the plan shows it."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediator.proving.by_hand import call
from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import environment, remediate
from tests.evidence import locks
from tests.saved_plans import LOCKS, planned, refused


def lock_off(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    call(azure, "DELETE", f"{lock}?{LOCKS}")


def lock_changed(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    call(azure, "PUT", f"{lock}?{LOCKS}", {"properties": {"level": "ReadOnly", "notes": "Mine"}})


def lock_added(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    second = lock.rsplit("/", 1)[0] + "/second"
    call(azure, "PUT", f"{second}?{LOCKS}", {"properties": {"level": "CanNotDelete"}})


def lock_above(azure: SimulatorProcess) -> None:
    (lock,) = (row["id"] for row in azure.state()["locks"])
    above = f"/subscriptions/{lock.split('/')[2]}/providers/Microsoft.Authorization/locks/all"
    call(azure, "PUT", f"{above}?{LOCKS}", {"properties": {"level": "CanNotDelete"}})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lock_off, "locks/keep"),
        (lock_changed, "locks/keep"),
        (lock_added, "locks/second"),
        (lock_above, "locks/keep"),
    ],
)
def test_a_plan_is_stale_when_locks_differ(change: Any, named: str, tmp_path: Path) -> None:
    with stepped() as azure:
        path = planned(azure, tmp_path)
        change(azure)
        before = locks(azure)
        refused(azure, tmp_path, path, "stale", named, "make a new plan")
        assert locks(azure) == before


def test_a_plan_is_stale_when_the_vm_was_restarted(tmp_path: Path) -> None:
    with stepped("agent-unavailable") as azure:
        path = planned(azure, tmp_path, "--allow", "downtime")
        vm = next(vm["id"] for vm in azure.state()["vms"] if vm["name"] == "web")
        call(azure, "POST", f"{vm}/restart?api-version=2024-11-01")
        azure.advance(600)
        options = ("--allow", "downtime")
        refused(azure, tmp_path, path, "stale", "virtualMachines/web", options=options)


def test_a_plan_is_stale_when_a_point_is_gone(tmp_path: Path) -> None:
    with stepped("limit-reached-slow-cleanup") as azure:
        path = tmp_path / "plan.json"
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[0]
        options = ["--out", str(path), "--allow", "destructive"]
        remediate("plan", "--job-id", job, *options, env=env).check(0)
        collection = azure.state()["collections"][0]
        oldest = json.loads(path.read_text("utf-8"))["steps"][0]["target"]
        assert oldest.lower().startswith(collection["id"].lower())
        call(azure, "DELETE", f"{oldest}?api-version=2024-11-01")
        azure.advance(600)
        options = ["--allow", "destructive"]
        refused(azure, tmp_path, path, "stale", "restorePoints/", options=tuple(options))
