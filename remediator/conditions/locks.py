"""Conditions about locks, and about which locks may be taken off."""

import re
from typing import Final

from remediator import ids
from remediator.conditions.condition import Condition, State
from remediator.facts import Collection, Facts, Known, Lock, Readings, Source, Unknown

_LOCKED: Final = re.compile(r"scope\(s\) are locked: '([^']{1,2000})'")


def binding_locks(about: Readings) -> tuple[Lock, ...] | Unknown:
    """Locks on this VM's restore point collections, on their group, or above it."""
    match about.locks, about.collections:
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case Known(value=locks), Known(value=collections):
            return tuple(
                lock for lock in locks if any(ids.covers(lock.scope, c.id) for c in collections)
            )


def locks_on(facts: Readings, target: str) -> tuple[Lock, ...] | Unknown:
    """Locks that apply to a resource: on it, on its group, or on its subscription."""
    match facts.locks:
        case Unknown() as unknown:
            return unknown
        case Known(value=locks):
            return tuple(lock for lock in locks if ids.covers(lock.scope, target))


def why_not_writable(facts: Readings, target: str) -> str | None:
    """Why a resource must not be written to: a ReadOnly lock, or locks that are not known."""
    if not ids.covers(f"/subscriptions/{facts.subject.subscription}", target):
        return "it is in another subscription; this tool does not read the locks there"
    locks = locks_on(facts, target)
    if isinstance(locks, Unknown):
        return f"locks not known: {locks.reason}"
    for lock in locks:
        if lock.read_only:
            return f"ReadOnly lock {lock.name} on {lock.scope} forbids it"
    return None


def locks_on_storage(facts: Facts) -> tuple[Lock, ...] | Unknown:
    """ReadOnly locks that may block a storage account: on one, or on a scope that may hold one.

    No read tells which account a job writes to. A lock against deletion does not block it.
    """
    match facts.locks:
        case Unknown() as unknown:
            return unknown
        case Known(value=locks):
            return tuple(
                lock
                for lock in locks
                if lock.read_only
                and (
                    "/providers/" not in lock.scope.lower()
                    or "/providers/microsoft.storage/storageaccounts/" in lock.scope.lower()
                )
            )


def scopes_said(facts: Facts) -> tuple[str, ...]:
    """The scopes that the error calls locked. They are shown as evidence and are never changed."""
    text = f"{facts.failure.message} {facts.job.dynamic_error_message or ''}"
    found = (part.strip() for told in _LOCKED.findall(text) for part in told.split(","))
    return tuple(dict.fromkeys(part for part in found if part))


def changed_by_another(was: Lock, now: Lock) -> str | None:
    """How the present lock differs from the lock that was taken off. None when they are the same.

    If they differ, somebody else has put the lock there. That choice is left alone.
    """
    told = []
    if was.level.lower() != now.level.lower():
        told.append(f"as {now.level}, and was {was.level}")
    if (was.notes or "") != (now.notes or ""):
        told.append("with other notes")
    return f"somebody else has put it on {', '.join(told)}: it stays as it is" if told else None


def why_lock_stays(lock: Lock, collections: tuple[Collection, ...]) -> str | None:
    """Why this tool may not take a lock off. None when it may.

    Only locks on Azure Backup's own group and on its collections of this VM may be taken off.
    """
    if lock.id.rsplit("/", 1)[-1] != lock.name:
        return "its name and its id disagree"
    if lock.owners:
        return (
            f"owned by the application {', '.join(lock.owners)}; only this application may take "
            "it off"
        )
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
    return "it is set above Azure Backup's own group and protects other things too"


def _backup_lock(facts: Facts) -> State | Unknown:
    locks = binding_locks(facts)
    if isinstance(locks, Unknown):
        return locks
    if not locks:
        return State("none", "no lock on the collections, their group or the subscription")
    collections = facts.collections.value if isinstance(facts.collections, Known) else ()
    named = ", ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in locks)
    kept = any(why_lock_stays(lock, collections) for lock in locks)
    return State("protected" if kept else "removable", f"lock {named}")


def _vm_lock(facts: Facts) -> State | Unknown:
    vm_id = facts.job.vm_id
    if vm_id is None:
        return Unknown("the job does not name its VM")
    locks = locks_on(facts, vm_id)
    if isinstance(locks, Unknown):
        return locks
    return _told(locks, f"no lock on {vm_id}, its group or its subscription")


def _storage_lock(facts: Facts) -> State | Unknown:
    locks = locks_on_storage(facts)
    if isinstance(locks, Unknown):
        return locks
    return _told(locks, "no ReadOnly lock on a storage account, a group or the subscription")


def _told(locks: tuple[Lock, ...], otherwise: str) -> State:
    if not locks:
        return State("none", otherwise)
    named = ", ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in locks)
    read_only = any(lock.read_only for lock in locks)
    return State("read-only" if read_only else "can-not-delete", f"lock {named}")


CONDITIONS: Final = (
    Condition(
        "vm_lock",
        ("none", "can-not-delete", "read-only"),
        "Locks on the VM, its group or its subscription. This tool takes none of them off.",
        frozenset({Source.LOCKS}),
        _vm_lock,
    ),
    Condition(
        "storage_lock",
        ("none", "read-only"),
        "ReadOnly locks on a storage account, or on a group or subscription that may hold one.",
        frozenset({Source.LOCKS}),
        _storage_lock,
    ),
    Condition(
        "backup_lock",
        ("none", "removable", "protected"),
        "Locks that keep Azure Backup from deleting this VM's restore points: `removable` when "
        "all are on its own group or collections, `protected` when this tool may not take one of "
        "them off.",
        frozenset({Source.LOCKS, Source.COLLECTIONS}),
        _backup_lock,
    ),
)
