"""The results of several jobs, shown to a person at a terminal.

The numbers and the decisions come first, the numbers again and the owed locks last.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from remediator.language import _, _n
from remediator.report.batch import Batch, Standing
from remediator.report.decisions import decisions_of
from remediator.report.summary import Row, of_batch
from remediator.views.decisions_text import show_decisions
from remediator.views.headline import headline
from remediator.views.plain import plain, short
from remediator.views.report_text import lock_off
from remediator.views.rows import show_hanging

STYLE = {
    Standing.FIXED: "bold green",
    Standing.NOTHING_TO_DO: "green",
    Standing.NOT_FIXED: "bold red",
    Standing.LOCK_OFF: "bold red reverse",
    Standing.NOT_CHECKED: "bold red",
    Standing.NOT_REMEDIABLE: "bold red",
    Standing.CONSENT: "bold yellow",
    Standing.HUMAN: "bold magenta",
    Standing.PENDING: "bold cyan",
    Standing.QUEUED: "bold cyan",
    Standing.REFUSED: "bold yellow",
    Standing.NOT_REACHED: "yellow",
    Standing.SAME_VM: "dim",
}


def show_batch(console: Console, batch: Batch) -> None:
    """Show the numbers, what must be decided, a line for each job, and every owed lock."""
    title = _n("{count} job", "{count} jobs", len(batch.targets)).format(count=len(batch.targets))
    console.print(Rule(Text(title, style="bold"), align="left", style="dim"))
    summary = of_batch(batch)
    numbers = Text(headline(summary.counts), style="bold")
    console.print(numbers, soft_wrap=True)
    show_decisions(console, decisions_of(summary))
    console.print()
    _show_rows(console, summary.rows)
    # A long table scrolls the first line away, and a reader of a terminal looks at the end.
    console.print(numbers, soft_wrap=True)
    for report in batch.reports:
        for lock in report.locks_owed:
            unsure = lock in report.locks_unsure
            console.print(lock_off(lock, unsure=unsure), soft_wrap=True)


def _show_rows(console: Console, rows: Sequence[Row]) -> None:
    """One row for each job. Where the names are long, its reason stands below."""
    cells = [(_(row.standing), plain(row.name)) for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    for row, cell in zip(rows, cells, strict=True):
        standing, name = (
            text + " " * (width - cell_len(text)) for text, width in zip(cell, widths, strict=True)
        )
        head = Text.assemble((standing, STYLE[row.standing]), "  ", (name, "bold"), "  ")
        if head.cell_len > console.width // 2:
            console.print(head, soft_wrap=True)
            head = Text("    ")
        told = " · ".join(short(part) for part in (row.code, row.why) if part)
        show_hanging(console, head, told)
