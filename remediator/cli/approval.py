"""What must hold before a plan is applied, besides a person's answer. Refusals are audited."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.authority import NOBODY, Approval, Identity
from remediator.catalogue import read_catalogue
from remediator.cli.output import say
from remediator.errors import PlanFileError, RemediateError
from remediator.plan import Plan

if TYPE_CHECKING:
    from remediator.azure.session import Session


def check_playbook(plan: Plan, folder: Path | None) -> None:
    """Refuse a plan whose remedy is no longer that of its playbook.

    A playbook that was changed elsewhere only, its guidance or another rung, is said and no more.

    Raises:
        PlanFileError: the playbook is gone, or has another remedy now.
        PlaybookError: it cannot be read.
    """
    if plan.playbook is None or plan.ladder is None:
        raise PlanFileError(
            f"{plan.plan_id} has changes and no playbook's remedy that they are of; nothing was "
            "changed; make a new plan"
        )
    now = read_catalogue(folder).find(plan.failure.code)
    if now is None or now.name != plan.playbook.name:
        raise PlanFileError(
            f"{plan.plan_id} was made from the playbook {plan.playbook.name} "
            f"({plan.playbook.origin}), which is not what {plan.failure.code} leads to here; give "
            "the --playbooks that it was made with, or make a new plan"
        )
    # Also where the playbook is the same: whoever alters a plan can compute its id anew.
    rung = next((rung for rung in now.ladder if rung.rung == plan.ladder.rung), None)
    recipe = tuple(action.model_dump(mode="json") for action in rung.steps) if rung else None
    if recipe != plan.recipe:
        raise PlanFileError(
            f"{plan.plan_id} is stale: the playbook {now.name} has another remedy now for "
            f"{plan.ladder.rung!r}; nothing was changed; make a new plan"
        )
    if now.digest != plan.playbook.digest:
        say(
            f"the playbook {now.name} was changed since {plan.plan_id} was made; what it does in "
            f"{plan.ladder.rung!r} is the same, and is applied as approved"
        )


def check_endpoint(plan: Plan, endpoint: str) -> None:
    """Refuse a plan that was made for another cloud.

    Raises:
        PlanFileError: it was.
    """
    if endpoint != plan.endpoint:
        raise PlanFileError(f"{plan.plan_id} was made on {plan.endpoint}, not on {endpoint}")


@contextmanager
def refusals_audited(plan: Plan, state: str | None) -> Iterator[None]:
    """Tell the trail why a plan was refused before Azure was asked anything."""
    try:
        yield
    except PlanFileError as error:
        _tell(plan, state, str(error), NOBODY)
        raise


async def audit_refusal(session: "Session", plan: Plan, state: str | None, text: str) -> None:
    """Tell the trail that a plan was not applied, and why."""
    _tell(plan, state, text, await session.who())


async def audit_resumption(
    session: "Session", plan: Plan, run_id: str, state: str | None, *, yes: bool
) -> None:
    """Tell the trail who takes up a run that was interrupted, and by whose leave.

    Raises:
        UnwrittenError: the trail cannot be added to.
    """
    from remediator.audit import Audit
    from remediator.audit_file import AuditFile
    from remediator.cli.state import state_of

    approval = Approval(by="--yes" if yes else "terminal")
    file = AuditFile(state_of(state).folder)
    audit = Audit(file, plan, run_id, await session.who(), approval)
    audit.tell("resumed", datetime.now(UTC), {})


def _tell(plan: Plan, state: str | None, text: str, who: Identity) -> None:
    """Add a refusal; a trail that cannot be written does not make a no of it any less."""
    from remediator.audit import Audit
    from remediator.audit_file import AuditFile
    from remediator.cli.state import state_of
    from remediator.run import Refused

    try:
        file = AuditFile(state_of(state).folder)
        audit = Audit(file, plan, None, who, Approval(by="nobody"))
        audit.write(Refused(at=datetime.now(UTC), text=text))
    except RemediateError as error:
        say(f"the refusal is not in the audit trail: {error}")
