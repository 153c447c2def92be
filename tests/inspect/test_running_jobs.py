"""While a job of the VM runs in any vault, the tool does nothing that could disturb the job."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediator.actions import discovered
from remediator.actions._on_vm import OnVm
from remediator.facts import Source
from remediator.proving.by_hand import VERSION, call
from remediator.simulator.process import SimulatorProcess
from tests.altered import through
from tests.between import Asked, Between, Told
from tests.command import environment, remediate
from tests.evidence import scenario

FAILED: dict[str, dict[str, Any]] = {
    "restart or reapply": {
        "provisioning": {"state": "failed", "cured_by": "reapply"},
        "history": [{"at": "3h ago", "code": "UserErrorVmProvisioningStateFailed"}],
    },
    "uninstall": {
        "extensions": [{"name": "VMSnapshot", "state": "failed"}],
        "history": [{"at": "3h ago", "code": "ExtensionStuckInDeletionState"}],
    },
    "script": {
        "history": [{"at": "3h ago", "code": "ExtensionFailedVssWriterInBadState"}],
    },
}
ONLY_LOOK = ("wait-for-vm", "name-failed-extensions")
ALLOWED = ("--allow", "downtime", "--allow", "guest")


def back_up(azure: SimulatorProcess) -> None:
    item = azure.state()["items"][0]["id"]
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    call(azure, "POST", f"{item}/backup?{VERSION}", body)


def by_tool(azure: SimulatorProcess) -> list[str]:
    agents = ((w["method"] + w["path"], w["headers"].get("user-agent", "")) for w in azure.writes())
    return [what for what, agent in agents if "remediate/" in agent]


def test_all_that_touches_a_vm_has_its_jobs_among_its_facts() -> None:
    touching = [each for each in discovered().values() if issubclass(each, OnVm)]
    assert len(touching) >= 7
    for action in touching:
        read = action.needs | action.needs_to_send
        only_looks = action.model_fields["action"].default in ONLY_LOOK
        assert only_looks or {Source.JOBS, Source.OTHER_JOBS} <= read, action


@pytest.mark.parametrize("kind", FAILED)
def test_a_backup_that_began_before_the_plan_holds_it(tmp_path: Path, kind: str) -> None:
    with SimulatorProcess(scenario(tmp_path, FAILED[kind]), time="stepped") as azure:
        back_up(azure)
        job, env = azure.failed_jobs("web")[-1], environment(azure, tmp_path)
        ended = remediate("--job-id", job, "--yes", "--format", "json", *ALLOWED, env=env).check(3)
        assert by_tool(azure) == []
        assert "is running" in ended.out


@pytest.mark.parametrize("kind", FAILED)
def test_a_backup_that_began_after_the_plan_stops_it(tmp_path: Path, kind: str) -> None:
    """It begins between the check of the whole plan and the check before the first change."""
    with (
        SimulatorProcess(scenario(tmp_path, FAILED[kind]), time="stepped") as azure,
        Between(azure) as middle,
    ):
        seen = 0

        def begin(asked: Asked, told: Told) -> Told:
            nonlocal seen
            if asked.method == "GET" and "/backupJobs?" in asked.path:
                seen += 1
                if seen == 2:  # after the answer for the new plan
                    back_up(azure)
            return told

        path, job = tmp_path / "plan.json", azure.failed_jobs("web")[-1]
        env = environment(azure, tmp_path) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
        remediate("plan", "--job-id", job, "--out", str(path), *ALLOWED, env=env).check(0)
        assert json.loads(path.read_text("utf-8"))["summary"]["has_changes"]
        middle.rules = [begin]
        ended = through(middle, azure, tmp_path, "apply", str(path), *ALLOWED)
        assert seen >= 2
        assert by_tool(azure) == []
        assert ended.code in (3, 4)
        assert "is running" in ended.out + ended.err


def test_a_restore_in_another_vault_stops_a_restart(tmp_path: Path) -> None:
    theirs = {"at": "10m ago", "vault": "vault-old", "operation": "Restore", "status": "InProgress"}
    vm = FAILED["restart or reapply"]
    busy = vm | {"history": [*vm["history"], theirs]}
    vaults = [{"name": "vault-main"}, {"name": "vault-old"}]
    with SimulatorProcess(scenario(tmp_path, busy, vaults=vaults), time="stepped") as azure:
        job, env = azure.failed_jobs("web")[-1], environment(azure, tmp_path)
        ended = remediate("--job-id", job, "--yes", "--format", "json", *ALLOWED, env=env)
        assert by_tool(azure) == []
        ended.check(4)
        assert "Restore job" in ended.out
