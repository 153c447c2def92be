"""Extensions are allowed again only where the VM says that they are forbidden."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.actions.allow_extensions import AllowExtensions
from remediator.conditions.condition import State
from remediator.conditions.vm import CONDITIONS
from remediator.facts import Absent, Facts, Known, Unknown
from remediator.inspect.jobs import parse_job
from remediator.inspect.vm import parse
from remediator.job.dictionary import Dictionary
from remediator.job.failure import classify
from remediator.job.job import VaultRef
from remediator.reading import Answer

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VM = "/subscriptions/S/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web"
VAULT = "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"
JOB = parse_job(
    Answer(body={"id": f"{VAULT}/backupJobs/j", "name": "j", "properties": {}}, at=NOW),
    VaultRef(subscription="S", group="G", name="V"),
    "GET job",
)
FACTS = Facts.of(JOB, classify(JOB, Dictionary()))
CONDITION = next(each for each in CONDITIONS if each.name == "extensions_allowed")


def told(profile: Any) -> Facts:
    """The facts about a VM at rest with this `osProfile`."""
    running = {"statuses": [{"code": "PowerState/running"}]}
    properties = {
        "provisioningState": "Succeeded",
        "osProfile": profile,
        "instanceView": running,
    }
    machine = parse({"id": VM, "name": "web", "properties": properties})
    nothing: Known[Any] = Known((), "GET it", NOW)
    return replace(FACTS, vm=Known(machine, "GET vm", NOW), locks=nothing, jobs=nothing)


@pytest.mark.parametrize(
    "profile",
    [None, {}, {"allowExtensionOperations": None}, {"allowExtensionOperations": True}, "odd"],
    ids=str,
)
def test_a_vm_that_does_not_forbid_them_allows_them(profile: Any) -> None:
    facts = told(profile)
    [step] = AllowExtensions().plan(facts)
    state = CONDITION.derive(facts)
    assert step.kind == "unchanged"
    assert isinstance(state, State)
    assert state.value == "yes"


def test_only_false_is_changed() -> None:
    facts = told({"allowExtensionOperations": False})
    [step] = AllowExtensions().plan(facts)
    state = CONDITION.derive(facts)
    assert step.kind == "change"
    assert isinstance(state, State)
    assert state.value == "no"


@pytest.mark.parametrize("vm", [Unknown("403"), Absent("GET vm", NOW)], ids=["unknown", "gone"])
def test_a_vm_that_is_not_known_is_left_alone(vm: Any) -> None:
    [step] = AllowExtensions().plan(replace(FACTS, vm=vm))
    assert step.kind == "held"
