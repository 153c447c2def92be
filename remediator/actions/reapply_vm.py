"""Reapply the VM's state: the platform sends its goal state again."""

from typing import ClassVar, Literal

from remediator.actions._repair import Repair
from remediator.change.operations import Operation
from remediator.facts import Vm


class ReapplyVm(Repair):
    """Reapply the VM's state: the platform sends its goal state again.

    This is the mildest repair, and Microsoft's first one for a VM that is stuck in failed
    provisioning. It counts as downtime until it is proved that it never restarts a VM.
    """

    action: Literal["reapply-vm"] = "reapply-vm"
    operation: ClassVar = Operation.REAPPLY_VM
    cost: ClassVar = "no restart is expected, but Microsoft does not rule it out"
    needs_running: ClassVar = False

    def named(self, vm: Vm) -> str:
        """What the change is called."""
        return f"reapply VM {vm.name}"
