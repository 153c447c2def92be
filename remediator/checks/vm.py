"""The VM itself: article step 1."""

from collections.abc import Callable
from typing import Final

from remediator.checks.check import (
    Answer,
    Area,
    Check,
    failed,
    left_open,
    not_there,
    passed,
    unknown,
)
from remediator.conditions.locks import locks_on
from remediator.facts import (
    Absent,
    Known,
    PowerState,
    Provisioning,
    Readings,
    Source,
    Unknown,
    Vm,
)
from remediator.language import marked


def of_vm(tell: Callable[[Vm, str], Answer]) -> Callable[[Readings], Answer]:
    """A check of the VM. It is unknown as long as the VM is unknown."""

    def look(about: Readings) -> Answer:
        match about.vm:
            case Known(value=vm, source=source):
                return tell(vm, source)
            case fact:
                return not_there(fact, "virtual machine")

    return look


def _exists(about: Readings) -> Answer:
    match about.vm:
        case Known(value=vm, source=source):
            return passed("{vm} is there, in {location}", source, vm=vm.name, location=vm.location)
        case Absent(source=source):
            return failed(
                "no such VM",
                source,
                marked(
                    "If it was moved, protect it where it is now. If it is gone for good, stop its "
                    "protection and keep the data."
                ),
            )
        case fact:
            return not_there(fact, "virtual machine")


def _provisioned(vm: Vm, source: str) -> Answer:
    match vm.provisioning:
        case Provisioning.SUCCEEDED:
            return passed("its last change succeeded", source)
        case Provisioning.FAILED:
            return failed(
                "the last change of the VM failed",
                source,
                marked("Reapply the VM's state; look which extension or change has failed."),
            )
        case Provisioning.DELETING | Provisioning.UNDER_WAY:
            return failed(
                "the VM is being changed right now",
                source,
                marked("Wait until the change has ended, then back up."),
            )


def _power(vm: Vm, source: str) -> Answer:
    match vm.power:
        case PowerState.RUNNING | PowerState.STOPPED | PowerState.DEALLOCATED:
            return passed("the VM is {power}", source, power=vm.power.value)
        case PowerState.OTHER:
            return failed(
                "the VM is between two power states",
                source,
                marked("Wait until it runs or is off; if it never gets there, restart it."),
            )


def _reboot(vm: Vm, source: str) -> Answer:
    match vm.reboot_pending:
        case None:
            return left_open("its updates were never assessed", source)
        case True:
            return failed(
                "updates wait for a restart of the VM",
                source,
                marked("Restart the VM in a quiet hour, so that pending updates are finished."),
            )
        case False:
            return passed("no update waits for a restart", source)


def _system(vm: Vm, source: str) -> Answer:
    if not vm.os_version:
        return left_open("the agent does not report the operating system", source)
    if unsupported(vm.os_version):
        return failed(
            "{system} cannot be backed up",
            source,
            marked("Move to a system that Azure Backup supports, or back up its files instead."),
            system=vm.os_version,
        )
    return passed(
        "{system}; Azure Backup does not exclude it",
        source,
        system=vm.os_version,
    )


def unsupported(system: str) -> bool:
    """Whether Azure Backup names the system as not supported.

    From "Support matrix for Azure VM backups": CoreOS Linux, 32-bit systems, and Windows Server
    before 2008. A system that is not named here may still be unsupported.
    """
    told = system.lower()
    return any(name in told for name in _UNSUPPORTED) and "flatcar" not in told


_UNSUPPORTED: Final = ("coreos", "32-bit", "server 2003", "server 2000")


def _locked(about: Readings) -> Answer:
    match about.vm, about.locks:
        case _, Unknown(reason=reason):
            return unknown(reason)
        case Known(value=vm), Known(source=source):
            locks = locks_on(about, vm.id)
            found = () if isinstance(locks, Unknown) else locks
            told = "; ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in found)
            if any(lock.read_only for lock in found):
                return failed(
                    "locked against every change: {locks}",
                    source,
                    marked(
                        "While the lock is there, the VM cannot be restarted or reapplied, and "
                        "the backup cannot install its extension. Its owner must take it off."
                    ),
                    locks=told,
                )
            if found:
                return passed("locked against deletion only: {locks}", source, locks=told)
            return passed("no lock on the VM, its group or its subscription", source)
        case fact, _:
            return not_there(fact, "virtual machine")


_VM: Final = frozenset({Source.VM})

CHECKS: Final = (
    Check("vm-exists", Area.VM, "The VM exists", _VM, _exists),
    Check("vm-provisioning", Area.VM, "The VM's last change succeeded", _VM, of_vm(_provisioned)),
    Check("vm-power", Area.VM, "The VM runs or is off", _VM, of_vm(_power)),
    Check("vm-reboot", Area.VM, "No restart is pending", _VM, of_vm(_reboot)),
    Check("vm-system", Area.VM, "Its system is supported", _VM, of_vm(_system)),
    Check("vm-lock", Area.VM, "No lock forbids a repair", _VM | {Source.LOCKS}, _locked),
)
