"""The first check of every action on the VM: does the VM exist, and may it be changed now."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Final

from remediator import ids
from remediator.actions import Action
from remediator.change.step import Held, Step
from remediator.conditions.appliance import why_appliance
from remediator.conditions.jobs import why_busy
from remediator.facts import Absent, Facts, Known, Source, Unknown, Vm

DEALLOCATED: Final = (
    "a VM that is deallocated loses the data on its temporary disk, and a dynamic public IP "
    "address may change; its other disks and static addresses stay"
)
"""From "States and billing status of Azure Virtual Machines" and "Public IP addresses"."""


class OnVm(Action):
    """An action whose target is the VM, or a part of it."""

    needs: ClassVar = frozenset({Source.VM, Source.LOCKS, Source.JOBS})
    needs_to_send: ClassVar = frozenset({Source.OTHER_JOBS})
    interrupts: ClassVar[bool] = False
    """Whether it interrupts what the VM does. Then `needs` names the protected item too."""

    def plan(self, facts: Facts) -> Iterator[Step]:
        """The steps for a VM that is known; otherwise the reason why there are none."""
        match facts.vm:
            case Unknown(reason=reason):
                yield self.held(facts.job.vm_id or facts.job.id, f"VM not known: {reason}")
            case Absent(source=source):
                yield self.held(facts.job.vm_id or facts.job.id, f"no such VM ({source})")
            case Known(value=vm, source=source):
                yield from self.on(vm, facts, source)

    @abstractmethod
    def on(self, vm: Vm, facts: Facts, source: str) -> Iterator[Step]:
        """The steps for this VM. `source` is the request that read it."""

    def forbidden(self, facts: Facts, target: str, *, by_any: bool = False) -> Held | None:
        """Why the target may not be changed now. None when it may.

        A change would disturb a running backup or restore. Nothing interrupts a VM that may be an
        appliance: a person looks first. A ReadOnly lock blocks every POST below
        it. Any lock blocks a deletion.
        """
        if busy := why_busy(facts):
            return self.held(target, busy)
        if self.interrupts and (signs := why_appliance(facts)):
            return self.held(target, *signs)
        match facts.locks:
            case Unknown(reason=reason):
                return self.held(target, f"locks not known: {reason}")
            case Known(value=locks):
                for lock in locks:
                    if (by_any or lock.read_only) and ids.covers(lock.scope, target):
                        return self.held(
                            target, f"{lock.level} lock {lock.name} on {lock.scope} forbids it"
                        )
        return None
