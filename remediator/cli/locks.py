"""`remediate restore-locks`: put back a run's locks from its record, without the engine."""

from pathlib import Path
from typing import TYPE_CHECKING

from remediator.cli import Exit
from remediator.cli.askers import asker
from remediator.cli.connect import with_session
from remediator.cli.options.applying import RestoreOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.output import note, say
from remediator.cli.screen import Screen
from remediator.cli.state import state_of
from remediator.cli.terms import times
from remediator.engine.engines import DbosEngines
from remediator.facts import Lock
from remediator.flow.ports import Means
from remediator.flow.restoring import Record
from remediator.flow.restoring import restore_locks as restore
from remediator.record.records import read_record
from remediator.run.leases import Owed, owed_by

if TYPE_CHECKING:
    from remediator.azure.session import Session


def restore_locks(azure: AzureOptions, run: str, how: RestoreOptions, *, every: bool) -> int:
    """Put a run's locks back, and check that they are on."""
    state, wait = state_of(how.state), times(how)
    began, entries = read_record(_record(run, how.state))
    locks = _chosen(owed_by(entries, began.plan), every=every)
    if not locks:
        note("this run has no lock to put back")
        return Exit.OK
    record = Record(began.run_id, began.plan, locks)

    async def go(session: "Session") -> int:
        means = Means(session, DbosEngines(), asker(yes=how.yes), screen)
        restored = await restore(means, record, state, wait)
        if restored is None:
            told = "not approved; nothing was changed"
            nobody = "not put back: no terminal to ask on, and no --yes"
            say(told if means.asker.there else nobody)
            return Exit.REFUSED
        for each in restored:
            sign = "on" if each.back else "STILL OFF"
            say(f"{sign}: {_told(each.lock)}: {each.text}")
        return Exit.OK if all(each.back for each in restored) else Exit.LOCK_OFF

    with Screen(OutputOptions()) as screen:
        return with_session(azure, go)


def _chosen(off: Owed, *, every: bool) -> tuple[Lock, ...]:
    """The locks to put back. All locks that the record says were taken off are named."""
    for lock in off.foreign:
        say(f"left alone, because the run's plan does not take this lock off: {_told(lock)}")
    locks = (*off.owed, *(off.left_off if every else ()))
    for lock in off.left_off if not every else ():
        note(f"left off on purpose: {_told(lock)}; --all puts it back too")
    for lock in locks:
        say(f"to be put back: {_told(lock)}")
    return locks


def _told(lock: Lock) -> str:
    notes = f", notes: {lock.notes}" if lock.notes else ""
    return f"lock {lock.name} ({lock.level}) on {lock.scope}{notes}"


def _record(run: str, state: str | None) -> Path:
    path = Path(run)
    if path.suffix == ".jsonl" and path.is_file():
        return path
    return state_of(state).folder / "runs" / f"{path.name}.jsonl"
