"""Restart the VM on its host."""

from typing import ClassVar, Literal

from remediator.actions._repair import Repair
from remediator.change.operations import Operation
from remediator.facts import Vm


class RestartVm(Repair):
    """Restart the VM on its host.

    All work in the guest ends. The VM keeps its host, disks and addresses.
    """

    action: Literal["restart-vm"] = "restart-vm"
    operation: ClassVar = Operation.RESTART_VM
    cost: ClassVar = (
        "the guest restarts: what runs in it is interrupted; the VM keeps its host, all its disks, "
        "the temporary one too, and its addresses"
    )
    needs_running: ClassVar = True

    def named(self, vm: Vm) -> str:
        """What the change is called."""
        return f"restart VM {vm.name}"
