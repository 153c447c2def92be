"""Stop the VM again that this run has started."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.actions._on_vm import DEALLOCATED
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.vm_state import is_changing
from remediator.facts import Facts, Known, PowerState, Source


class StopVmAgain(Action):
    """Bring the VM back to the power state it was in before this run started it.

    Also done when the run stops early.
    """

    needs: ClassVar = frozenset({Source.VM})
    changes: ClassVar = frozenset({"agent", "vm_power", "vm_state"})
    action: Literal["stop-vm-again"] = "stop-vm-again"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change if this run started the VM; otherwise there is nothing to do.

        While the start is still under way, the VM shows the power state that it had before.
        """
        target = facts.job.vm_id or facts.job.id
        match facts.started, facts.vm:
            case None, _:
                yield self.unchanged(target, "this run did not start the VM")
            case was, Known(value=vm, source=source) if vm.power is was and not is_changing(vm):
                yield self.unchanged(vm.id, f"the VM is {was} again ({source})")
            case was, Known(value=vm):
                yield self._stop(vm.id, was)
            case was, _:
                yield self._stop(target, was)

    def _stop(self, target: str, was: PowerState) -> Step:
        deallocated = was is PowerState.DEALLOCATED
        return self.change(
            Operation.DEALLOCATE_VM if deallocated else Operation.POWER_OFF_VM,
            target,
            what=f"bring the VM back to {was}, as it was before its backup",
            why=(
                f"the VM was {was} before this run, and is billed while it runs",
                *((DEALLOCATED,) if deallocated else ()),
            ),
            before={"power": "running"},
            after={"power": was.value},
            impact=Impact.COST,
            undo=shlex.join(["az", "vm", "start", "--ids", target]),
            always=True,
        )
