"""Applying one plan, with consent and as the guards allow."""

from dataclasses import dataclass
from enum import Enum

from remediator.flow.admission import check_terms, check_with_azure, through_gate
from remediator.flow.applying import Runs
from remediator.flow.events import Admitted
from remediator.flow.ports import Means
from remediator.flow.queueing import Queueing
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
    """A plan that was not applied."""

    plan: Plan
    """The plan as the guards left it."""
    because: Because


@dataclass(frozen=True, slots=True)
class Queued:
    """A plan that was left to a worker."""

    run_id: str


Outcome = Report | Queued | NotApplied


async def apply_one(means: Means, plan: Plan, terms: Terms) -> Outcome:
    """Apply one plan.

    Args:
        means: the cloud, the engine, who is asked for consent, and who is told.
        plan: a plan that the same caller has made; or a saved plan that `check_terms` has let
            through, which needs no Azure.
        terms: the terms. With `given`, the plan counts as a saved one.

    Raises:
        PlanFileError: the plan may not be applied: it is too old, altered, not signed as it must
            be, or it would now be another one.
        StalePlanError: the subscription has changed since the plan was made; nothing was changed.
        AzureError: a fact that is needed first could not be read.
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
    if saved or not asker.beforehand:  # the approval may have taken hours
        made = await through_gate(means, made, terms)
        if made.refused:
            return NotApplied(made, Because.GUARD)
    means.listener.hear(Admitted(made))
    if terms.to_queue:
        async with Queueing(means, terms) as queue:
            return Queued(await queue.put(made, terms))
    async with Runs(means, terms, alone=True) as runs:
        return await runs.begin(made, terms)
