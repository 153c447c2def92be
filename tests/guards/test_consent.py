"""The flags that a plan asks for are enough. If no flag would help, the plan asks for none."""

from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.evidence import scenario

ASKED = "Needs your consent: "

BROKEN = {
    "provisioning": "failed",
    "history": [{"code": "UserErrorVmProvisioningStateFailed", "at": "1h ago"}],
}
STOPPED = {
    "protection": {"vault": "vault-main", "state": "ProtectionStopped"},
    "history": [
        {
            "at": "9d ago",
            "operation": "ConfigureBackup",
            "status": "Completed",
            "property_bag": {"Policy Name": "DefaultPolicy"},
        },
        {"at": "1h ago", "code": "UserErrorBcmDatasourceNotPresent"},
    ],
}
"""The backup is held because the change of protection is. Consent to that change frees both."""

CONTOSO = {
    "provisioning": "failed",
    "extensions": [{"name": "Monitor", "publisher": "Contoso", "state": "failed"}],
    "history": [
        {"at": "9h ago", "code": "UserErrorVmProvisioningStateFailed", "user_triggered": True},
        {"at": "1h ago", "code": "UserErrorVmProvisioningStateFailed"},
    ],
}
"""A restart that needs consent waits for another product's extension. No consent repairs that."""

READ_ONLY = {"name": "keep", "scope": "group:rg-app", "level": "ReadOnly"}


@pytest.mark.parametrize(
    ("vm", "locks", "flags"),
    [
        (BROKEN, [], ["--allow downtime"]),
        (STOPPED, [], ["--allow protection"]),
        (CONTOSO, [], []),
        (BROKEN, [READ_ONLY], []),
    ],
    ids=["a repair", "a protection", "another product's extension", "a lock"],
)
def test_what_a_plan_asks_for_is_enough(
    vm: dict[str, Any], locks: list[dict[str, str]], flags: list[str], tmp_path: Path
) -> None:
    with SimulatorProcess(scenario(tmp_path, vm, locks=locks)) as azure:
        env = environment(azure, tmp_path)
        look = ("--job-id", azure.failed_jobs("web")[-1], "--dry-run")
        plan = remediate(*look, "--format", "json", env=env).json()
        assert plan["opt_ins"] == flags
        assert plan["summary"]["held"] > 1
        shown = " ".join(remediate(*look, env=env).out.split())
        assert (ASKED in shown) == bool(flags)
        given = " ".join(flags or ["--allow downtime"])
        assert not flags or ASKED + given in shown
        left = remediate(*look, *given.split(), "--format", "json", env=env).json()
        assert (left["summary"]["held"] == 0) == bool(flags)
        assert left["opt_ins"] == []
