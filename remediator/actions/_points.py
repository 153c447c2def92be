"""The first checks of all actions on restore points: whether points may be touched at all."""

from datetime import timedelta
from typing import ClassVar

from remediator import ids
from remediator.actions import Action
from remediator.conditions.jobs import why_busy
from remediator.conditions.locks import binding_locks
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Facts, Known, Point, Source, Unknown

NEEDS = frozenset(
    {
        Source.POINTS,
        Source.COLLECTIONS,
        Source.RECOVERY_POINTS,
        Source.POLICY,
        Source.ITEM,
        Source.JOBS,
        Source.LOCKS,
        Source.VM,
    }
)


class OnPoints(Action):
    """An action that deletes restore points. Only the collections show that a point is gone."""

    needs: ClassVar = NEEDS
    needs_late: ClassVar = frozenset({Source.VM})
    seen_in: ClassVar = frozenset({Source.COLLECTIONS, Source.POINTS})

    def settled(self, target: str, facts: Facts) -> bool | Unknown:
        """Whether a point or a collection is no longer seen."""
        match facts.collections, facts.points:
            case (Unknown() as unknown, _) | (_, Unknown() as unknown):
                return unknown
            case Known(value=collections), Known(value=points):
                seen = [*(each.id for each in collections), *(each.id for each in points)]
                return not any(ids.same(each, target) for each in seen)


def why_not_now(facts: Facts) -> str | None:
    """Why no restore point of this VM may be deleted now; None when it may be considered."""
    for fact in (facts.points, facts.collections, facts.recovery_points, facts.item):
        if isinstance(fact, Unknown):
            return f"cannot tell which restore points would be lost: {fact.reason}"
    match facts.item:
        case Absent():
            return (
                "the vault does not protect this VM, so every restore point that is left counts "
                "as needed"
            )
        case Known(value=item) if not is_protected(item):
            return f"the item is {item.state}, so every restore point that is left counts as needed"
        case _:
            pass
    match facts.recovery_points:
        case Known(value=recovery) if any(point.in_use for point in recovery):
            return "a file recovery session is open on an instant restore point"
        case _:
            pass
    if isinstance(theirs := of_a_former_vm(facts), Unknown):
        return f"cannot tell to which VM the restore points belong: {theirs.reason}"
    return why_busy(facts) or _why_locked(facts)


def _why_locked(facts: Facts) -> str | None:
    locks = binding_locks(facts)
    if isinstance(locks, Unknown):
        return f"locks not known: {locks.reason}"
    if not locks:
        return None
    told = f"lock {locks[0].name} ({locks[0].level}) on {locks[0].scope}"
    if any(ids.same(lock.id, locks[0].id) for lock in facts.leases):
        return f"{told} is on again: this run took it off, and somebody else has put it back"
    return f"{told} is still on"


def of_a_former_vm(facts: Facts) -> tuple[Point, ...] | Unknown:
    """Points of another VM that had this VM's name before. This tool may not delete them.

    A VM that was made anew has its own `vmId`, and Azure Backup may keep the points of both VMs in
    one collection. A point without a vmId counts as this VM's. Until the VM is read, every point
    counts as this VM's; the VM is always read before anything is deleted.
    """
    points = facts.points.value if isinstance(facts.points, Known) else ()
    told = [point for point in points if point.vm_unique_id]
    if not told or Source.VM not in facts.read():
        return ()
    match facts.vm:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"there is no VM any more ({source})")
        case Known(value=vm, source=source) if vm.unique_id is None:
            return Unknown(f"the VM does not tell its vmId ({source})")
        case Known(value=vm):
            return tuple(p for p in told if not ids.same_name(p.vm_unique_id, vm.unique_id))


def is_expired(point: Point, facts: Facts) -> bool:
    """Whether the policy no longer keeps the point. False when the policy is not known."""
    match facts.policy:
        case Known(value=policy) if policy.instant_retention_days and point.created:
            kept = timedelta(days=policy.instant_retention_days)
            return point.created + kept < facts.job.seen
        case _:
            return False
