"""Wait until a VM that is being changed has come to rest."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._on_vm import OnVm
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.vm_state import is_changing
from remediator.facts import Facts, Source, Vm


class WaitForVm(OnVm):
    """Look at the VM until nobody changes, starts or stops it any more. Changes nothing."""

    needs: ClassVar = frozenset({Source.VM})
    changes: ClassVar = frozenset({"agent", "vm_power", "vm_provisioning", "vm_state"})
    action: Literal["wait-for-vm"] = "wait-for-vm"

    def on(self, vm: Vm, _facts: Facts, source: str) -> Iterator[Step]:
        """One wait while the VM is being changed."""
        told = f"VM provisioning is {vm.provisioning}, its power state {vm.power} ({source})"
        if not is_changing(vm):
            yield self.unchanged(vm.id, told)
            return
        yield self.change(
            Operation.WAIT_FOR_VM,
            vm.id,
            what=f"wait until VM {vm.name} is at rest",
            why=(told,),
            before={"vm": "being changed"},
            after={"vm": "at rest"},
            impact=Impact.READ_ONLY,
            undo="not needed: nothing is changed",
        )
