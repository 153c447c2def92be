"""The VM itself: article step 1."""

from collections.abc import Callable
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, not_there, passed, unknown
from remediator.facts import Absent, Known, PowerState, Provisioning, Readings, Source, Vm
from remediator.language import marked


def of_vm(tell: Callable[[Vm, str], Answer]) -> Callable[[Readings], Answer]:
    """A check of the VM, unknown as long as the VM is."""

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
            return passed("provisioning succeeded", source)
        case Provisioning.FAILED:
            return failed(
                "provisioning failed",
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
            return unknown("the VM's patches were never assessed")
        case True:
            return failed(
                "updates wait for a restart of the VM",
                source,
                marked("Restart the VM in a quiet hour, so that pending updates are finished."),
            )
        case False:
            return passed("no update waits for a restart", source)


_VM: Final = frozenset({Source.VM})

CHECKS: Final = (
    Check("vm-exists", Area.VM, "The VM exists", _VM, _exists),
    Check("vm-provisioning", Area.VM, "The VM's last change succeeded", _VM, of_vm(_provisioned)),
    Check("vm-power", Area.VM, "The VM runs or is off", _VM, of_vm(_power)),
    Check("vm-reboot", Area.VM, "No restart is pending", _VM, of_vm(_reboot)),
)
