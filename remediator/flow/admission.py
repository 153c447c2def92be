"""The tests that a plan must pass before it is applied, besides consent. Refusals are audited."""

from datetime import UTC, datetime
from pathlib import Path

from remediator.errors import PlanFileError
from remediator.flow.events import Note
from remediator.flow.ports import Listener, Means
from remediator.flow.requests import Given, Terms
from remediator.flow.trail import audit_refusal, refusals_audited
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.plan.gate import gated
from remediator.plan.plan import Plan, check_expiry
from remediator.plan.planning import recipes, rows_of
from remediator.playbook.catalogue import read_catalogue
from remediator.reading import Reader
from remediator.run.warrant import Warrant, check_anew


def check_terms(listener: Listener, plan: Plan, terms: Terms) -> Terms:
    """Refuse a plan for reasons that need no answer of Azure. The refusal is audited.

    Returns:
        The terms, with the key that signed this plan.

    Raises:
        PlanFileError: the plan has expired; or it is not signed as it must be; or its playbook has
            another remedy; or neither a signature nor this command gives its consent.
        PlaybookError: the playbooks cannot be read.
    """
    with refusals_audited(listener, plan, terms.state):
        check_expiry(plan, datetime.now(UTC))
        terms = terms.signed(terms.signatures.check(plan))
        if plan.changes:
            check_playbook(listener, plan, terms.playbooks)
            _check_given(plan, terms)
        return terms


def check_playbook(listener: Listener, plan: Plan, folder: Path | None) -> None:
    """Refuse a plan if its playbook now has another remedy.

    If only other parts of the playbook have changed, such as its guidance or another rung, a note
    tells so and the plan is not refused.

    Raises:
        PlanFileError: the playbook is gone, or has another remedy now.
        PlaybookError: the playbook cannot be read.
    """
    if plan.playbook is None or plan.ladder is None:
        raise PlanFileError(
            f"{plan.plan_id} has changes that belong to no remedy of a playbook; nothing was "
            "changed; make a new plan"
        )
    now = read_catalogue(folder).find(plan.failure.code)
    if now is None or now.name != plan.playbook.name:
        raise PlanFileError(
            f"{plan.plan_id} was made from the playbook {plan.playbook.name} "
            f"({plan.playbook.origin}), but {plan.failure.code} leads to another playbook here; "
            "give the --playbooks that the plan was made with, or make a new plan"
        )
    # This is checked even if the playbook is unchanged: a person who alters a plan can also compute
    # its id anew.
    rung = next((rung for rung in now.ladder if rung.rung == plan.ladder.rung), None)
    if rung is None or plan.recipe not in map(rows_of, recipes(rung)):
        raise PlanFileError(
            f"{plan.plan_id} is stale: the playbook {now.name} has another remedy now for "
            f"{plan.ladder.rung!r}; nothing was changed; make a new plan"
        )
    if now.digest != plan.playbook.digest:
        listener.hear(
            Note(
                f"the playbook {now.name} was changed after {plan.plan_id} was made; its remedy "
                f"{plan.ladder.rung!r} is the same, and is applied as approved"
            )
        )


def _check_given(plan: Plan, terms: Terms) -> None:
    """Refuse a saved, unsigned plan that does more than this command consents to.

    Raises:
        PlanFileError: the plan does more. The message names all missing flags.
    """
    warrant = _warrant(plan, terms, None)
    if warrant and (flags := warrant.lacking(plan)):
        raise PlanFileError(
            f"{plan.plan_id} is not signed, so the consent in it does not count; nothing was "
            f"changed: add {' '.join(flags)} to apply, or have it signed and give --verify"
        )


def lacking_where_unsigned(plan: Plan) -> tuple[str, ...]:
    """The flags that are needed to apply a saved plan. None are needed for a signed plan."""
    if plan.signature is not None or not plan.changes:
        return ()
    nothing = Given()
    warrant = Warrant(said_code=None, consent=nothing.consent, settings=nothing.settings(None))
    return warrant.lacking(plan)


def check_cloud(means: Means, plan: Plan) -> None:
    """Refuse a plan of another cloud.

    Raises:
        PlanFileError: the plan was made on another endpoint.
    """
    if means.cloud.endpoint != plan.endpoint:
        raise PlanFileError(
            f"{plan.plan_id} was made on {plan.endpoint}, not on {means.cloud.endpoint}"
        )


async def check_with_azure(means: Means, plan: Plan, terms: Terms) -> None:
    """Refuse a plan of another cloud, and a saved plan that would now be another one for its job.

    The second refusal is audited.

    Raises:
        PlanFileError: the plan is one of these.
        AzureError: the job could not be read.
    """
    check_cloud(means, plan)
    warrant = _warrant(plan, terms, means.cloud.backup_app_id)
    if warrant is None or not plan.changes:
        return
    catalogue, cloud = read_catalogue(terms.playbooks), means.cloud
    try:
        await check_anew(cloud.reader, plan, catalogue, warrant, cloud.addressed)
    except PlanFileError as error:
        await audit_refusal(means, plan, terms.state, str(error))
        raise


def _warrant(plan: Plan, terms: Terms, backup_app_id: str | None) -> Warrant | None:
    """What a saved plan may rest on. None if the same command has just made the plan."""
    given = terms.given
    if given is None:
        return None
    if terms.signed_by is not None:
        return Warrant.signed(plan)
    return Warrant(
        said_code=given.said_code,
        consent=given.consent,
        settings=given.settings(backup_app_id),
    )


async def through_gate(
    means: Means,
    plan: Plan,
    terms: Terms,
    tally: Tally = NOTHING_YET,
    reader: Reader | None = None,
) -> Plan:
    """The plan as the guards let it be applied now. A refusal is audited.

    Args:
        means: the cloud, and who is told.
        plan: the plan that is about to be applied.
        terms: the terms.
        tally: what the command has done before.
        reader: the reader that has just made the plan, if its lists still count. Else Azure is
            asked anew.

    Raises:
        AzureError: the guards could not read what they need.
    """
    made = await gated(
        reader or means.cloud.reader,
        plan,
        terms.limits,
        with_preflight=terms.preflight,
        tally=tally,
    )
    if made.refused:
        await audit_refusal(means, made, terms.state, "a guard")
    return made
