"""`remediate restore-locks`: what a run took off, put back from its record, without the engine."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.cli import Exit
from remediator.cli.asking import approved, can_ask
from remediator.cli.connect import with_session
from remediator.cli.options.applying import RestoreOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.output import say
from remediator.cli.state import state_of
from remediator.errors import PlanFileError, UnwrittenError
from remediator.facts import Lock
from remediator.patience import Patience
from remediator.record.audit import Audit, AuditedWriter
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval
from remediator.record.journal import FileJournal
from remediator.record.records import read_record
from remediator.run.leases import Owed, owed_by, restore
from remediator.run.run import LeaseReturned

if TYPE_CHECKING:
    from remediator.azure.session import Session


def restore_locks(azure: AzureOptions, run: str, how: RestoreOptions, *, every: bool) -> int:
    """Put a run's locks back, and look that they are on."""
    from remediator.cli.work import seconds

    began, entries = read_record(_record(run, how.state))
    plan, trail = began.plan, AuditFile(state_of(how.state).folder)
    locks = _chosen(owed_by(entries, plan), every=every)
    if not locks:
        say("this run owes no lock")
        return Exit.OK

    async def go(session: "Session") -> int:
        if session.cloud.endpoint != plan.endpoint:
            raise PlanFileError(f"the run was on {plan.endpoint}, not on {session.cloud.endpoint}")
        if not how.yes:
            if not can_ask():
                say("not put back: no terminal to ask on, and no --yes")
                return Exit.REFUSED
            if not await approved(f"Put {len(locks)} locks back? [y/N] "):
                say("not approved; nothing was changed")
                return Exit.REFUSED
        approval = Approval(by="--yes" if how.yes else "terminal")
        who = await session.who()
        audit = Audit(trail, plan, began.run_id, who, approval, puts_back=True)
        restored = await restore(
            locks,
            plan,
            reader=session.reader,
            writer=AuditedWriter(session.writer(how.poll_interval), audit, _now),
            patience=Patience(poll=how.poll_interval, timeout=seconds(how.timeout)),
            addressed=session.addressed,
        )
        returned = [
            LeaseReturned(at=_now(), lock_id=each.lock.id) for each in restored if each.back
        ]
        for entry in returned:
            audit.write(entry)
        _write_down(began.run_id, returned, how.state)
        for each in restored:
            sign = "on" if each.back else "STILL OFF"
            say(f"{sign}: {_told(each.lock)}: {each.text}")
        if audit.untold:
            say(f"this is not in the audit trail: {audit.untold}")
        return Exit.OK if all(each.back for each in restored) else Exit.LOCK_OFF

    return with_session(azure, go)


def _chosen(off: Owed, *, every: bool) -> tuple[Lock, ...]:
    """The locks that are to be put back; all that were taken off, or are said to be, are named."""
    for lock in off.foreign:
        say(f"left alone, the run's plan takes no such lock off: {_told(lock)}")
    locks = (*off.owed, *(off.left_off if every else ()))
    for lock in off.left_off if not every else ():
        say(f"left off on purpose: {_told(lock)}; --all puts it back too")
    for lock in locks:
        say(f"to be put back: {_told(lock)}")
    return locks


def _write_down(run_id: str, returned: list[LeaseReturned], state: str | None) -> None:
    """Tell the run's record, if it lies where runs are kept, what is on again."""
    journal = FileJournal(state_of(state).folder, run_id, resumed=True)
    if not journal.path.exists():
        return
    try:
        with journal as record:
            for entry in returned:
                record.write(entry)
    except UnwrittenError as error:
        say(f"what is on again is not in the run's record: {error}")


def _now() -> datetime:
    return datetime.now(UTC)


def _told(lock: Lock) -> str:
    notes = f", notes: {lock.notes}" if lock.notes else ""
    return f"lock {lock.name} ({lock.level}) on {lock.scope}{notes}"


def _record(run: str, state: str | None) -> Path:
    path = Path(run)
    if path.suffix == ".jsonl" and path.is_file():
        return path
    return state_of(state).folder / "runs" / f"{path.name}.jsonl"
