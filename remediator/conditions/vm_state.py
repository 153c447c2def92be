"""Conditions about whether a VM is at rest and well."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.conditions.vm import of_vm
from remediator.facts import PowerState, Provisioning, Source, Unknown, Vm


def is_changing(vm: Vm) -> bool:
    """Whether the VM is being changed, started or stopped now, so that it will come to rest."""
    return vm.provisioning is Provisioning.UNDER_WAY or (
        vm.power is PowerState.OTHER and vm.provisioning is not Provisioning.DELETING
    )


def why_in_place(vm: Vm) -> str | None:
    """Why the VM must stay on its host. None for a VM that may leave it.

    Source: "Ephemeral OS disks for Azure VMs". A restart keeps the disk.
    """
    if not vm.ephemeral:
        return None
    return (
        f"the system disk of {vm.name} is ephemeral: Azure Backup does not support such a VM, and "
        "the disk's content is lost when the VM is deallocated, redeployed or resized"
    )


def _vm_state(vm: Vm, source: str) -> State:
    told = f"provisioning {vm.provisioning}, power state {vm.power} ({source})"
    if is_changing(vm):
        return State("changing", told)
    settled = vm.provisioning is Provisioning.SUCCEEDED
    return State("at-rest" if settled else vm.provisioning.value, told)


def _other_extensions(vm: Vm, source: str) -> State | Unknown:
    others = [each for each in vm.extensions if not each.is_backup]
    failed = [each.name for each in others if each.state is Provisioning.FAILED]
    untold = [each.name for each in others if not each.told]
    if untold and not failed:
        return Unknown(f"extension {untold[0]} does not say its provisioning state ({source})")
    if not failed:
        return State("well", f"no extension of another product has failed ({source})")
    return State("failed", f"{', '.join(failed)} ({source})")


_VM: Final = frozenset({Source.VM})

CONDITIONS: Final = (
    Condition(
        "vm_state",
        ("at-rest", "changing", "failed", "deleting"),
        "Whether the VM is at rest: neither being changed nor starting or stopping.",
        _VM,
        of_vm(_vm_state),
    ),
    Condition(
        "other_extensions",
        ("well", "failed"),
        "Whether an extension of another product than Azure Backup has failed.",
        _VM,
        of_vm(_other_extensions),
    ),
)
