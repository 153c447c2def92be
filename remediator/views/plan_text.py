"""A plan, shown to a person at a terminal: the verdict first and last, a line for each change."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from remediator.change.step import Change, Held, Manual, Step, Unchanged
from remediator.checks import Status
from remediator.language import _
from remediator.plan.plan import Plan
from remediator.report.batch import unapplied
from remediator.views.findings import answered
from remediator.views.job_words import ended
from remediator.views.losses import losses
from remediator.views.plain import brief, plain
from remediator.views.plan_details import show_plan_details
from remediator.views.rows import Whole, folded, labelled, show_rows
from remediator.views.step_line import step_line
from remediator.views.verdict import verdict


def show_plan(console: Console, plan: Plan, then: str | None = None, *, details: bool) -> None:
    """Show a plan.

    Args:
        console: the place.
        plan: the plan.
        then: how to apply it. None if a question or the result of several jobs follows.
        details: whether each step is shown with its reasons, its request and its undo.
    """
    console.print(_heading(plan))
    _show_verdict(console, plan)
    if details:
        show_plan_details(console, plan)
    else:
        show_rows(console, _in_short(plan))
        _show_steps(console, plan)
    if then is not None:
        _close(console, plan, then, details=details)


def _heading(plan: Plan) -> RenderableType:
    title = Text(plain(plan.job.vm_name), style="bold")
    code = plan.failure.code or _("no error code")
    title.append(f"  {plain(code)}", style="bold red")
    return Rule(title, align="left", style="dim")


def _in_short(plan: Plan) -> Iterator[tuple[str, str]]:
    """What a person must know before consent: the reason, and what to beware of."""
    yield _("job"), ended(plan.job)
    if plan.pending and (decisive := _decisive(plan)) is not None:
        yield _("why"), brief(decisive.why[0])
    wrong = (finding for finding in plan.findings if finding.status is Status.FAIL)
    yield from labelled(_("found"), (brief(answered(finding)) for finding in wrong))
    if plan.playbook and plan.playbook.origin != "built-in":
        yield _("playbook"), f"{_(plan.playbook.title)}  [{plan.playbook.origin}]"
    for note in plan.notes:
        yield _("note"), note
    if plan.signature:
        yield _("signature"), plan.signature.key_id


def _decisive(plan: Plan) -> Change | None:
    """The first change. Its first reason is the cause of the failure."""
    for step in plan.steps:
        change = step.change if isinstance(step, Held) else step
        if isinstance(change, Change) and change.why:
            return change
    return None


def _show_steps(console: Console, plan: Plan) -> None:
    """One line for each step that does something or waits for somebody."""
    for number, step in enumerate(plan.steps, 1):
        if not isinstance(step, Unchanged):
            console.print(Text(" ").append(step_line(plan, number, step)), soft_wrap=True)
            show_rows(console, _below(plan, step), 3)


def _below(plan: Plan, step: Step) -> Iterator[tuple[str, str]]:
    """What a step loses, what holds it, and what a person does, besides what the verdict tells."""
    told = unapplied(plan).text
    # The reasons of a held change follow the reason that holds it.
    count = 1 if isinstance(step, Held) and step.change else None
    reasons = [brief(why) for why in step.why[:count] if why != told]
    change = step.change if isinstance(step, Held) else step
    if isinstance(change, Change):
        yield from labelled(_("lost"), losses(change))
    match step:
        case Held() if not plan.opt_ins:
            yield from labelled(_("because"), reasons)
        case Manual():
            yield from labelled(_("why"), reasons)
            yield from labelled(_("run"), map(Whole, step.commands))
        case _:
            pass


def _show_verdict(console: Console, plan: Plan) -> None:
    told, end = verdict(plan), 0
    for line in folded(told.plain, console.width):
        begin = told.plain.index(line, end)
        end = begin + len(line)
        console.print(told[begin:end], soft_wrap=True)


def _close(console: Console, plan: Plan, then: str, *, details: bool) -> None:
    """The verdict, and the next command. The last line is what a person does next."""
    if plan.steps and not details:
        more = _("--details shows every fact, request and undo command")
        console.print(Text(more, style="dim"), soft_wrap=True)
    _show_verdict(console, plan)
    if plan.changes or plan.opt_ins:
        told = _("Apply it: {command}").format(command=plain(then))
        console.print(Text(told, style="bold"), soft_wrap=True)
