"""A list that is read ahead is only a short cut: if it fails, the thing itself is asked for.

So is a thing whose row tells too little, or is one of two.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.altered import fix_through, rows, when
from tests.between import Between, Rule, Told
from tests.cases import FILES
from tests.command import environment, remediate
from tests.dry_runs import CASES
from tests.evidence import scenario

REFUSED: dict[str, Any] = {"status": 403, "code": "AuthorizationFailed", "times": None}


def planned(azure: SimulatorProcess, folder: Path) -> tuple[Any, list[str]]:
    """The steps of the plan, and the paths that were asked for."""
    azure.clear_log()
    job = azure.failed_jobs("web")[-1]
    ended = remediate(
        "--job-id", job, "--dry-run", "--format", "json", env=environment(azure, folder)
    )
    return ended.json()["steps"], [r["path"].lower() for r in azure.requests()]


def test_a_policy_is_asked_for_if_the_policies_cannot_be_listed(tmp_path: Path) -> None:
    with SimulatorProcess("agent-unavailable") as azure:
        steps, asked = planned(azure, tmp_path)
        assert not [path for path in asked if "/backuppolicies/" in path]
        azure.fault("error", method="GET", path="/backupPolicies$", **REFUSED)
        again, asked = planned(azure, tmp_path)
    assert len([path for path in asked if "/backuppolicies/" in path]) == 1
    assert again == steps


@pytest.mark.parametrize("listed", [True, False])
def test_disks_are_asked_for_one_by_one_if_they_cannot_be_listed(
    tmp_path: Path, listed: bool
) -> None:
    told: Any = CASES["UserErrorBCMUnsupportedDiskCount"].scenario
    [machine] = told["vms"]
    with SimulatorProcess(scenario(tmp_path, machine)) as azure:
        if not listed:
            azure.fault(
                "error", method="GET", path="/providers/Microsoft.Compute/disks$", **REFUSED
            )
        steps, asked = planned(azure, tmp_path)
    one_by_one = [path for path in asked if "/microsoft.compute/disks/" in path]
    assert bool(one_by_one) is not listed
    assert [step["kind"] for step in steps] == ["change"]


def through(azure: SimulatorProcess, folder: Path, rule: Rule, *options: str) -> Any:
    """The plan of a dry run whose lists are altered on the way."""
    azure.clear_log()
    with Between(azure) as middle:
        middle.rules = [rule]
        return fix_through(middle, azure, folder, *options, "--dry-run").json()


def outline(steps: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The steps without their requests, which name the endpoint."""
    return [(step["kind"], step["action"], step["target"], step["why"]) for step in steps]


def asked(azure: SimulatorProcess, what: str) -> list[str]:
    """The paths of the single things of a kind that were asked for."""
    return [path for r in azure.requests() if f"/{what}/" in (path := r["path"].lower())]


def in_capitals_too(told: Told) -> Told:
    """The list shows each policy a second time, in another casing and with another content."""
    body = told.json()
    again = [
        row
        | {
            "id": row["id"].upper(),
            "properties": row["properties"] | {"snapshotConsistencyType": "OnlyCrashConsistent"},
        }
        for row in body["value"]
    ]
    return told.saying(body | {"value": [*body["value"], *again]})


def test_a_policy_that_is_listed_twice_is_asked_for(tmp_path: Path) -> None:
    with SimulatorProcess("agent-unavailable") as azure:
        steps, _ = planned(azure, tmp_path)
        plan = through(azure, tmp_path, when("GET", "/backupPolicies", in_capitals_too))
        assert len(asked(azure, "backuppolicies")) == 1
    assert outline(plan["steps"]) == outline(steps)


def bare(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"properties": {}}


def test_a_disk_whose_row_tells_no_size_is_asked_for(tmp_path: Path) -> None:
    told: Any = CASES["UserErrorBCMUnsupportedDiskCount"].scenario
    [machine] = told["vms"]
    with SimulatorProcess(scenario(tmp_path, machine)) as azure:
        steps, _ = planned(azure, tmp_path)
        plan = through(azure, tmp_path, when("GET", "/disks", rows(bare)))
        assert len(asked(azure, "microsoft.compute/disks")) > 1
    assert outline(plan["steps"]) == outline(steps)


def untold(row: dict[str, Any]) -> dict[str, Any]:
    schedule = {k: v for k, v in row["properties"]["schedulePolicy"].items() if "Type" not in k}
    kept = {k: v for k, v in row["properties"].items() if k != "policyType"}
    return row | {"properties": kept | {"schedulePolicy": schedule}}


def test_no_vm_is_moved_away_from_a_policy_that_does_not_tell_its_kind(tmp_path: Path) -> None:
    """It may be an Enhanced policy already."""

    def standard(row: dict[str, Any]) -> dict[str, Any]:
        return untold(row) if row["name"] == "DefaultPolicy" else row

    cases = next(f for f in FILES if f.playbook == "UserErrorUnsupportedDiskConfiguration").cases
    case = next(case for case in cases if case.expect.rung == "enhanced")
    path = tmp_path / "moved.yaml"
    path.write_text(json.dumps(case.scenario, default=str), encoding="utf-8")
    with SimulatorProcess(path) as azure:
        told, dark = (
            through(azure, tmp_path, when("GET", "/backupPolicies", rule), "--allow", "cost")
            for rule in (rows(dict), rows(standard))
        )
    assert told["ladder"]["rung"] == "enhanced"
    assert dark["ladder"] is None
    assert "does not tell the kind of its schedule" in str(dark["facts"])
