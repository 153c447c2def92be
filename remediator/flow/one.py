"""One plan is applied, with consent and as the guards allow."""

from dataclasses import dataclass
from enum import Enum

from remediator.flow.admission import check_terms, check_with_azure, through_gate
from remediator.flow.applying import Runs
from remediator.flow.events import Admitted
from remediator.flow.ports import Means
from remediator.flow.queueing import enqueue
from remediator.flow.requests import Terms
from remediator.flow.trail import audit_refusal
from remediator.plan.plan import Plan
from remediator.report.report import Report


class Because(Enum):
    """Why a plan was not applied."""

    NOTHING = "it changes nothing"
    NOBODY = "nobody could be asked"
    NO = "not approved"
    GUARD = "refused by a guard"


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A plan that was left alone."""

    plan: Plan
    """As the guards left it."""
    because: Because


@dataclass(frozen=True, slots=True)
class Queued:
    """A plan that was left to a worker."""

    run_id: str


Outcome = Report | Queued | NotApplied


async def apply_one(means: Means, plan: Plan, terms: Terms) -> Outcome:
    """Apply one plan.

    Args:
        means: the cloud, the engine, and who is asked and told.
        plan: made by the same caller; or saved, and then `check_terms` has let it through: that
            needs no Azure.
        terms: on which terms. With `given` the plan counts as a saved one.

    Raises:
        PlanFileError: the plan may not be applied: too old, altered, not signed as it must be,
            or not what would be planned now.
        StalePlanError: the subscription is no longer as the plan saw it; nothing was changed.
        AzureError: what must be known first could not be read.
        VmBusyError: another run is at the VM.
        StateError: the state of runs cannot be used.
        LockOffError: the run ended without a report, and a lock is off that should be on.
    """
    saved, asker = terms.given is not None, means.asker
    if plan.refused:
        if not saved:
            await audit_refusal(means, plan, terms.state, "a guard")
        return NotApplied(plan, Because.GUARD)
    if not plan.changes:
        return NotApplied(plan, Because.NOTHING)
    if not (saved or asker.there):
        return NotApplied(plan, Because.NOBODY)
    if not saved:
        terms = check_terms(means.listener, plan, terms)
    await check_with_azure(means, plan, terms)
    if not asker.there:
        return NotApplied(plan, Because.NOBODY)
    made = plan if saved else await through_gate(means, plan, terms)
    if made.refused:
        return NotApplied(made, Because.GUARD)
    if not asker.beforehand and not await asker.to_apply((made,), ()):
        await audit_refusal(means, made, terms.state, "not approved at the terminal")
        return NotApplied(made, Because.NO)
    if saved or not asker.beforehand:  # approving may have taken hours
        made = await through_gate(means, made, terms)
        if made.refused:
            return NotApplied(made, Because.GUARD)
    means.listener.hear(Admitted(made))
    if terms.to_queue:
        return Queued(await enqueue(means, made, terms))
    async with Runs(means, terms, alone=True) as runs:
        return await runs.begin(made, terms)
