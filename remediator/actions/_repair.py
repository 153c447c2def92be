"""The VM's repair verbs have one shape; each says its own operation and words."""

from collections.abc import Iterator
from typing import ClassVar

from remediator import ids
from remediator.actions import Action
from remediator.facts import (
    Absent,
    AgentState,
    Facts,
    Known,
    PowerState,
    Provisioning,
    Source,
    Unknown,
    Vm,
)
from remediator.operations import Operation
from remediator.step import Impact, Step


class Repair(Action):
    """Have the platform set the VM right. The ladder goes on when it did not help."""

    needs: ClassVar = frozenset({Source.VM, Source.LOCKS})
    operation: ClassVar[Operation]
    verb: ClassVar[str]
    cost: ClassVar[str]
    needs_running: ClassVar[bool]

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason why not."""
        match facts.vm:
            case Unknown(reason=reason):
                yield self.held(facts.job.vm_id or facts.job.id, f"VM not known: {reason}")
            case Absent(source=source):
                yield self.held(facts.job.vm_id or facts.job.id, f"no such VM ({source})")
            case Known(value=vm, source=source):
                yield self._repair(vm, facts, source)

    def _repair(self, vm: Vm, facts: Facts, source: str) -> Step:
        told = f"VM is {vm.provisioning}, {vm.power}, its agent {vm.agent} ({source})"
        if vm.provisioning is Provisioning.SUCCEEDED and (
            vm.agent is AgentState.READY or vm.power is not PowerState.RUNNING
        ):
            return self.unchanged(vm.id, told)
        if vm.provisioning in (Provisioning.UNDER_WAY, Provisioning.DELETING):
            return self.held(vm.id, f"somebody is changing the VM right now: {told}")
        if self.needs_running and vm.power is not PowerState.RUNNING:
            return self.held(vm.id, f"to {self.verb} it the VM must run: {told}")
        match facts.locks:
            case Unknown(reason=reason):
                return self.held(vm.id, f"locks not known: {reason}")
            case Known(value=locks):
                for lock in locks:
                    if lock.read_only and ids.covers(lock.scope, vm.id):
                        return self.held(
                            vm.id, f"ReadOnly lock {lock.name} on {lock.scope} forbids it"
                        )
        return self.change(
            self.operation,
            vm.id,
            what=f"{self.verb} VM {vm.name}",
            why=(told, *((vm.agent_message,) if vm.agent_message else ())),
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
