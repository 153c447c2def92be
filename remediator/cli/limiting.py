"""The options that limit what may be done, and what becomes of a plan that a guard refuses."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from remediator.cli.output import say
from remediator.gate import gated
from remediator.limits import Limits
from remediator.plan import Plan
from remediator.step import Held
from remediator.views.plain import plain

if TYPE_CHECKING:
    from remediator.azure.session import Session


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """How far the command may go."""

    max_targets: int | None
    max_errors: int | None
    only_subscription: tuple[str, ...]
    only_resource_group: tuple[str, ...]
    opt_out_tag: str | None
    ignore_opt_out: bool
    window: tuple[str, ...]
    attempts: int
    cool_down: float
    preflight: bool = True

    def limits(self) -> Limits:
        """The limits that are part of a plan.

        Raises:
            BadInputError: one of them cannot be understood.
        """
        return Limits.told(
            max_targets=self.max_targets,
            max_errors=self.max_errors,
            only_subscription=self.only_subscription,
            only_resource_group=self.only_resource_group,
            opt_out_tag=self.opt_out_tag,
            ignore_opt_out=self.ignore_opt_out,
            window=self.window,
            attempts=self.attempts,
            cool_down=self.cool_down,
        )


async def through_gate(session: "Session", plan: Plan, within: LimitOptions) -> Plan:
    """The plan as the guards let it be applied now."""
    return await gated(session.reader, plan, within.limits(), with_preflight=within.preflight)


def say_refused(plan: Plan) -> None:
    """Say in one line that a guard holds a plan, and why."""
    held = next(step for step in plan.steps if isinstance(step, Held) and step.guard)
    say(plain(f"not applied: refused by a guard ({held.guard}): {held.why[0]}"))
