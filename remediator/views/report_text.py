"""A report, shown to a person at a terminal."""

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from remediator.change.operations import Operation
from remediator.change.step import Change
from remediator.facts import Lock
from remediator.language import _, marked
from remediator.language.translation import translated
from remediator.report.report import Report
from remediator.report.summary import of_report
from remediator.run.run import Outcome, Result
from remediator.run.verdict import Ending
from remediator.views.guest import guest_rows
from remediator.views.headline import headline
from remediator.views.plain import plain, short
from remediator.views.rows import show_hanging

_ENDING = {
    Ending.RECOVERED: (marked("RECOVERED"), "bold green"),
    Ending.SETTLED: (marked("SETTLED"), "bold green"),
    Ending.SAME: (marked("FAILED-AGAIN-SAME-CODE"), "bold red"),
    Ending.NEW: (marked("FAILED-WITH-NEW-CODE"), "bold red"),
    Ending.RUNNING: (marked("STILL-RUNNING"), "bold yellow"),
    Ending.HUMAN: (marked("NEEDS-HUMAN"), "bold magenta"),
}
_RESULT = {
    Result.APPLIED: ("✓", "green"),
    Result.UNNEEDED: ("=", "dim"),
    Result.UNSETTLED: ("~", "yellow"),
    Result.NOT_REACHED: ("-", "dim"),
}
_FAILED = ("✗", "bold red")


def show_report(console: Console, report: Report) -> None:
    """Show the numbers, what was done, and what it proved. The verdict and what to do come last."""
    title = _("Run {id}").format(id=plain(report.run_id))
    console.print(Rule(Text(title, style="bold"), align="left", style="dim"))
    console.print(Text(headline(of_report(report).counts), style="bold"))
    for outcome in report.outcomes:
        _show_outcome(console, report, outcome)
    for lock in report.locks_left_off:
        if lock not in report.locks_owed:
            unsure = lock in report.locks_unsure
            told = _("Not known whether it is off:") if unsure else _("Left off on purpose:")
            console.print(Text(f"{told} ", style="yellow") + Text(_lock(lock)), soft_wrap=True)
    ending, style = _ENDING[report.verdict.ending]
    whose = Text.assemble((f"{_(ending)}  ", style), (plain(report.plan.job.vm_name), "bold"), ": ")
    show_hanging(console, whose, plain(translated(report.verdict.text)))
    for lock in report.locks_owed:
        console.print(lock_off(lock, unsure=lock in report.locks_unsure), soft_wrap=True)
    for line in report.next:
        console.print(
            Text(_("Next:") + " ", style="bold") + Text(plain(translated(line))), soft_wrap=True
        )
    record = _("Record:")
    console.print(Text(f"{record} {plain(report.record)}", style="dim"), soft_wrap=True)
    if report.audit_head:
        trail = _("Audit trail:")
        console.print(Text(f"{trail} {plain(report.audit_head)}", style="dim"), soft_wrap=True)


def lock_off(lock: Lock, *, unsure: bool) -> Text:
    """The most conspicuous line of all output. `unsure`: it is not known whether the lock is on."""
    maybe, surely = _("NOT KNOWN WHETHER IT IS ON:"), _("A LOCK IS OFF THAT SHOULD BE ON:")
    told = maybe if unsure else surely
    return Text(f" {told} {_lock(lock)} ", style="bold white on red")


def _proves_nothing(report: Report, outcome: Outcome) -> bool:
    """Whether a step triggered a backup that did not recover the VM. It gets no green check."""
    step = report.plan.steps[outcome.step - 1]
    triggered = isinstance(step, Change) and step.operation is Operation.BACK_UP
    return triggered and not report.fixed


def _show_outcome(console: Console, report: Report, outcome: Outcome) -> None:
    step = report.plan.steps[outcome.step - 1]
    what = step.what if isinstance(step, Change) else step.action
    symbol, style = _RESULT.get(outcome.result, _FAILED)
    if _proves_nothing(report, outcome):
        symbol, style = _FAILED
    head = Text.assemble((f"{outcome.step:>2} ", "dim"), (f"{symbol} ", style))
    show_hanging(console, head, short(what), "bold")
    below = Text(" " * head.cell_len)
    if outcome.text != f"done: {what}":
        show_hanging(console, below, short(outcome.text))
    if outcome.guest:
        console.print(Padding(guest_rows(outcome.guest), (0, 0, 0, below.cell_len)))
    if outcome.correlation_id:
        traced = _("correlation id {id}").format(id=plain(outcome.correlation_id))
        show_hanging(console, below, traced, "dim")


def _lock(lock: Lock) -> str:
    told = _("lock {name} ({level}) on {scope}").format(
        name=lock.name, level=lock.level, scope=lock.scope
    )
    notes = _(", notes: {notes}").format(notes=lock.notes) if lock.notes else ""
    return plain(told + notes)
