"""The exit code of a plan that is only shown: a dry run's, a saved plan's, several jobs'."""

from collections.abc import Iterable

from remediator.cli import Exit
from remediator.plan.plan import Plan


def plan_code(plans: Iterable[Plan], *, detailed: bool) -> Exit:
    """The exit code of plans that were asked for to be seen.

    It does not matter who holds a remedy: where consent or a guard could let it through, it is
    pending. Only a plan without any such remedy needs a human.

    Args:
        plans: one of each VM.
        detailed: whether `--detailed-exitcode` was given.
    """
    seen = tuple(plans)
    if any(not plan.pending and not plan.settled for plan in seen):
        return Exit.UNFIXED
    pending = any(plan.pending for plan in seen)
    return Exit.PENDING if pending and detailed else Exit.OK


def left_code(plan: Plan) -> Exit:
    """The exit code of a plan that was to be applied and has nothing that may be."""
    return Exit.OK if plan.settled else Exit.UNFIXED
