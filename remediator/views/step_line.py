"""A step of a plan in one line: what it is, its class, and what stays changed."""

from rich.text import Text

from remediator import ids
from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Impact, Manual, Step, Unchanged
from remediator.language import _
from remediator.plan.plan import Plan
from remediator.views.losses import loss
from remediator.views.plain import plain, short

_KIND = {
    "change": ("●", "bold cyan"),
    "unchanged": ("=", "dim"),
    "held": ("■", "bold yellow"),
    "manual": ("✎", "bold magenta"),
}


def step_line(plan: Plan, number: int, step: Step) -> Text:
    """The line.

    Args:
        plan: the plan that the step is a part of.
        number: the place of the step in the plan, from 1.
        step: the step.
    """
    symbol, style = _KIND[step.kind]
    head = Text(f"{number:>2} {symbol} ", style=style)
    match step:
        case Change():
            head.append(short(step.what), style="bold").append(_marks(plan, step))
        case Held(change=Change() as change):
            head.append(_("held:") + " ", style=style)
            head.append(short(change.what)).append(_marks(plan, change))
        case Held():
            named = "" if step.action == "none" else f"{plain(step.action)}  "
            head.append(_("held:") + f" {named}", style=style).append(short(step.target))
        case Unchanged():
            named = "" if step.action == "none" else f"{plain(step.action)}: "
            head.append(named + _("nothing to do"))
        case Manual():
            head.append(_("for a human"), style=style)
    return head


def _marks(plan: Plan, change: Change) -> Text:
    """The class of a change, and what the run does not bring back."""
    marks = Text(f"  {_(change.impact)}", style=_impact(change.impact))
    if change.operation is Operation.DELETE_LOCK and not _comes_back(plan, change):
        marks.append("  " + _("STAYS OFF"), style="bold yellow")
    if lost := len(change.loses):
        marks.append(f"  {loss(lost)}", style="bold red")
    return marks


def _comes_back(plan: Plan, taken_off: Change) -> bool:
    """Whether the plan puts the lock back that it takes off."""
    steps = (step.change if isinstance(step, Held) else step for step in plan.steps)
    return any(
        isinstance(step, Change)
        and step.operation is Operation.PUT_LOCK
        and ids.same(step.target, taken_off.target)
        for step in steps
    )


def _impact(impact: Impact) -> str:
    match impact:
        case Impact.READ_ONLY | Impact.REVERSIBLE:
            return "green"
        case Impact.DESTRUCTIVE:
            return "bold red"
        case _:
            return "yellow"
