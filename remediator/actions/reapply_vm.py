"""Reapply the VM's state: the platform sends its goal state again."""

from typing import ClassVar, Literal

from remediator.actions._repair import Repair
from remediator.change.operations import Operation


class ReapplyVm(Repair):
    """Reapply the VM's state: the platform sends its goal state again.

    The mildest repair, and Microsoft's first for a VM that is stuck in failed provisioning.
    Counted as downtime until it is shown never to restart a VM.
    """

    action: Literal["reapply-vm"] = "reapply-vm"
    operation: ClassVar = Operation.REAPPLY_VM
    verb: ClassVar = "reapply"
    cost: ClassVar = "no restart is expected, but none was ever ruled out"
    needs_running: ClassVar = False
