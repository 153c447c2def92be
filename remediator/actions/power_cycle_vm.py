"""Deallocate a VM and start it again."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Final, Literal

from remediator.actions._on_vm import DEALLOCATED, OnVm
from remediator.change.operations import Operation
from remediator.change.step import Change, Impact, Step
from remediator.conditions.vm_state import is_changing, why_in_place
from remediator.facts import AgentState, Facts, PowerState, Source, Vm

_START: Final = (
    "the region may lack capacity when the VM is to start again: then it stays off until there is "
    "some, or until somebody gives it another size"
)
"""From "Troubleshoot allocation failures"."""


class PowerCycleVm(OnVm):
    """Deallocate a running VM and start it again. The VM gets new certificates and a new host.

    The data on the temporary disk is lost, a dynamic public address may change, and the start needs
    free capacity in the region. The start is also done when the run stops early.
    """

    needs: ClassVar = OnVm.needs | {Source.ITEM}
    interrupts: ClassVar = True
    changes: ClassVar = frozenset(
        {
            "agent",
            "other_extensions",
            "snapshot_extension",
            "vm_power",
            "vm_provisioning",
            "vm_state",
        }
    )
    once: ClassVar = True
    action: Literal["power-cycle-vm"] = "power-cycle-vm"

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """Two changes for a running VM. One change if this run has stopped the VM already."""
        ours = Operation.DEALLOCATE_VM in facts.done
        match vm.power, facts.started:
            case PowerState.RUNNING, was if is_changing(vm) and (was or not ours):
                yield self.held(vm.id, f"the VM is being changed right now ({source})")
            case PowerState.RUNNING, None if reason := why_in_place(vm):
                yield self.held(vm.id, f"{reason} ({source})")
            case PowerState.RUNNING, None:
                if held := self.forbidden(facts, vm.id):
                    yield held
                    return
                yield self._stop(vm, source)
                yield self._start(vm)
            case PowerState.RUNNING, _ if vm.agent is AgentState.READY:
                yield self.unchanged(vm.id, f"this run has started the VM again ({source})")
            case PowerState.RUNNING, _:
                yield self.held(vm.id, f"after the new start the VM agent is {vm.agent} ({source})")
            case PowerState.STOPPED | PowerState.DEALLOCATED, _ if ours:
                yield self._start(vm)
            case _:
                yield self.held(vm.id, f"the VM does not run: it is {vm.power} ({source})")

    def _stop(self, vm: Vm, source: str) -> Change:
        return self.change(
            Operation.DEALLOCATE_VM,
            vm.id,
            what=f"deallocate VM {vm.name}",
            why=(f"the VM is {vm.power}, its agent {vm.agent} ({source})", DEALLOCATED, _START),
            before={"power": "running"},
            after={"power": "deallocated"},
            impact=Impact.DOWNTIME,
            undo=shlex.join(["az", "vm", "start", "--ids", vm.id]),
        )

    def _start(self, vm: Vm) -> Change:
        return self.change(
            Operation.START_VM,
            vm.id,
            what=f"start VM {vm.name} again",
            why=("the VM ran before this run deallocated it",),
            before={"power": "deallocated"},
            after={"power": "running", "agent": "ready"},
            impact=Impact.DOWNTIME,
            undo="not needed: the VM ran before",
            always=True,
            go_on_unsettled=True,
        )
