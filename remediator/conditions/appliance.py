"""Whether a VM may be an appliance, such as a firewall, that Azure VM backup does not support."""

from typing import Final

from remediator.facts import (
    Absent,
    AgentState,
    Known,
    PowerState,
    ProtectedItem,
    Readings,
    Unknown,
    Vm,
)

_SYSTEMS: Final = (
    "arubaos",
    "big-ip",
    "bsd",
    "fortios",
    "gaia",
    "ios xe",
    "junos",
    "netscaler",
    "pan-os",
    "solaris",
    "sonicos",
)
"""Parts of the names of systems of appliances. None of them is in the support matrix for Azure VM
backups."""


_CRASH_CONSISTENT: Final = (
    "an Enhanced policy that takes only crash-consistent snapshots needs no agent either; the VM's "
    "size must have premium storage, and it must have no Ultra, Premium SSD v2 or shared disk"
)


def why_appliance(about: Readings) -> tuple[str, ...]:
    """Why no repair may interrupt the VM before a person has looked. Empty for other VMs.

    The signs are what Azure tells: the VM runs, its agent does not answer, and the vault waits for
    its first backup. A VM without a Marketplace plan that reports a usual system, or whose system
    is Windows, is no appliance.
    """
    match about.vm, _item(about):
        case Known(value=vm, source=source), Known(value=item) if _may_be(vm, item):
            signs = f"{_signs(vm, item)} ({source})"
            return (
                f"{vm.name} may be an appliance that Azure VM backup does not support: {signs}",
                "Azure Disk Backup protects the disks of such a VM without an agent",
                *_other(vm),
                "look before anything interrupts it; if it is no appliance, restart it yourself",
            )
        case _:
            return ()


def _item(about: Readings) -> Known[ProtectedItem | None] | Unknown:
    """The protected item. None if the vault is known to have none, so that it has no point."""
    match about.item:
        case Known(value=item, source=source, at=at):
            return Known(item, source, at)
        case Absent(source=source, at=at):
            return Known(None, source, at)
        case Unknown() as unknown:
            return unknown


def _may_be(vm: Vm, item: ProtectedItem | None) -> bool:
    if vm.agent is AgentState.READY or vm.power is not PowerState.RUNNING:
        return False
    if item is not None and item.last_point:
        return False
    if _of_appliances(vm):
        return True
    nameless = vm.os == "linux" and not vm.os_version
    waiting = item is None or item.state.lower() == "irpending"
    return waiting and (bool(vm.plan) or nameless)


def _of_appliances(vm: Vm) -> bool:
    return any(name in vm.os_version.lower() for name in _SYSTEMS)


def _signs(vm: Vm, item: ProtectedItem | None) -> str:
    state = f"protectionState {item.state}" if item else "it does not protect the VM"
    signs = [
        f"the vault has no recovery point ({state})",
        f"its agent is {vm.agent}",
    ]
    signs += [f"it runs {vm.os_version}"] if _of_appliances(vm) else []
    signs += [f"it was made from the Marketplace plan {vm.plan}"] if vm.plan else []
    return ", ".join(signs)


def _other(vm: Vm) -> tuple[str, ...]:
    """Another way, where the VM does not rule it out.

    Source: "About agentless multi-disk crash-consistent backup for Azure VMs".
    """
    if vm.ephemeral or any(disk.write_accelerated for disk in vm.disks):
        return ()
    return (_CRASH_CONSISTENT,)
