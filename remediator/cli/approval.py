"""What must hold before a plan is applied, besides a person's answer. Refusals are audited."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.cli.output import say
from remediator.errors import PlanFileError, RemediateError
from remediator.plan.plan import Plan, check_expiry
from remediator.playbook.catalogue import read_catalogue
from remediator.record.authority import NOBODY, Approval, Identity

if TYPE_CHECKING:
    from remediator.azure.session import Session
    from remediator.cli.options.applying import ApplyOptions
    from remediator.run.warrant import Warrant


def check_playbook(plan: Plan, folder: Path | None) -> None:
    """Refuse a plan whose remedy is no longer that of its playbook.

    A playbook that was changed elsewhere only, its guidance or another rung, is said and no more.

    Raises:
        PlanFileError: the playbook is gone, or has another remedy now.
        PlaybookError: it cannot be read.
    """
    from remediator.plan.planning import recipes, rows_of

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
    if rung is None or plan.recipe not in map(rows_of, recipes(rung)):
        raise PlanFileError(
            f"{plan.plan_id} is stale: the playbook {now.name} has another remedy now for "
            f"{plan.ladder.rung!r}; nothing was changed; make a new plan"
        )
    if now.digest != plan.playbook.digest:
        say(
            f"the playbook {now.name} was changed since {plan.plan_id} was made; what it does in "
            f"{plan.ladder.rung!r} is the same, and is applied as approved"
        )


def check_given(plan: Plan, how: "ApplyOptions") -> None:
    """Refuse a saved plan that nobody signed and that does more than is consented to here.

    Raises:
        PlanFileError: it does; all flags that are missing are named.
    """
    warrant = _warrant(plan, how, None)
    if warrant and (flags := warrant.lacking(plan)):
        raise PlanFileError(
            f"{plan.plan_id} is not signed, so its own consent does not count; nothing was "
            f"changed: add {' '.join(flags)} to apply, or have it signed and give --verify"
        )


def lacking_where_unsigned(plan: Plan) -> tuple[str, ...]:
    """The flags that it takes to apply a plan which was saved; none of one that is signed."""
    from remediator.cli.options.job import GivenOptions
    from remediator.run.warrant import Warrant

    if plan.signature is not None or not plan.changes:
        return ()
    nothing = GivenOptions()
    warrant = Warrant(said_code=None, consent=nothing.consent(), settings=nothing.settings(None))
    return warrant.lacking(plan)


async def check_anew_here(session: "Session", plan: Plan, how: "ApplyOptions") -> None:
    """Refuse a saved plan that is not what this command would plan for its job by itself.

    The refusal is audited.

    Raises:
        PlanFileError: it is not.
        AzureError: the job could not be read.
    """
    from remediator.run.warrant import check_anew

    warrant = _warrant(plan, how, session.cloud.backup_app_id)
    if warrant is None or not plan.changes:
        return
    catalogue = read_catalogue(how.playbooks)
    try:
        await check_anew(session.reader, plan, catalogue, warrant, session.addressed)
    except PlanFileError as error:
        await audit_refusal(session, plan, how.state, str(error))
        raise


def _warrant(plan: Plan, how: "ApplyOptions", backup_app_id: str | None) -> "Warrant | None":
    """What a saved plan may rest on; None where the same command has just made the plan."""
    from remediator.run.warrant import Warrant

    if how.given is None:
        return None
    if how.signed_by is not None:
        return Warrant.signed(plan)
    return Warrant(
        said_code=how.given.error_code,
        consent=how.given.consent(),
        settings=how.given.settings(backup_app_id),
    )


def signed_and_given(plan: Plan, how: "ApplyOptions") -> "ApplyOptions":
    """How a plan is applied, with the key that signed it.

    Raises:
        PlanFileError: it has expired, is not signed as it must be, its playbook has another
            remedy, or its consent is given neither by a signature nor here.
    """
    check_expiry(plan, datetime.now(UTC))
    how = replace(how, signed_by=how.signatures.check(plan))
    check_playbook(plan, how.playbooks)
    check_given(plan, how)
    return how


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
    from remediator.cli.state import state_of
    from remediator.record.audit import Audit
    from remediator.record.audit_file import AuditFile

    approval = Approval(by="--yes" if yes else "terminal")
    file = AuditFile(state_of(state).folder)
    audit = Audit(file, plan, run_id, await session.who(), approval)
    audit.tell("resumed", datetime.now(UTC), {})


def _tell(plan: Plan, state: str | None, text: str, who: Identity) -> None:
    """Add a refusal; a trail that cannot be written does not make a no of it any less."""
    from remediator.cli.state import state_of
    from remediator.record.audit import Audit
    from remediator.record.audit_file import AuditFile
    from remediator.run.run import Refused

    try:
        file = AuditFile(state_of(state).folder)
        audit = Audit(file, plan, None, who, Approval(by="nobody"))
        audit.write(Refused(at=datetime.now(UTC), text=text))
    except RemediateError as error:
        say(f"the refusal is not in the audit trail: {error}")
