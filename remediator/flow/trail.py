"""Telling the audit trail decisions that are made before a run, or instead of one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from remediator.errors import PlanFileError, RemediateError
from remediator.flow.events import Note
from remediator.flow.ports import Listener, Means
from remediator.plan.plan import Plan
from remediator.record.audit import Audit
from remediator.record.audit_file import AuditFile
from remediator.record.authority import NOBODY, Approval, Identity
from remediator.record.state import State
from remediator.run.run import Refused


@contextmanager
def refusals_audited(listener: Listener, plan: Plan, state: State) -> Iterator[None]:
    """Tell the trail why a plan was refused before Azure was asked anything."""
    try:
        yield
    except PlanFileError as error:
        _tell(listener, plan, state, str(error), NOBODY)
        raise


async def audit_refusal(means: Means, plan: Plan, state: State, text: str) -> None:
    """Tell the trail that a plan was not applied, and why."""
    _tell(means.listener, plan, state, text, await means.cloud.who())


async def audit_resumption(means: Means, plan: Plan, run_id: str, state: State) -> None:
    """Tell the trail who resumes an interrupted run, and by whose leave.

    Raises:
        UnwrittenError: the line cannot be added.
    """
    file, who = AuditFile(state.folder), await means.cloud.who()
    audit = Audit(file, plan, run_id, who, Approval(by=means.asker.by))
    audit.tell("resumed", datetime.now(UTC), {})


def _tell(listener: Listener, plan: Plan, state: State, text: str, who: Identity) -> None:
    """Add a refusal to the trail. If the trail cannot be written, the refusal still holds."""
    try:
        audit = Audit(AuditFile(state.folder), plan, None, who, Approval(by="nobody"))
        audit.write(Refused(at=datetime.now(UTC), text=text))
    except RemediateError as error:
        listener.hear(Note(f"the refusal is not in the audit trail: {error}"))
