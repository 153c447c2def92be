"""Move the VM to another host."""

from typing import ClassVar, Literal

from remediator.actions._repair import Repair
from remediator.change.operations import Operation
from remediator.facts import Vm


class RedeployVm(Repair):
    """Move the VM to another host.

    The VM is shut down, moved and started again. The data on the temporary disk is lost, and a
    dynamic address may change.
    """

    action: Literal["redeploy-vm"] = "redeploy-vm"
    operation: ClassVar = Operation.REDEPLOY_VM
    cost: ClassVar = (
        "the VM moves to another host and restarts: the data on its temporary disk is lost, and a "
        "dynamic IP address may change; its other disks and static addresses stay"
    )
    needs_running: ClassVar = True
    leaves_host: ClassVar = True

    def named(self, vm: Vm) -> str:
        """What the change is called."""
        return f"redeploy VM {vm.name}"
