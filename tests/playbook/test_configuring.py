"""Jobs that were to begin a protection: the remedies for agents and extensions lead back to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.evidence import scenario
from tests.places import DATA

FAMILIES = ("The VM and its agent", "The backup extension and the guest")
READ = YAML(typ="safe").load((DATA / "families.yaml").read_text(encoding="utf-8"))
PLAYBOOKS = [name for family in READ if family["title"] in FAMILIES for name in family["playbooks"]]
OTHERWISE = {
    "Pre-ScriptExecutionFailed": "its owner mends the script; it comes of backups only",
    "UserErrorUnSupportedDistribution": "no remedy makes its system a supported one",
}
"""Playbooks that do not lead to the protection, and why."""


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """For each playbook, a VM that is well by now, and that nobody protects."""
    machines = [
        {
            "name": f"vm{number}",
            "protection": None,
            "history": [
                {
                    "at": "3h ago",
                    "vault": "vault-main",
                    "operation": "ConfigureBackup",
                    "code": name,
                    "property_bag": {"Policy Name": "DefaultPolicy"},
                }
            ],
        }
        for number, name in enumerate(PLAYBOOKS)
    ]
    path = scenario(tmp_path_factory.mktemp("configuring"), *machines)
    with SimulatorProcess(path, time="stepped") as cloud:
        yield cloud


@pytest.mark.parametrize(("number", "name"), list(enumerate(PLAYBOOKS)), ids=PLAYBOOKS)
def test_a_failed_configuration_leads_to_the_protection(
    azure: SimulatorProcess, tmp_path: Path, number: int, name: str
) -> None:
    job = azure.failed_jobs(f"vm{number}")[-1]
    options = ("--dry-run", "--format", "json", "--error-code", name)
    plan = remediate("--job-id", job, *options, env=environment(azure, tmp_path)).json()
    asked = [step["change"] for step in plan["steps"] if step["action"] == "enable-protection"]
    if name in OTHERWISE:
        assert not asked
        return
    [change] = asked
    assert change["impact"] == "protection"
    assert change["after"]["policy"].endswith("/backupPolicies/DefaultPolicy")
    assert "back-up-now" not in [step["action"] for step in plan["steps"]]
    assert azure.writes() == []
