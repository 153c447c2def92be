"""The audit trail: who did what, when, why and by whose leave. Each line is chained to the last.

The trail takes the same entries as the run's own record, but holds less: no full plan, no address
that Azure signed, no secret.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from remediator.change.operations import SHAPES
from remediator.change.step import Change
from remediator.change.writing import Receipt, Writer
from remediator.errors import AzureError, RemediateError, UnwrittenError
from remediator.plan.plan import Plan
from remediator.record.audit_file import AuditFile
from remediator.record.authority import Approval, Identity, here
from remediator.record.chain import Head
from remediator.redaction import redacted_in
from remediator.run.run import (
    Began,
    Concluded,
    Ended,
    Entry,
    Intent,
    Interrupted,
    JobFollowed,
    LeaseReturned,
    LeaseTaken,
    Record,
    Refused,
    Result,
    Sent,
)


class Audit:
    """Writes the events of one plan to the trail. A line is on disk when `write` returns."""

    def __init__(
        self,
        file: AuditFile,
        plan: Plan,
        run_id: str | None,
        who: Identity,
        approval: Approval,
        *,
        puts_back: bool = False,
    ) -> None:
        """A writer to the trail.

        Args:
            file: the trail.
            plan: the plan that is carried out.
            run_id: the run that carries it out; None if no run began.
            who: the owner of the access token.
            approval: who allowed the plan.
            puts_back: go on if the trail cannot be written. A lock that stays off is worse than a
                missing line. A writer for changes that take something away stops instead.
        """
        self._puts_back = puts_back
        self._file = file
        self._plan = plan
        self._run_id = run_id
        self._who = {**who.model_dump(), **here()}
        self._approval = approval.model_dump()
        self.head: Head | None = None
        """The last line that was written here."""
        self.untold: str | None = None
        """Why the trail lacks a line about something that was put back."""

    def write(self, entry: Entry) -> None:
        """Add a line for an entry that concerns an auditor.

        Raises:
            UnwrittenError: the line cannot be added.
        """
        if told := self._told(entry):
            self.tell(*told)

    def tell(self, event: str, at: datetime, rest: dict[str, Any]) -> None:
        """Add a line.

        Raises:
            UnwrittenError: as for `write`.
        """
        about = {
            "event": event,
            "at": at.isoformat(),
            "run": self._run_id,
            "who": self._who,
            "plan": self._plan.plan_id,
            "playbook": self._plan.playbook
            and {"name": self._plan.playbook.name, "digest": self._plan.playbook.digest},
            "approval": self._approval,
        }
        try:
            self.head = self._file.append({**about, **redacted_in(rest)})
        except RemediateError as error:
            if not self._puts_back:
                raise UnwrittenError(str(error)) from None
            self.untold = str(error)

    def _told(self, entry: Entry) -> tuple[str, datetime, dict[str, Any]] | None:
        """The event, its time and its details. None for an entry that changes nothing in Azure."""
        match entry:
            case Began(at=at, plan=plan):
                job = {"job": plan.job.id, "vm": plan.job.vm_id, "failure": plan.failure.code}
                changes = [_what(change) for change in plan.changes if _writes(change)]
                return "begin", at, {**job, "endpoint": plan.endpoint, "changes": changes}
            case Intent(at=at, step=step, change=change) if _writes(change):
                return "intent", at, {"step": step, **_intended(change)}
            case Sent(at=at, step=step, correlation_id=correlation, note=note):
                told = {"step": step, "what": self._change(step), "note": note}
                return "sent", at, {**told, "correlation_id": correlation}
            case Ended(outcome=outcome) if (what := self._change(outcome.step)) is not None:
                told = {"step": outcome.step, "what": what, "result": outcome.result.value}
                because = {"text": outcome.text, "correlation_id": outcome.correlation_id}
                return "outcome", outcome.ended, {**told, **because}
            case LeaseTaken(at=at, lock=lock):
                return "lease", at, {"lock": lock.model_dump(mode="json")}
            case LeaseReturned(at=at, lock_id=lock_id):
                return "lease-returned", at, {"lock": {"id": lock_id}}
            case Interrupted(at=at):
                return "interrupted", at, {}
            case Refused(at=at, text=text):
                return "refused", at, {"text": text}
            case Concluded(at=at, verdict=verdict, text=text):
                return "end", at, {"result": verdict, "text": text}
            case Intent() | Ended() | JobFollowed():
                return None

    def _change(self, number: int) -> dict[str, Any] | None:
        """The change of a step of the plan. None if the step changes nothing."""
        step = self._plan.steps[number - 1]
        return _what(step) if isinstance(step, Change) and _writes(step) else None


class Audited:
    """A run's own record together with the audit trail. Each entry goes to both."""

    def __init__(self, record: Record, audit: Audit) -> None:
        self._record = record
        self._audit = audit

    @property
    def path(self) -> Path:
        """The path of the record."""
        return self._record.path

    def write(self, entry: Entry) -> None:
        """Add an entry to the record, then to the trail."""
        self._record.write(entry)
        self._audit.write(entry)


class AuditedWriter:
    """A Writer for changes that no run makes, such as those of a guard of a run.

    The trail gets a line for each change.
    """

    def __init__(self, writer: Writer, audit: Audit, now: Callable[[], datetime]) -> None:
        self._writer = writer
        self._audit = audit
        self._now = now

    async def begin(self, change: Change, request_id: str | None = None) -> Receipt:
        """Write the intent to the trail, then send the change.

        Raises:
            AzureError: as for any writer.
        """
        self._audit.tell("intent", self._now(), _intended(change))
        try:
            receipt = await self._writer.begin(change, request_id)
        except AzureError as error:
            result = Result.UNCERTAIN if error.arrived is None else Result.FAILED
            self._ended(change, result.value, str(error), error.correlation_id)
            raise
        self._ended(change, "sent", "Azure accepted it", receipt.correlation_id)
        return receipt

    async def finish(self, change: Change, token: str) -> str:
        """Follow a change's operation to its end.

        Raises:
            AzureError: as for any writer.
        """
        return await self._writer.finish(change, token)

    def _ended(self, change: Change, result: str, text: str, correlation: str | None) -> None:
        told = {"what": _what(change), "result": result, "text": text}
        self._audit.tell("outcome", self._now(), {**told, "correlation_id": correlation})


def _intended(change: Change) -> dict[str, Any]:
    return {
        "what": _what(change),
        "why": list(change.why),
        "before": change.before,
        "after": change.after,
        "undo": change.undo,
    }


def _writes(change: Change) -> bool:
    return SHAPES[change.operation].sends


def _what(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "what": change.what,
        "operation": change.operation.value,
        "method": change.request.method,
        "target": change.target,
        "permission": change.permission,
        "impact": change.impact.value,
    }
