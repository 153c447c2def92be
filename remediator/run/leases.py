"""Leases: the locks that a run took off and must put back. They follow from its entries alone."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from remediator import ids
from remediator.actions.put_locks_back import PutLocksBack
from remediator.actions.remove_locks import shown_lock
from remediator.change.operations import Operation
from remediator.change.step import Change
from remediator.change.writing import Writer
from remediator.conditions.locks import changed_by_another
from remediator.errors import AzureError, first_line
from remediator.facts import Facts, Known, Lock, Source, Unknown
from remediator.inspect import inspect
from remediator.patience import Patience
from remediator.plan.plan import Plan
from remediator.plan.planning import Addressed, with_address
from remediator.reading import Reader
from remediator.run.run import Entry, LeaseReturned, LeaseTaken, entry_from
from remediator.value import Value


class Owed(Value):
    """The locks that a run's entries name, and what became of them."""

    owed: tuple[Lock, ...]
    """Taken off and not put back. The plan says that the run puts them back."""
    left_off: tuple[Lock, ...]
    """Taken off and left off on purpose."""
    foreign: tuple[Lock, ...] = ()
    """Locks that an entry says were taken off, but the plan names no such removal.

    Nobody approved that, and perhaps it never happened.
    """


def entries_of(rows: Iterable[dict[str, Any]]) -> tuple[Entry, ...]:
    """The entries among the rows.

    Rows that are no entry, such as a half-written last line, are skipped.
    """
    found: list[Entry] = []
    for row in rows:
        try:
            found.append(entry_from(row))
        except ValidationError:
            continue
    return tuple(found)


def owed_by(entries: Iterable[Entry], plan: Plan) -> Owed:
    """The locks that the run took off and has not put back."""
    taken: dict[str, Lock] = {}
    removed = {
        ids.normal(step.target): step.before
        for step in plan.changes
        if step.operation is Operation.DELETE_LOCK
    }
    for entry in entries:
        match entry:
            case LeaseTaken(lock=lock):
                taken[ids.normal(lock.id)] = lock
            case LeaseReturned(lock_id=lock_id):
                taken.pop(ids.normal(lock_id), None)
            case _:
                pass
    to_return = {
        ids.normal(step.target) for step in plan.changes if step.operation is Operation.PUT_LOCK
    }
    ours = {key: lock for key, lock in taken.items() if shown_lock(lock) == removed.get(key)}
    return Owed(
        owed=tuple(lock for key, lock in ours.items() if key in to_return),
        left_off=tuple(lock for key, lock in ours.items() if key not in to_return),
        foreign=tuple(lock for key, lock in taken.items() if key not in ours),
    )


class Restored(Value):
    """What became of a lock that was to be put back."""

    lock: Lock
    back: bool
    text: str


async def restore(
    locks: Iterable[Lock],
    plan: Plan,
    *,
    reader: Reader,
    writer: Writer,
    patience: Patience,
    addressed: Addressed,
) -> tuple[Restored, ...]:
    """Put locks back as they were. A lock that is already on is left alone."""
    with patience.bounding(puts_back=True):
        return tuple(
            [await _restore(lock, plan, reader, writer, patience, addressed) for lock in locks]
        )


async def still_off(locks: Iterable[Lock], plan: Plan, reader: Reader) -> tuple[Lock, ...]:
    """The given locks that are off. All of them if the locks cannot be read."""
    try:
        facts = await inspect(reader, Facts.of(plan.job, plan.failure), {Source.LOCKS})
    except Exception:  # noqa: BLE001 - after any error the locks are not seen to be on
        return tuple(locks)
    there = facts.locks.value if isinstance(facts.locks, Known) else ()
    return tuple(lock for lock in locks if not any(ids.same(on.id, lock.id) for on in there))


async def _restore(
    lock: Lock,
    plan: Plan,
    reader: Reader,
    writer: Writer,
    patience: Patience,
    addressed: Addressed,
) -> Restored:
    sent = False
    problem = "the lock was not seen within the time allowed"
    for _ in range(patience.looks):
        try:
            facts = await inspect(reader, Facts.of(plan.job, plan.failure), {Source.LOCKS})
        except Exception as error:  # noqa: BLE001 - an unforeseen error; the next look may succeed
            told = Unknown(f"internal error: {type(error).__name__}: {first_line(error)}")
            facts = replace(Facts.of(plan.job, plan.failure), locks=told)
        match facts.locks:
            case Known(value=there) if on := [each for each in there if ids.same(each.id, lock.id)]:
                seen, changed = "put back" if sent else "is on", changed_by_another(lock, on[0])
                text = f"{seen}; {changed}" if changed else seen
                return Restored(lock=lock, back=True, text=text)
            case Known():
                try:
                    await writer.begin(_put(lock, facts, addressed))
                    sent = True
                except AzureError as error:
                    problem = str(error)
                    if not error.transient and error.arrived is False:
                        break
            case unknown:
                problem = unknown.reason
        if patience.over:
            break
        await patience.pause()
    return Restored(lock=lock, back=False, text=problem)


def _put(lock: Lock, facts: Facts, addressed: Addressed) -> Change:
    """The change that puts a lock back, just as the run would make it."""
    leased = Facts(
        subject=facts.subject,
        job=facts.job,
        failure=facts.failure,
        locks=facts.locks,
        leases=(lock,),
    )
    for step in PutLocksBack(policy="put-back").plan(leased):
        if isinstance(step, Change):
            made = with_address(step, addressed)
            if isinstance(made, Change):
                return made
    raise AssertionError("a lock that is off is put on by exactly one change")
