"""A plan in full, shown to a person at a terminal: `--details`."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remediator.change.step import Change, Held, Manual, Step, Unchanged
from remediator.language import _, listed
from remediator.language.translation import translated
from remediator.plan.plan import Plan
from remediator.views.findings import show_findings
from remediator.views.job_words import ended
from remediator.views.losses import loss, losses
from remediator.views.plain import plain, short
from remediator.views.rows import AsWritten, Whole, labelled, show_rows
from remediator.views.step_line import step_line


def show_plan_details(console: Console, plan: Plan) -> None:
    """Show the failure, the facts, and each step with its reasons, its request and its undo."""
    show_rows(console, _about(plan))
    if plan.facts:
        console.print(Text(_("Seen"), style="bold"))
        said = ((s.fact, f"{_(s.value)}: {short(s.because)}") for s in plan.facts)
        show_rows(console, said)
    if plan.findings:
        console.print(Text(_("Checked"), style="bold"))
        console.print(Padding(show_findings(plan.findings), (0, 0, 0, 2)))
    console.print(_counted(plan))
    for number, step in enumerate(plan.steps, 1):
        console.print(Padding(step_line(plan, number, step), (0, 0, 0, 1)))
        show_rows(console, _told(step), 1)
        console.print()
    for title in plan.later[:1]:
        told = _("If this does not help, next on the ladder:") + " " + plain(_(title))
        console.print(Text(told, style="dim"))


def _about(plan: Plan) -> list[tuple[str, str]]:
    job, failure = plan.job, plan.failure
    told = [(_("job"), job.id), ("", ended(job)), (_("known by"), short(failure.evidence))]
    if failure.message:
        told.append((_("message"), AsWritten(failure.message)))
    if plan.playbook:
        origin = "" if plan.playbook.origin == "built-in" else f"  [{plan.playbook.origin}]"
        told.append((_("playbook"), _(plan.playbook.title) + origin))
    if plan.ladder:
        ladder = plan.ladder
        place = _("{rung}, {number} of {of}").format(
            rung=ladder.rung, number=ladder.number, of=ladder.of
        )
        told.append((_("remedy"), f"{_(ladder.title)}  ({place})"))
    told += [(_("note"), note) for note in plan.notes]
    good = _("{plan}, good until {until}").format(plan=plan.plan_id, until=f"{plan.expires:%F %R}Z")
    told.append((_("plan"), good))
    if plan.signature:
        told.append((_("signature"), plan.signature.key_id))
    return told


def _counted(plan: Plan) -> Text:
    summary = plan.summary
    parts = [
        (summary.changes, _("to change")),
        (summary.unchanged, _("as it should be")),
        (summary.held, _("held")),
        (summary.manual, _("for a human")),
    ]
    told = listed(f"{count} {what}" for count, what in parts if count)
    line = Text(_("Plan"), style="bold") + Text("  " + (told or _("nothing to do")))
    if summary.data_loss:
        line.append(f"  {loss(summary.data_loss)}", style="bold red")
    return line


def _told(step: Step) -> list[tuple[str, str]]:
    match step:
        case Change():
            return _change(step)
        case Held(change=Change() as change):
            return [(_("because"), short(step.why[0])), *_change(change)]
        case Held():
            return [(_("target"), step.target), *_why(step)]
        case Unchanged():
            return _why(step)
        case Manual():
            return [*_why(step), *labelled(_("run"), map(Whole, step.commands))]


def _change(change: Change) -> list[tuple[str, str]]:
    told = [(_("target"), change.target), *_why(change)]
    told += labelled(_("lost"), losses(change))
    told += [
        (_("request"), f"{change.request.method} {change.request.url}"),
        ("sdk", change.operation.value),
        (_("before"), _pairs(change.before)),
        (_("after"), _pairs(change.after)),
        (_("needs"), change.permission),
        (_("undo"), change.undo),
    ]
    return told


def _why(step: Step) -> list[tuple[str, str]]:
    return list(labelled(_("why"), map(short, step.why)))


def _pairs(values: dict[str, object]) -> str:
    none = _("none")
    return ", ".join(
        f"{translated(name)}: {none if value is None else value}" for name, value in values.items()
    )
