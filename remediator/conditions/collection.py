"""Conditions about the VM's restore point collections."""

from datetime import timedelta
from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Collection, Facts, Known, Provisioning, Source, Unknown
from remediator.moments import shown

DELETED_WITHIN: Final = timedelta(hours=2)
"""The time that a deletion gets to end by itself. Nobody documents how long it takes. Three tries
of a large collection, with timeouts in between, fit into it."""


def being_deleted(facts: Facts) -> tuple[Collection, ...] | Unknown:
    """Azure Backup's collections of this VM that are marked for deletion."""
    match facts.collections:
        case Unknown() as unknown:
            return unknown
        case Known(value=collections):
            return tuple(c for c in collections if c.state is Provisioning.DELETING)


def _collection(facts: Facts) -> State | Unknown:
    """A deletion is stuck if it was there when the job failed, and is still there long after."""
    deleting = being_deleted(facts)
    if isinstance(deleting, Unknown):
        return deleting
    source = facts.collections.source if isinstance(facts.collections, Known) else ""
    if not deleting:
        count = len(facts.collections.value) if isinstance(facts.collections, Known) else 0
        told = f"{count} collections of this VM, none being deleted ({source})"
        return State("present" if count else "absent", told)
    named = ", ".join(collection.name for collection in deleting)
    since, now = facts.job.end or facts.job.start, facts.job.seen
    if since is None:
        return Unknown(f"{named} is being deleted, and the job does not say when it ran")
    told = (
        f"{named} is being deleted, and was being deleted when the job failed at {shown(since)} "
        f"({source})"
    )
    if now - since < DELETED_WITHIN:
        return State("deleting", f"{told}; look again after {shown(since + DELETED_WITHIN)}")
    return State("stuck", told)


CONDITIONS: Final = (
    Condition(
        "collection",
        ("absent", "present", "deleting", "stuck"),
        "The VM's restore point collections; `deleting` while one is marked for deletion, `stuck` "
        "when it still is two hours after the job.",
        frozenset({Source.COLLECTIONS}),
        _collection,
    ),
)
