"""When restore points may be thought of at all: what both deleting actions ask first."""

from datetime import timedelta

from remediator.facts import Absent, Facts, Known, Point, Source, Unknown
from remediator.words.jobs import running_jobs
from remediator.words.locks import binding_locks
from remediator.words.protection import is_protected

NEEDS = frozenset(
    {
        Source.POINTS,
        Source.COLLECTIONS,
        Source.RECOVERY_POINTS,
        Source.POLICY,
        Source.ITEM,
        Source.JOBS,
        Source.LOCKS,
    }
)


def why_not_now(facts: Facts) -> str | None:
    """Why no restore point of this VM may be deleted now; None when it may be considered."""
    for fact in (facts.points, facts.collections, facts.recovery_points, facts.item):
        if isinstance(fact, Unknown):
            return f"not known what would be lost: {fact.reason}"
    match facts.item:
        case Absent():
            return "the vault does not protect this VM: what is left counts as needed"
        case Known(value=item) if not is_protected(item):
            return f"the item is {item.state}: what is left counts as needed"
        case _:
            pass
    match facts.recovery_points:
        case Known(value=recovery) if any(point.in_use for point in recovery):
            return "a file recovery session is open on an instant restore point"
        case _:
            pass
    running, locks = running_jobs(facts), binding_locks(facts)
    if isinstance(running, Unknown):
        return f"not known whether a job is running: {running.reason}"
    if running:
        return f"{running[0].operation} job {running[0].name} is running"
    if isinstance(locks, Unknown):
        return f"locks not known: {locks.reason}"
    if locks:
        return f"lock {locks[0].name} on {locks[0].scope} is still on"
    return None


def is_expired(point: Point, facts: Facts) -> bool:
    """Whether the policy no longer keeps the point; never where the policy is not known."""
    match facts.policy:
        case Known(value=policy) if policy.instant_retention_days and point.created:
            kept = timedelta(days=policy.instant_retention_days)
            return point.created + kept < facts.job.seen
        case _:
            return False
