"""Conditions about the virtual machine, its agent and extensions."""

from collections.abc import Callable
from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import (
    Absent,
    AgentState,
    Facts,
    Known,
    PowerState,
    Provisioning,
    Source,
    Unknown,
    Vm,
)

_LIKE_BACKUP: Final = ("vmsnapshot", "vmsnapshotlinux")
"""The names of Azure Backup's extension, in lower case."""


def of_vm(
    tell: Callable[[Vm, str], State | Unknown],
) -> Callable[[Facts], State | Unknown]:
    """Derive a state from the VM itself. The state is unknown if the VM is unknown or gone."""

    def derive(facts: Facts) -> State | Unknown:
        match facts.vm:
            case Unknown() as unknown:
                return unknown
            case Absent():
                return Unknown("the VM does not exist")
            case Known(value=vm, source=source):
                return tell(vm, source)

    return derive


def _vm(facts: Facts) -> State | Unknown:
    match facts.vm:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("absent", f"404 on {source}")
        case Known(value=vm, source=source):
            return State("present", f"{vm.id} ({source})")


def _extension(vm: Vm, source: str) -> State | Unknown:
    found = next((e for e in vm.extensions if e.is_backup), None)
    if found is None:
        alike = (e for e in vm.extensions if e.name.lower() in _LIKE_BACKUP)
        if unclear := next((e for e in alike if not (e.publisher and e.type)), None):
            return Unknown(
                f"the VM does not say to which product extension {unclear.name} belongs ({source})"
            )
        return State("absent", f"no backup extension among {len(vm.extensions)} ({source})")
    detail = f": {found.message}" if found.message else ""
    return State(found.state.value, f"extension {found.name} is {found.state.value}{detail}")


def _agent(vm: Vm, _source: str) -> State:
    return State(vm.agent.value, f"VM agent {vm.agent_version}: {vm.agent_message or 'no message'}")


def _extensions_allowed(vm: Vm, source: str) -> State:
    if vm.extensions_allowed is False:
        return State("no", f"allowExtensionOperations is false ({source})")
    return State("yes", f"the VM does not forbid them ({source})")


_VM: Final = frozenset({Source.VM})
_STATES: Final = tuple(Provisioning)

CONDITIONS: Final = (
    Condition(
        "vm",
        ("present", "absent"),
        "Whether the VM exists; `absent` when no list of VMs shows it at its place either.",
        _VM | {Source.WHEREABOUTS},
        _vm,
    ),
    Condition(
        "vm_power",
        tuple(PowerState),
        "The VM's power state.",
        _VM,
        of_vm(lambda v, s: State(v.power.value, f"power state {v.power.value} ({s})")),
    ),
    Condition(
        "vm_provisioning",
        _STATES,
        "The VM's provisioning state.",
        _VM,
        of_vm(lambda v, s: State(v.provisioning.value, f"VM provisioning {v.provisioning} ({s})")),
    ),
    Condition(
        "agent",
        tuple(AgentState),
        "Whether the VM agent answers the platform.",
        _VM,
        of_vm(_agent),
    ),
    Condition(
        "extensions_allowed",
        ("yes", "no"),
        "Whether the VM takes extensions; `yes` if it does not tell.",
        _VM,
        of_vm(_extensions_allowed),
    ),
    Condition(
        "snapshot_extension",
        ("absent", *_STATES),
        "The state of Azure Backup's own VM extension.",
        _VM,
        of_vm(_extension),
    ),
)
