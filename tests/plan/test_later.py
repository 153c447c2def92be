"""The rungs that a plan names as the next ones: each can still be taken after the ones before."""

from pathlib import Path
from typing import Any

import pytest

from remediator.playbook.catalogue import read_catalogue
from tests.clouds import stepped
from tests.command import environment, remediate
from tests.evidence import scenario

POINTS = {"collection": {"points": {"count": 2, "newest": "2d ago"}}}
DISKS = "ExtensionOperationFailedForManagedDisks"
SILENT = {"agent": "not-ready", "os": "linux"}
FAILED = {"extensions": [{"name": "VMSnapshotLinux", "state": "failed"}]}


def told(folder: Path, code: str, vm: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The plan for a VM that failed with this code, as data and as text."""
    history = [*vm.pop("tried", []), {"at": "3h ago", "code": code}]
    with stepped(scenario(folder, POINTS | {"history": history} | vm)) as azure:
        ours = ("--job-id", azure.failed_jobs("web")[-1], "--dry-run", "--details")
        env = environment(azure, folder)
        plan: dict[str, Any] = remediate(*ours, "--format", "json", env=env).json()
        return plan, " ".join(remediate(*ours, env=env).out.split())


def by_hand(code: str) -> dict[str, Any]:
    return {"at": "5h ago", "code": code, "user_triggered": True}


@pytest.mark.parametrize(
    ("code", "vm", "rung", "later"),
    [
        pytest.param(
            DISKS,
            {"os": "linux", **FAILED},
            "uninstall-failed",
            ["uninstall-extension", "restart-agent", "update-agent"],
            id="an agent that is ready is not reapplied for",
        ),
        pytest.param(
            "UserErrorGuestAgentStatusUnavailable",
            dict(SILENT),
            "reapply",
            ["restart", "redeploy", "update-agent"],
            id="an agent that is silent now may answer after a repair",
        ),
        pytest.param(
            "UserErrorJobSuccessfullyCancelled", {}, "back-up", [], id="a ladder of one rung"
        ),
        pytest.param(
            "UserErrorVmNotInDesirableState",
            {"os": "linux"},
            "back-up",
            ["selinux"],
            id="a retry comes twice, and then the next rung",
        ),
        pytest.param(
            "UserErrorVmNotInDesirableState",
            {"os": "windows"},
            "back-up",
            [],
            id="a rung for another system never comes",
        ),
        pytest.param(
            "ExtensionSnapshotFailedCOM",
            {},
            "start-services",
            ["reinstall-msdtc", "install-provider-anew"],
            id="a script is run once",
        ),
        pytest.param(
            "ExtensionSnapshotFailedCOM",
            {"tried": [by_hand("ExtensionSnapshotFailedCOM")] * 2},
            "reinstall-msdtc",
            ["install-provider-anew"],
            id="from the middle of a ladder",
        ),
        pytest.param(
            "ExtensionVCRedistInstallationFailure",
            {},
            "windows-installer",
            ["look-windows"],
            id="nobody knows whether a script will ask for a restart",
        ),
        pytest.param(
            "UserErrorVmVaultLocationMismatch", {}, "back-up", [], id="nothing comes after it"
        ),
    ],
)
def test_only_rungs_that_can_still_hold_are_named(
    code: str, vm: dict[str, Any], rung: str, later: list[str], tmp_path: Path
) -> None:
    plan, text = told(tmp_path, code, vm)
    playbook = read_catalogue().find(code)
    assert playbook is not None
    titles = {each.rung: each.title for each in playbook.ladder}
    assert plan["ladder"]["rung"] == rung
    assert plan["later"] == [titles[each] for each in later]
    assert ("next on the ladder" in text) is bool(later)
    if later:
        assert f"next on the ladder: {titles[later[0]]}" in text
