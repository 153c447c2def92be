"""Runs: begun, or taken up again, on the durable engine."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remediator import ids
from remediator.cli.options.applying import ApplyOptions, RunOptions
from remediator.cli.output import say, stderr
from remediator.cli.second import refuse_second
from remediator.cli.state import say_off, say_power, state_of
from remediator.engine.durable import Engine
from remediator.errors import (
    BadInputError,
    LockOffError,
    StalePlanError,
    StateError,
    UnwrittenError,
    VmBusyError,
)
from remediator.facts import Lock
from remediator.patience import Patience
from remediator.plan.plan import Plan, parse_plan
from remediator.playbook.catalogue import read_catalogue
from remediator.record.audit import Audit, Audited, AuditedWriter
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval, Identity
from remediator.record.journal import FileJournal, new_run_id
from remediator.record.records import left_by, read_record
from remediator.record.state import State, make_folder
from remediator.report.carry_out import carry_out, lock_owed, power_owed
from remediator.report.report import Report
from remediator.run.apply import Applier
from remediator.run.carrier import GRACE
from remediator.run.claims import FileClaims, VmClaims
from remediator.run.leases import entries_of, restore, still_off
from remediator.run.ledger import Ledger, Passing, Rows
from remediator.run.owing import Owing, owing, plan_in
from remediator.run.run import Ended, Entry, LeaseReturned, Refused
from remediator.views.progress import Progress

if TYPE_CHECKING:
    from remediator.azure.session import Session


class Running:
    """A run in this process: what the engine calls, and what Ctrl-C interrupts."""

    def __init__(
        self,
        session: "Session",
        how: RunOptions,
        run_id: str,
        folder: Path,
        who: Identity,
        *,
        resumed: bool,
        closed: str | None = None,
    ) -> None:
        from remediator.cli.work import seconds

        self._who = who

        self._session = session
        self._playbooks = how.playbooks
        self._poll = how.poll_interval
        self._patience = Patience(poll=how.poll_interval, timeout=seconds(how.timeout))
        self._run_id = run_id
        self._folder = folder
        self._resumed = resumed
        self._closed = closed
        self._trail = AuditFile(folder)
        self._applier: Applier | None = None
        self._to_stop = False

    def interrupt(self) -> None:
        """Have the run stop, and put back what is to be put back."""
        self._to_stop = True
        if self._applier is not None:
            self._applier.interrupt()

    async def body(self, ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
        """The run itself, as the engine calls it."""
        plan = parse_plan(payload["plan"], f"the plan of {self._run_id}")
        approval = Approval.model_validate(payload.get("approval") or {"by": "nobody"})
        audit = Audit(self._trail, plan, self._run_id, self._who, approval)
        with (
            FileJournal(self._folder, self._run_id, resumed=self._resumed) as record,
            Progress(stderr()) as progress,
            self._patience.bounding(),
        ):
            journal = Audited(record, audit)
            self._applier = Applier(
                plan,
                self._run_id,
                ledger=ledger,
                reader=self._session.reader,
                writer=self._session.writer(self._poll),
                journal=journal,
                watcher=progress,
                patience=self._patience,
                addressed=self._session.addressed,
                now=_now,
                closed=self._closed,
            )
            if self._to_stop:
                self._applier.interrupt()
            try:
                report = await carry_out(
                    self._applier,
                    run_id=self._run_id,
                    plan=plan,
                    started=datetime.fromisoformat(payload["started"]),
                    journal=journal,
                    watcher=progress,
                    catalogue=read_catalogue(self._playbooks),
                    now=_now,
                )
            except StalePlanError as error:
                audit.write(Refused(at=_now(), text=str(error)))
                return {"stale": str(error)}
        report = report.model_copy(update={"audit_head": str(audit.head)})
        return {"report": report.model_dump_json()}

    async def put_back(self, run_id: str, rows: Rows) -> Rows:
        """What the run still owes when it has ended, whatever ended it: its guard's work."""
        entries = entries_of(rows)
        plan = plan_in(entries)
        left = owing(plan, entries, self._recorded(run_id)) if plan else Owing()
        if plan is None or not left:
            return []
        audit = Audit(self._trail, plan, run_id, self._who, Approval(by="guard"), puts_back=True)
        try:
            power = await self._power_back(run_id, plan, entries, audit) if left.power else []
        finally:  # a VM that cannot be put back keeps no lock off
            returned = await self._locks_back(run_id, plan, left.locks, audit)
        if audit.untold:
            say(f"what was put back is not in the audit trail: {audit.untold}")
        return [*power, *returned]

    def _recorded(self, run_id: str) -> tuple[Entry, ...]:
        """What the run's record tells, where it lies here."""
        try:
            return read_record(self._folder / "runs" / f"{run_id}.jsonl")[1]
        except BadInputError:
            return ()

    async def _locks_back(
        self, run_id: str, plan: Plan, locks: tuple[Lock, ...], audit: Audit
    ) -> Rows:
        if not locks:
            return []
        restored = await restore(
            locks,
            plan,
            reader=self._session.reader,
            writer=AuditedWriter(self._session.writer(self._poll), audit, _now),
            patience=self._patience.at_least(GRACE),
            addressed=self._session.addressed,
        )
        returned = [
            LeaseReturned(at=_now(), lock_id=each.lock.id) for each in restored if each.back
        ]
        with FileJournal(self._folder, run_id, resumed=True) as record:
            journal = Audited(record, audit)
            for entry in returned:
                journal.write(entry)
        return [entry.model_dump(mode="json") for entry in returned]

    async def _power_back(
        self, run_id: str, plan: Plan, entries: tuple[Entry, ...], audit: Audit
    ) -> Rows:
        with (
            FileJournal(self._folder, run_id, resumed=True) as record,
            Progress(stderr()) as progress,
        ):
            applier = Applier(
                plan,
                run_id,
                ledger=Passing(f"{os.getpid()}-{secrets.token_hex(4)}"),
                reader=self._session.reader,
                writer=self._session.writer(self._poll),
                journal=Audited(record, audit),
                watcher=progress,
                patience=self._patience.at_least(GRACE),
                addressed=self._session.addressed,
                now=_now,
            )
            return await applier.put_back(entries)


async def begin(session: "Session", plan: Plan, how: ApplyOptions) -> Report:
    """Apply a plan in a run of its own.

    Raises:
        StalePlanError: the subscription is no longer as the plan saw it; nothing was changed.
        StateError: the state of runs cannot be used.
        UnwrittenError: what it does could not be written down; it is unfinished.
        LockOffError: it ended without a report, and a lock is off that should be on.
    """
    run_id = new_run_id(_now())
    payload = payload_of(plan, how)
    return await _through(session, how, run_id, plan, payload)


def payload_of(plan: Plan, how: ApplyOptions) -> dict[str, Any]:
    """What a run is started with."""
    owes = any(change.always for change in plan.changes)
    approval = Approval(by="--yes" if how.yes else "terminal", signed_by=how.signed_by)
    return {
        "plan": plan.model_dump_json(),
        "started": _now().isoformat(),
        "owes": owes,
        "approval": approval.model_dump(),
    }


async def take_up(
    session: "Session",
    run_id: str,
    plan: Plan,
    how: RunOptions,
    *,
    closed: str | None = None,
    again: bool = False,
) -> Report:
    """Finish a run that was interrupted, or let its guard finish.

    Args:
        session: reads and changes Azure.
        run_id: of the run.
        plan: of the run.
        how: the run is carried out.
        closed: why nothing more of it may be begun; what was begun is followed, and put back.
        again: whether the run and its guards have ended, and another guard is to try.

    Raises:
        StalePlanError: as for `begin`.
        StateError: as for `begin`.
        LockOffError: as for `begin`.
    """
    return await _through(session, how, run_id, plan, None, closed=closed, again=again)


async def _through(
    session: "Session",
    how: RunOptions,
    run_id: str,
    plan: Plan,
    payload: dict[str, Any] | None,
    *,
    closed: str | None = None,
    again: bool = False,
) -> Report:
    state = state_of(how.state)
    with _claimed(state, run_id, plan.job.vm_id or plan.job.id):
        AuditFile(state.folder).check()
        who = await session.who()
        resumed = payload is None
        running = Running(session, how, run_id, state.folder, who, resumed=resumed, closed=closed)
        return await _engaged(session, running, run_id, plan, state, payload, again=again)


@contextmanager
def _claimed(state: State, run_id: str, vm_id: str) -> Iterator[None]:
    """Keep other runs, of any process that shares the state, from this VM meanwhile.

    Raises:
        VmBusyError: another run is at the VM.
    """
    make_folder(state.folder)
    with ExitStack() as held:
        claims: VmClaims = FileClaims(state.folder, run_id)
        if state.shared:
            from remediator.engine.postgres import PostgresClaims, Presence

            claims = PostgresClaims(held.enter_context(Presence(state, run_id)))
        if holder := claims.claim(vm_id):
            raise VmBusyError(
                f"{vm_id}: {holder} is at work on this VM; nothing was changed: wait until it has "
                "ended, see remediate runs list"
            )
        held.callback(claims.release, vm_id)
        yield


async def _engaged(
    session: "Session",
    running: Running,
    run_id: str,
    plan: Plan,
    state: State,
    payload: dict[str, Any] | None,
    *,
    again: bool,
) -> Report:
    async with Engine(state, running.body, executor=run_id, put_back=running.put_back) as engine:
        if payload is not None:
            await refuse_second(engine, state.folder, plan.job.vm_id or plan.job.id)
            await engine.start(run_id, payload)
        if again:
            await engine.guard_again(run_id)
        ending = asyncio.ensure_future(_ended(engine, run_id))
        try:
            try:
                ended, restored = await asyncio.shield(ending)
            except asyncio.CancelledError:
                if task := asyncio.current_task():
                    task.uncancel()
                say(
                    "stopping: what is to be put back is put back; a second Ctrl-C leaves it to "
                    "resume"
                )
                running.interrupt()
                ended, restored = await ending
        except StateError as error:
            raise await without_report(session, state, run_id, plan, error) from error
    if stale := ended.get("stale"):
        raise StalePlanError(stale)
    return without(Report.model_validate_json(ended["report"]), restored)


async def _ended(engine: Engine, run_id: str) -> tuple[dict[str, Any], tuple[Entry, ...]]:
    """What a run came to, and what its guards tell of what they have put back."""
    try:
        ended = await engine.result(run_id)
    except UnwrittenError:
        raise
    except StateError:
        await engine.returned(run_id)  # what it owes is put back also where the engine failed
        raise
    try:
        return ended, entries_of(await engine.returned(run_id))
    except UnwrittenError:
        raise
    except StateError as error:
        say(f"the guard of {run_id} failed: {error}; remediate resume {run_id} lets it try again")
        return ended, ()


async def without_report(
    session: "Session", state: State, run_id: str, plan: Plan, error: StateError
) -> StateError | LockOffError:
    """What is told of a run that has no report; the locks that it has left off are named."""
    text = str(error)
    if isinstance(error, UnwrittenError):
        text += f"; nothing more is changed: mend that, then remediate resume {run_id}"
    left = left_by(state.folder, run_id)
    off = await still_off(left.locks, plan, session.reader) if left.locks else ()
    for lock in off:
        say_off(run_id, lock)
    for each in left.power:
        say_power(run_id, each)
    return LockOffError(text) if off or left.power else type(error)(text)


def without(report: Report, told: tuple[Entry, ...]) -> Report:
    """The report, once the run's guards have put some of it back."""
    returned = {ids.normal(each.lock_id) for each in told if isinstance(each, LeaseReturned)}
    ended = [each.outcome for each in told if isinstance(each, Ended)]
    steps = {outcome.step for outcome in ended if outcome.result.puts_back}

    def left(locks: tuple[Lock, ...]) -> tuple[Lock, ...]:
        return tuple(lock for lock in locks if ids.normal(lock.id) not in returned)

    on = [lock_owed(lock) for lock in report.locks_owed if ids.normal(lock.id) in returned]
    back = [power_owed(each) for each in report.power_owed if each.step in steps]
    return report.model_copy(
        update={
            "next": tuple(line for line in report.next if line not in (*on, *back)),
            "locks_owed": left(report.locks_owed),
            "locks_left_off": left(report.locks_left_off),
            "power_owed": tuple(each for each in report.power_owed if each.step not in steps),
        }
    )


def _now() -> datetime:
    return datetime.now(UTC)
