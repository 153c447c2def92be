"""`remediate check`, judged from outside."""

from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate

PROVES = {
    "P02": "vm-provisioning",
    "P03": "agent-ready",
    "P04": "extensions",
    "P20": "agent-version",
    "P23": "durations",
    "P25": "consistency",
}
"""Which check answers for which cause of docs/coverage.md."""


def vm_id(azure: SimulatorProcess, name: str = "web") -> str:
    group = f"/subscriptions/{azure.subscriptions[0]}/resourceGroups/rg-app"
    return f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"


def test_what_is_wrong_fails_and_nothing_is_written(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached") as azure:
        env = environment(azure, tmp_path)
        found = remediate("check", "--vm", vm_id(azure), "--format", "json", env=env).check(3)
        status = {f["check"]: f["status"] for f in found.json()["findings"]}
        assert status["backup-locks"] == "fail"
        assert status["agent-ready"] == "pass"
        assert status["vm-reboot"] == "unknown"
        assert azure.writes() == []
