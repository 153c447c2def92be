"""Which plans must wait for each other: plans that change or unlock the same thing."""

from remediator import ids
from remediator.change.operations import Operation
from remediator.plan.plan import Plan


def overlap(one: Plan, other: Plan) -> bool:
    """Whether two plans may not be applied at the same time.

    They may not if both change the same thing, such as a lock or a key vault that is in the way of
    both. They may not if one takes off a lock that covers a target of the other: a lock put back by
    one plan could block the other, or be missing there.
    """
    return bool(_changed(one) & _changed(other) or _unlocks(one, other) or _unlocks(other, one))


def _changed(plan: Plan) -> frozenset[str]:
    return frozenset(ids.normal(change.target) for change in plan.changes)


def _unlocks(one: Plan, other: Plan) -> bool:
    scopes = {
        ids.normal(change.target).rpartition("/providers/microsoft.authorization/locks/")[0]
        for change in one.changes
        if change.operation in (Operation.DELETE_LOCK, Operation.PUT_LOCK)
    }
    return any(
        target == scope or target.startswith(f"{scope}/")
        for scope in scopes
        for target in (*_changed(other), ids.normal(other.job.vm_id or other.job.id))
    )
