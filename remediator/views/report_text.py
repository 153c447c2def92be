"""A report for a person at a terminal."""

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.facts import Lock
from remediator.operations import Operation
from remediator.report import Report
from remediator.run import Outcome, Result
from remediator.step import Change
from remediator.verdict import Ending
from remediator.views.guest import guest_rows
from remediator.views.plain import plain, short

_ENDING = {
    Ending.RECOVERED: "bold green",
    Ending.SETTLED: "bold green",
    Ending.SAME: "bold red",
    Ending.NEW: "bold red",
    Ending.RUNNING: "bold yellow",
    Ending.HUMAN: "bold magenta",
}
_RESULT = {
    Result.APPLIED: ("✓", "green"),
    Result.UNNEEDED: ("=", "dim"),
    Result.UNSETTLED: ("~", "yellow"),
    Result.NOT_REACHED: ("-", "dim"),
}
_FAILED = ("✗", "bold red")


def show_report(console: Console, report: Report) -> None:
    """What was done and what it proved; the verdict comes last, where the eye rests."""
    console.print(Rule(Text(f"Run {report.run_id}", style="bold"), align="left", style="dim"))
    console.print(_outcomes(report))
    for lock in report.locks_left_off:
        if lock not in report.locks_owed:
            console.print(Text("Left off on purpose: ", style="yellow") + Text(_lock(lock)))
    console.print(
        Text(f"{report.verdict.ending.upper()}  ", style=_ENDING[report.verdict.ending])
        + Text(plain(report.plan.job.vm_name), style="bold")
        + Text(f": {plain(report.verdict.text)}")
    )
    for lock in report.locks_owed:
        console.print(
            Text(f" A LOCK IS OFF THAT SHOULD BE ON: {_lock(lock)} ", style="bold white on red")
        )
    for line in report.next:
        console.print(Text("Next: ", style="bold") + Text(plain(line)), soft_wrap=True)
    console.print(Text(f"Record: {report.record}", style="dim"), soft_wrap=True)


def _outcomes(report: Report) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for outcome in report.outcomes:
        symbol, style = _RESULT.get(outcome.result, _FAILED)
        if _proves_nothing(report, outcome):
            symbol, style = _FAILED
        table.add_row(
            Text(f"{outcome.step:>2}", style="dim"),
            Text(symbol, style=style),
            _outcome(report, outcome),
        )
    return table


def _proves_nothing(report: Report, outcome: Outcome) -> bool:
    """A backup that was triggered and did not recover the VM is no green check."""
    step = report.plan.steps[outcome.step - 1]
    triggered = isinstance(step, Change) and step.operation is Operation.BACK_UP
    return triggered and not report.fixed


def _outcome(report: Report, outcome: Outcome) -> RenderableType:
    step = report.plan.steps[outcome.step - 1]
    what = step.what if isinstance(step, Change) else step.action
    told = Text(short(what), style="bold") + Text(f"\n{short(outcome.text)}")
    traced = Text(f"correlation id {plain(outcome.correlation_id)}", style="dim")
    parts: list[RenderableType] = [told]
    if outcome.guest:
        parts.append(guest_rows(outcome.guest))
    if outcome.correlation_id:
        parts.append(traced)
    return Group(*parts)


def _lock(lock: Lock) -> str:
    notes = f", notes: {lock.notes}" if lock.notes else ""
    return plain(f"lock {lock.name} ({lock.level}) on {lock.scope}{notes}")
