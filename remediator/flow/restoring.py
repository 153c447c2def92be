"""Putting back the locks that a run took off, from its record, without the engine."""

from dataclasses import dataclass
from datetime import UTC, datetime

from remediator.errors import UnwrittenError
from remediator.facts import Lock
from remediator.flow.admission import check_cloud
from remediator.flow.ports import Means
from remediator.flow.requests import Times
from remediator.plan.plan import Plan
from remediator.record.audit import Audit, AuditedWriter
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval
from remediator.record.journal import FileJournal
from remediator.record.state import State
from remediator.run.leases import Restored, restore
from remediator.run.run import LeaseReturned


@dataclass(frozen=True, slots=True)
class Record:
    """What a run's record tells of its locks."""

    run_id: str
    plan: Plan
    locks: tuple[Lock, ...]
    """The locks that must be put back."""


async def restore_locks(
    means: Means, record: Record, state: State, times: Times
) -> tuple[Restored, ...] | None:
    """Put a run's locks back, and check that they are on. None if nobody consented.

    Raises:
        PlanFileError: the run was on another cloud.
        AzureError: nobody can sign in.
    """
    plan, cloud = record.plan, means.cloud
    check_cloud(means, plan)
    if not await means.asker.to_put_back(record.locks):
        return None
    approval, who = Approval(by=means.asker.by), await cloud.who()
    trail = AuditFile(state.folder)
    audit = Audit(trail, plan, record.run_id, who, approval, puts_back=True)
    restored = await restore(
        record.locks,
        plan,
        reader=cloud.reader,
        writer=AuditedWriter(cloud.writer(times.poll), audit, _now),
        patience=times.begin(),
        addressed=cloud.addressed,
    )
    returned = [LeaseReturned(at=_now(), lock_id=each.lock.id) for each in restored if each.back]
    for entry in returned:
        audit.write(entry)
    _write_down(means, record.run_id, returned, state)
    if audit.untold:
        means.note(f"this is not in the audit trail: {audit.untold}")
    return restored


def _write_down(means: Means, run_id: str, returned: list[LeaseReturned], state: State) -> None:
    """Write to the run's record which locks are on again, if the state's folder has the record."""
    journal = FileJournal(state.folder, run_id, resumed=True)
    if not journal.path.exists():
        return
    try:
        with journal as record:
            for entry in returned:
                record.write(entry)
    except UnwrittenError as error:
        means.note(f"a lock is on again, but the run's record does not say so: {error}")


def _now() -> datetime:
    return datetime.now(UTC)
