"""The repair operations of a VM share one form. Each has its own operation and words."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from remediator.actions._on_vm import OnVm
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.vm_state import why_in_place
from remediator.facts import AgentState, Facts, Outset, PowerState, Provisioning, Source, Vm


class Repair(OnVm):
    """Let the platform repair the VM. The ladder goes on if the repair did not help."""

    needs: ClassVar = OnVm.needs | {Source.ITEM}
    interrupts: ClassVar = True
    changes: ClassVar = frozenset(
        {"agent", "other_extensions", "snapshot_extension", "vm_provisioning", "vm_state"}
    )
    once: ClassVar = True

    operation: ClassVar[Operation]
    cost: ClassVar[str]
    """What the repair costs, and what it leaves alone."""
    needs_running: ClassVar[bool]
    leaves_host: ClassVar[bool] = False
    """Whether the VM gets another host, where an ephemeral system disk begins anew."""
    even_well: bool = False
    """Whether a VM that looks well from outside is repaired too, because its fault is inside."""

    @abstractmethod
    def named(self, vm: Vm) -> str:
        """What the change is called."""

    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """One change, or the reason why not."""
        told = f"VM is {vm.provisioning}, {vm.power}, its agent {vm.agent} ({source})"
        well = vm.provisioning is Provisioning.SUCCEEDED and (
            vm.agent is AgentState.READY or vm.power is not PowerState.RUNNING
        )
        if facts.outset is not None:  # Azure has carried it out: is the VM up again?
            well = well and self._is_up(vm, facts.outset)
        if well and (not self.even_well or facts.outset or self.operation in facts.done):
            yield self.unchanged(vm.id, told)
        elif vm.provisioning in (Provisioning.UNDER_WAY, Provisioning.DELETING):
            yield self.held(vm.id, f"somebody is changing the VM right now: {told}")
        elif self.needs_running and vm.power is not PowerState.RUNNING:
            yield self.held(vm.id, f"this repair is for a VM that runs: {told}")
        elif self.leaves_host and (reason := why_in_place(vm)):
            yield self.held(vm.id, f"{reason} ({source})")
        else:
            yield self.forbidden(facts, vm.id) or self.change(
                self.operation,
                vm.id,
                what=self.named(vm),
                why=(told, *filter(None, (vm.agent_message,)), self.cost),
                before={
                    "provisioning": vm.provisioning.value,
                    "power": vm.power.value,
                    "agent": vm.agent.value,
                },
                after={"provisioning": "succeeded", "power": vm.power.value, "agent": "ready"},
                impact=Impact.DOWNTIME,
                undo=f"none: {self.cost}",
                go_on_unsettled=True,
            )

    def _is_up(self, vm: Vm, outset: Outset) -> bool:
        """Whether the agent has reported since the repair; before it, an old report may show.

        A VM that ran and does not run now is not up: it still starts, or it did not come back.

        If the time of the report is not told, a repair of a VM that looked well cannot be seen.
        """
        if vm.power is not PowerState.RUNNING:
            return not self.needs_running
        return not self.even_well if vm.agent_heard is None else vm.agent_heard > outset.at
