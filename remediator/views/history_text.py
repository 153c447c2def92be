"""A history, for a person: the verdict first, then failures, times, remedies, limits, the trend."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from remediator.language import _, _n, followed, listed
from remediator.moments import shown
from remediator.report.history import History, Recurring, RemedySuccess, Success
from remediator.views.decisions_text import vms
from remediator.views.history_words import duration, recovered_of, sources, verdict, when
from remediator.views.plain import plain
from remediator.views.rows import show_rows

SHOWN: Final = 20
"""How many VMs and codes the text shows, the most frequent. A person does not read more of them."""


def show_history(console: Console, history: History) -> None:
    """Show a history. If nothing is recorded, show what records something."""
    if history.sources.empty:
        _line(console, verdict(history), "bold")
        _line(console, _("Next:") + " remediate scan")
        return
    _line(console, verdict(history), "bold red" if history.head.open else "bold green")
    _line(console, sources(history), "dim")
    if history.recurring:
        _recurring(console, history.recurring)
    if history.head.incidents:
        _times(console, history)
    if history.playbooks:
        _remedies(console, history)
    if history.left_alone:
        _left_alone(console, history)
    if history.trend:
        _trend(console, history)


def _recurring(console: Console, rows: Sequence[Recurring]) -> None:
    _heading(console, _("Failures by VM and code"))
    widest = max(len(str(row.failures)) for row in rows[:SHOWN])
    margin = " " * (widest + 5)
    for row in rows[:SHOWN]:
        line = Text(f"  {row.failures:>{widest}}x  ").append(plain(row.vm), style="bold")
        line.append("  ").append(plain(row.code or _("code not known")))
        console.print(line, soft_wrap=True)
        told = recovered_of(row)
        if row.open:
            told = listed((told, _("open")))
        _line(console, margin + followed(when(row), told), "dim")
    if (more := len(rows) - SHOWN) > 0:
        told = _("and {count} more: -o json tells all").format(count=more)
        _line(console, f"{margin}{told}", "dim")


def _times(console: Console, history: History) -> None:
    times, head = history.times, history.head
    told: list[tuple[str, str]] = []
    if times.median is not None and times.mean is not None and times.longest is not None:
        told = [
            (_("median"), duration(times.median)),
            (_("mean"), duration(times.mean)),
            (_("longest"), duration(times.longest)),
        ]
    if times.by_run:
        until_job = _("{count}, from the first failed job to the end of the backup job")
        told.append((_("measured"), until_job.format(count=times.by_run)))
    if times.by_record:
        until_seen = _("{count}, to the moment when the run saw the end of the backup job")
        told.append((_("by record"), until_seen.format(count=times.by_record)))
    if times.by_scan:
        until_point = _("{count}, to a recovery point that a scan saw: at the latest then")
        told.append((_("at most"), until_point.format(count=times.by_scan)))
    if times.unmeasured:
        unknown = _("{count} recovered at a moment that is not known")
        told.append((_("unknown"), unknown.format(count=times.unmeasured)))
    if head.settled:
        settled = _("{count} ended without a backup, because none was due")
        told.append((_("settled"), settled.format(count=head.settled)))
    if head.open:
        still = _("{count} not known to have ended")
        told.append((_("open"), still.format(count=head.open)))
    _heading(console, _("Time to recovery"))
    show_rows(console, told)


def _remedies(console: Console, history: History) -> None:
    _heading(console, _("What became of remedies"))
    for playbook in history.playbooks:
        console.print(Text(f"  {plain(playbook.playbook)}", style="bold"), soft_wrap=True)
        _line(console, f"    {_became(playbook)}")
        for remedy in history.remedies:
            if remedy.playbook == playbook.playbook:
                _remedy(console, remedy)


def _remedy(console: Console, remedy: RemedySuccess) -> None:
    _line(console, f"    {remedy.rung}: {_(remedy.title)}", "dim")
    _line(console, f"      {_became(remedy)}", "dim")


def _became(success: Success) -> str:
    parts = (
        (success.recovered, _("{count} recovered")),
        (success.settled, _("{count} settled")),
        (success.recovered_meanwhile, _("{count} recovered by another backup")),
        (success.failed_again, _("{count} failed again")),
        (success.failed_otherwise, _("{count} failed with another code")),
        (success.needs_human, _("{count} left to a human")),
        (success.uncertain, _("{count} uncertain")),
        (success.stale, _("{count} stale")),
    )
    runs = _n("{count} run", "{count} runs", success.runs).format(count=success.runs)
    applied = _("{count} applied").format(count=success.applied)
    return f"{listed((runs, applied))}: " + listed(t.format(count=n) for n, t in parts if n)


def _left_alone(console: Console, history: History) -> None:
    _heading(console, _("Left alone by limits and guards, in scans"))
    told = _("{times}, {vms}, last {last}")
    show_rows(
        console,
        (
            (
                plain(each.guard) if each.guard else _("other"),
                told.format(
                    times=_n("once", "{count} times", each.times).format(count=each.times),
                    vms=vms(each.vms),
                    last=shown(each.last),
                ),
            )
            for each in history.left_alone
        ),
    )


def _trend(console: Console, history: History) -> None:
    first = _("week of") if history.by == "week" else _("day")
    head = (first, _("failures"), "VM", _("recovered"), _("runs"))
    rows = [
        (f"{each.start}", *map(str, (each.failures, each.vms, each.recovered, each.runs)))
        for each in history.trend
    ]
    widths = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
    _heading(console, _("Trend"))
    _line(console, f"  {_laid_out(head, widths)}", "dim")
    for row in rows:
        _line(console, f"  {_laid_out(row, widths)}")


def _laid_out(cells: Iterable[str], widths: Iterable[int]) -> str:
    """The first cell at the left of its column, the numbers at the right of theirs."""
    first, *rest = (
        (cell, " " * (width - cell_len(cell))) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(("".join(first), *(margin + cell for cell, margin in rest)))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"), soft_wrap=True)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(plain(text), style=style), soft_wrap=True)
