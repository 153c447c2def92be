"""A plan goes through the guards, and what becomes of one that is refused."""

from typing import TYPE_CHECKING

from remediator.change.step import Held
from remediator.cli.options.limits import GateOptions
from remediator.cli.output import say
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.plan.gate import gated
from remediator.plan.plan import Plan

if TYPE_CHECKING:
    from remediator.azure.session import Session


async def through_gate(
    session: "Session", plan: Plan, within: GateOptions, tally: Tally = NOTHING_YET
) -> Plan:
    """The plan as the guards let it be applied now, after what the command has come to before."""
    return await gated(
        session.reader,
        plan,
        within.limits(),
        with_preflight=not within.no_preflight,
        tally=tally,
    )


def say_refused(plan: Plan) -> None:
    """Say in one line that a guard holds a plan, and why."""
    held = next(step for step in plan.steps if isinstance(step, Held) and step.guard)
    say(f"not applied: refused by a guard ({held.guard}): {held.why[0]}")
