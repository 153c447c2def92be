"""Runs, shown to a person at a terminal."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.language import _
from remediator.language.translation import translated
from remediator.moments import shown
from remediator.report.runs import RunState, Story
from remediator.run.run import Ended, Entry, Intent, Interrupted, LeaseReturned, LeaseTaken
from remediator.views.plain import plain, short
from remediator.views.rows import show_rows

_STATE = {
    RunState.WAITING: "cyan",
    RunState.UNFINISHED: "bold yellow",
    RunState.OWING: "bold yellow",
    RunState.ENDED: "green",
    RunState.BROKEN: "bold red",
    RunState.FOREIGN: "bold red",
}


def show_runs(console: Console, stories: Iterable[Story]) -> None:
    """Show one line per run."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("run"), no_wrap=True)
    table.add_column(_("state"), no_wrap=True)
    table.add_column("VM", overflow="fold")
    table.add_column(_("code"), overflow="fold")
    table.add_column(_("verdict"), overflow="fold")
    for story in stories:
        ending = _(story.report.verdict.ending.upper()) if story.report else story.error or ""
        table.add_row(
            Text(plain(story.run_id), style="bold"),
            Text(_(story.state), style=_STATE[story.state]),
            Text(plain(story.plan.job.vm_name)),
            Text(plain(story.plan.failure.code or "")),
            Text(plain(ending)),
        )
    console.print(table)


def show_story(console: Console, story: Story) -> None:
    """Show a run: its job and plan, and its entries so far, line by line."""
    console.print(Rule(Text(plain(story.run_id), style="bold"), align="left", style="dim"))
    told = [
        (_("state"), _(story.state)),
        (_("began"), shown(story.began)),
        ("VM", story.plan.job.vm_id or story.plan.job.vm_name),
        (_("job"), story.plan.job.id),
        (_("plan"), story.plan.plan_id),
    ]
    if story.worker and story.worker != story.run_id:
        told.append((_("worker"), story.worker))
    if story.error:
        told.append((_("error"), story.error))
    show_rows(console, told)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for entry in story.entries:
        if line := _line(entry):
            at, text = line
            table.add_row(Text(f"  {shown(at)}", style="dim"), Text(text))
    console.print(table)
    if story.report:
        ending = story.report.verdict
        told_ending = _(ending.ending.upper())
        console.print(Text(f"{told_ending}: ", style="bold") + Text(plain(translated(ending.text))))


def _line(entry: Entry) -> tuple[datetime, str] | None:
    match entry:
        case Intent(at=at, step=step, change=change):
            return at, f"{step} \u2192 {short(change.what)}"
        case Ended(outcome=outcome):
            result = _(outcome.result)
            return outcome.ended, f"{outcome.step} {result}: {short(outcome.text)}"
        case LeaseTaken(at=at, lock=lock):
            recorded = _("lock recorded")
            return at, f"{recorded}: {plain(lock.name)} ({plain(lock.level)})"
        case LeaseReturned(at=at, lock_id=lock_id):
            put_back = _("lock put back")
            return at, f"{put_back}: {short(lock_id)}"
        case Interrupted(at=at):
            return at, _("interrupted")
        case _:
            return None
