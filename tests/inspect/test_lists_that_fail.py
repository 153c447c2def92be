"""A list that is read ahead is only a short cut: if it fails, the thing itself is asked for."""

from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
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
