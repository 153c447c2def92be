"""The gate before a run: the guards judge again, with fresh facts and everything they need."""

import asyncio
from dataclasses import replace

from remediator.change.step import Held
from remediator.facts import Facts, Source
from remediator.guards import Case, Refusal, held_back, judged, more_needed, needed, preflight
from remediator.guards.limits import Limits
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.inspect import inspect
from remediator.inspect.permissions import read_grants
from remediator.moments import shown
from remediator.plan.plan import Plan, resealed
from remediator.reading import Reader


async def gated(
    reader: Reader,
    plan: Plan,
    limits: Limits,
    *,
    with_preflight: bool,
    tally: Tally = NOTHING_YET,
) -> Plan:
    """The plan as it may be applied now: unchanged, or with every change held.

    Args:
        reader: reads Azure.
        plan: the plan that is about to be applied.
        limits: the limits of the applying side. The plan's own limits apply too.
        with_preflight: whether the identity's permissions are checked.
        tally: the counts of this command so far.
    """
    if not plan.changes:
        return plan
    both = tuple(dict.fromkeys((plan.limits, limits)))
    sources = frozenset[Source]().union(*(needed(each, to_apply=True) for each in both))
    needs = preflight.needs_of(plan.changes) if with_preflight else ()
    bare = Facts.of(plan.job, plan.failure, plan.settings)
    facts, grants = await asyncio.gather(
        inspect(reader, bare, sources), read_grants(reader, (need.scope for need in needs))
    )
    more = frozenset[Source]().union(*(more_needed(facts, each, plan.changes) for each in both))
    facts = await inspect(reader, facts, more)
    case = Case(
        facts=facts,
        changes=plan.changes,
        limits=limits,
        now=facts.latest(),
        tally=tally,
    )
    refusals = [r for each in both for r in judged(replace(case, limits=each))]
    if too_old := _too_old(plan, case):
        refusals.append(too_old)
    if lacking := preflight.judge(needs, grants, case.target):
        refusals.append(lacking)
    return with_refusals(plan, tuple(dict.fromkeys(refusals)))


def refusal_of(plan: Plan) -> str | None:
    """The guard that holds a plan, and its reason, in one line. None when no guard does."""
    held = next((step for step in plan.steps if isinstance(step, Held) and step.guard), None)
    return f"refused by a guard ({held.guard}): {held.why[0]}" if held else None


def _too_old(plan: Plan, case: Case) -> Refusal | None:
    """Refuse a plan that has expired by Azure's clock. The clocks of the machines do not count."""
    made, lifetime = plan.job.seen, plan.expires - plan.created
    if case.now is not None and case.now - made <= lifetime:
        return None
    told = f"by Azure's clock it was made at {shown(made)} and has expired; make a new plan"
    return Refusal("expiry", case.target, told)


def with_refusals(plan: Plan, refusals: tuple[Refusal, ...]) -> Plan:
    """The plan with all its changes held, if there is a refusal."""
    return resealed(plan, tuple(held_back(plan.steps, refusals))) if refusals else plan
