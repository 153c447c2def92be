"""Words about locks, and which of them may be taken off."""

from typing import Final

from remediator import ids
from remediator.facts import Collection, Facts, Known, Lock, Readings, Source, Unknown
from remediator.words.named import NamedFact, Word


def binding_locks(about: Readings) -> tuple[Lock, ...] | Unknown:
    """Locks that bind this VM's restore point collections: on them, their group, above."""
    match about.locks, about.collections:
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case Known(value=locks), Known(value=collections):
            return tuple(
                lock for lock in locks if any(ids.covers(lock.scope, c.id) for c in collections)
            )


def why_lock_stays(lock: Lock, collections: tuple[Collection, ...]) -> str | None:
    """Why a lock is not ours to take off; None when it is.

    Only locks on Azure Backup's own group and on its collections of this VM may go.
    """
    if lock.id.rsplit("/", 1)[-1] != lock.name:
        return "its name and its id disagree"
    if lock.owners:
        return f"owned by the application {', '.join(lock.owners)}, which alone may take it off"
    for collection in collections:
        if ids.same(lock.scope, collection.id):
            return None
        if ids.same(lock.scope, collection.id.split("/providers/", 1)[0]):
            if collection.service_group:
                return None
            return (
                f"the group {collection.group} is not known to be Azure Backup's own"
                if collection.service_group is None
                else f"the group {collection.group} is not Azure Backup's own"
            )
    return "it lies above Azure Backup's own group and protects other things too"


def _backup_lock(facts: Facts) -> Word | Unknown:
    locks = binding_locks(facts)
    if isinstance(locks, Unknown):
        return locks
    if not locks:
        return Word("none", "no lock on the collections, their group or the subscription")
    collections = facts.collections.value if isinstance(facts.collections, Known) else ()
    named = ", ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in locks)
    kept = any(why_lock_stays(lock, collections) for lock in locks)
    return Word("protected" if kept else "removable", f"lock {named}")


FACTS: Final = (
    NamedFact(
        "backup_lock",
        ("none", "removable", "protected"),
        "Locks that keep Azure Backup from deleting this VM's restore points: `removable` when "
        "all are on its own group or collections, `protected` when one is not ours to take.",
        frozenset({Source.LOCKS, Source.COLLECTIONS}),
        _backup_lock,
    ),
)
