"""Words about the virtual machine, its agent and extensions."""

from collections.abc import Callable
from typing import Final

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
from remediator.words.named import NamedFact, Word

_LIKE_BACKUP: Final = ("vmsnapshot", "vmsnapshotlinux")
"""How Azure Backup names its extension, in lower case."""


def of_vm(tell: Callable[[Vm, str], Word | Unknown]) -> Callable[[Facts], Word | Unknown]:
    """How a fact about the VM itself is derived: unknown while the VM is, or when it is gone."""

    def derive(facts: Facts) -> Word | Unknown:
        match facts.vm:
            case Unknown() as unknown:
                return unknown
            case Absent():
                return Unknown("the VM does not exist")
            case Known(value=vm, source=source):
                return tell(vm, source)

    return derive


def _vm(facts: Facts) -> Word | Unknown:
    match facts.vm:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Word("absent", f"404 on {source}")
        case Known(value=vm, source=source):
            return Word("present", f"{vm.id} ({source})")


def _extension(vm: Vm, source: str) -> Word | Unknown:
    found = next((e for e in vm.extensions if e.is_backup), None)
    if found is None:
        alike = (e for e in vm.extensions if e.name.lower() in _LIKE_BACKUP)
        if unclear := next((e for e in alike if not (e.publisher and e.type)), None):
            return Unknown(f"the VM does not tell whose extension {unclear.name} is ({source})")
        return Word("absent", f"no backup extension among {len(vm.extensions)} ({source})")
    detail = f": {found.message}" if found.message else ""
    return Word(found.state.value, f"extension {found.name} is {found.state.value}{detail}")


def _agent(vm: Vm, _source: str) -> Word:
    return Word(vm.agent.value, f"VM agent {vm.agent_version}: {vm.agent_message or 'no message'}")


_VM: Final = frozenset({Source.VM})
_STATES: Final = tuple(Provisioning)

FACTS: Final = (
    NamedFact(
        "vm",
        ("present", "absent"),
        "Whether the VM exists; `absent` when no list of VMs shows it at its place either.",
        _VM | {Source.WHEREABOUTS},
        _vm,
    ),
    NamedFact(
        "vm_power",
        tuple(PowerState),
        "The VM's power state.",
        _VM,
        of_vm(lambda v, s: Word(v.power.value, f"power state {v.power.value} ({s})")),
    ),
    NamedFact(
        "vm_provisioning",
        _STATES,
        "The VM's provisioning state.",
        _VM,
        of_vm(lambda v, s: Word(v.provisioning.value, f"VM provisioning {v.provisioning} ({s})")),
    ),
    NamedFact(
        "agent",
        tuple(AgentState),
        "Whether the VM agent answers the platform.",
        _VM,
        of_vm(_agent),
    ),
    NamedFact(
        "snapshot_extension",
        ("absent", *_STATES),
        "The state of Azure Backup's own VM extension.",
        _VM,
        of_vm(_extension),
    ),
)
