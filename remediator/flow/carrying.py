"""One run in this process. The engine calls it, and Ctrl-C interrupts it."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from remediator.errors import BadInputError, StalePlanError
from remediator.facts import Lock
from remediator.flow.events import Seen
from remediator.flow.ports import Listener, Means
from remediator.flow.requests import Times
from remediator.patience import Patience
from remediator.plan.plan import Plan, parse_plan
from remediator.playbook.catalogue import read_catalogue
from remediator.record.audit import Audit, Audited, AuditedWriter
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval, Identity
from remediator.record.journal import FileJournal
from remediator.record.records import read_record
from remediator.report.carry_out import carry_out
from remediator.run.apply import Applier
from remediator.run.leases import entries_of, restore
from remediator.run.ledger import Ledger, Passing, Rows
from remediator.run.looks import GRACE
from remediator.run.owing import Owing, owing, plan_in
from remediator.run.run import Entry, LeaseReturned, Refused, Waiting


@dataclass(frozen=True, slots=True)
class Told:
    """A watcher that tells a listener what one run does."""

    listener: Listener
    plan: Plan

    def see(self, event: Entry | Waiting) -> None:
        """Take note of an event."""
        self.listener.hear(Seen(self.plan, event))


class Running:
    """A run in this process. The engine calls it, and Ctrl-C interrupts it."""

    def __init__(
        self,
        means: Means,
        times: Times,
        playbooks: Path | None,
        run_id: str,
        folder: Path,
        who: Identity,
        *,
        resumed: bool,
        closed: str | None = None,
    ) -> None:
        """A run.

        Args:
            means: the cloud and the listener.
            times: how long the run may take.
            playbooks: a folder of playbooks that come before the built-in ones.
            run_id: the run's id.
            folder: where records are kept.
            who: the owner of the access token, for the audit trail.
            resumed: whether the run's record already exists and goes on.
            closed: why no new change of the run may begin; None if changes may begin.
        """
        self._means = means
        self._poll = times.poll
        self._patience: Patience = times.begin()
        self._playbooks = playbooks
        self._run_id = run_id
        self._folder = folder
        self._who = who
        self._resumed = resumed
        self._closed = closed
        self._trail = AuditFile(folder)
        self._applier: Applier | None = None
        self._to_stop = False

    def interrupt(self) -> None:
        """Stop the run. It still puts back what it owes."""
        self._to_stop = True
        if self._applier is not None:
            self._applier.interrupt()

    async def body(self, ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
        """The work of the run. The engine calls it."""
        plan = parse_plan(payload["plan"], f"the plan of {self._run_id}")
        approval = Approval.model_validate(payload.get("approval") or {"by": "nobody"})
        audit = Audit(self._trail, plan, self._run_id, self._who, approval)
        with (
            FileJournal(self._folder, self._run_id, resumed=self._resumed) as record,
            self._patience.bounding(),
        ):
            journal = Audited(record, audit)
            self._applier = self._applier_of(plan, ledger, journal, self._patience, self._closed)
            if self._to_stop:
                self._applier.interrupt()
            try:
                report = await carry_out(
                    self._applier,
                    run_id=self._run_id,
                    plan=plan,
                    started=datetime.fromisoformat(payload["started"]),
                    journal=journal,
                    watcher=Told(self._means.listener, plan),
                    catalogue=read_catalogue(self._playbooks),
                    now=_now,
                )
            except StalePlanError as error:
                audit.write(Refused(at=_now(), text=str(error)))
                return {"stale": str(error)}
        report = report.model_copy(update={"audit_head": str(audit.head)})
        return {"report": report.model_dump_json()}

    def _applier_of(
        self,
        plan: Plan,
        ledger: Ledger,
        journal: Audited,
        patience: Patience,
        closed: str | None = None,
    ) -> Applier:
        return Applier(
            plan,
            self._run_id,
            ledger=ledger,
            reader=self._means.cloud.reader,
            writer=self._means.cloud.writer(self._poll),
            journal=journal,
            watcher=Told(self._means.listener, plan),
            patience=patience,
            addressed=self._means.cloud.addressed,
            now=_now,
            closed=closed,
        )

    async def put_back(self, rows: Rows) -> Rows:
        """The work of the guard of a run: put back what the run still owes after its end."""
        entries = entries_of(rows)
        plan = plan_in(entries)
        left = owing(plan, entries, self._recorded()) if plan else Owing()
        if plan is None or not left:
            return []
        approval = Approval(by="guard")
        audit = Audit(self._trail, plan, self._run_id, self._who, approval, puts_back=True)
        try:
            power = await self._power_back(plan, entries, audit) if left.power else []
        finally:  # even if the VM's power cannot be put back, the locks are
            returned = await self._locks_back(plan, left.locks, audit)
        if audit.untold:
            self._means.note(f"what was put back is not in the audit trail: {audit.untold}")
        return [*power, *returned]

    def _recorded(self) -> tuple[Entry, ...]:
        """The entries of the run's record, if the record is in this folder."""
        try:
            return read_record(self._folder / "runs" / f"{self._run_id}.jsonl")[1]
        except BadInputError:
            return ()

    async def _locks_back(self, plan: Plan, locks: tuple[Lock, ...], audit: Audit) -> Rows:
        if not locks:
            return []
        cloud = self._means.cloud
        restored = await restore(
            locks,
            plan,
            reader=cloud.reader,
            writer=AuditedWriter(cloud.writer(self._poll), audit, _now),
            patience=self._patience.at_least(GRACE),
            addressed=cloud.addressed,
        )
        returned = [
            LeaseReturned(at=_now(), lock_id=each.lock.id) for each in restored if each.back
        ]
        with FileJournal(self._folder, self._run_id, resumed=True) as record:
            journal = Audited(record, audit)
            for entry in returned:
                journal.write(entry)
        return [entry.model_dump(mode="json") for entry in returned]

    async def _power_back(self, plan: Plan, entries: tuple[Entry, ...], audit: Audit) -> Rows:
        with FileJournal(self._folder, self._run_id, resumed=True) as record:
            ledger = Passing(f"{os.getpid()}-{secrets.token_hex(4)}")
            patience = self._patience.at_least(GRACE)
            applier = self._applier_of(plan, ledger, Audited(record, audit), patience)
            return await applier.put_back(entries)


def _now() -> datetime:
    return datetime.now(UTC)
