"""Start a VM that is off, for the time of its backup."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from remediator.actions._on_vm import OnVm
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.vm_state import is_changing
from remediator.facts import Facts, PowerState, Vm

_BACK: Final = {PowerState.STOPPED: "stop", PowerState.DEALLOCATED: "deallocate"}
"""The az verb that leads back. A stopped VM keeps its host and its temporary disk."""


class StartVm(OnVm):
    """Start a stopped or deallocated VM. From then on it is billed."""

    changes: ClassVar = frozenset({"agent", "vm_power", "vm_state"})
    action: Literal["start-vm"] = "start-vm"

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """One change, or the reason for no change."""
        match vm.power:
            case PowerState.RUNNING:
                yield self.unchanged(vm.id, f"the VM runs ({source})")
            case PowerState.OTHER:
                yield self.held(vm.id, f"the VM is between two power states ({source})")
            case PowerState.STOPPED | PowerState.DEALLOCATED if is_changing(vm) and (
                facts.started is None
            ):
                # Somebody may be starting the VM, and would find it stopped again after the backup.
                yield self.held(vm.id, f"somebody is changing the VM right now ({source})")
            case PowerState.STOPPED | PowerState.DEALLOCATED:
                yield self.forbidden(facts, vm.id) or self.change(
                    Operation.START_VM,
                    vm.id,
                    what=f"start VM {vm.name}",
                    why=(f"the VM is {vm.power} ({source})",),
                    before={"power": vm.power.value},
                    after={"power": "running"},
                    impact=Impact.COST,
                    undo=shlex.join(["az", "vm", _BACK[vm.power], "--ids", vm.id]),
                )
