"""The results of several jobs, shown to a person at a terminal: one line each, owed locks last."""

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.language import _
from remediator.report.batch import Batch, Standing
from remediator.views.plain import plain, short
from remediator.views.report_text import lock_off

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
    """Show a line for each job, the count of each standing, and every lock that is owed."""
    title = _("{count} jobs").format(count=len(batch.targets))
    console.print(Rule(Text(title, style="bold"), align="left", style="dim"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for target in batch.targets:
        told = " · ".join(short(part) for part in (target.code, target.text) if part)
        table.add_row(
            Text(_(target.standing), style=STYLE[target.standing]),
            Text(plain(target.vm or target.job), style="bold"),
            Text(told),
        )
    console.print(table)
    counts = ((batch.count(standing), standing) for standing in Standing)
    told = ", ".join(f"{count} {_(standing)}" for count, standing in counts if count)
    console.print(Text(told, style="bold"))
    for lock in batch.locks_owed:
        console.print(lock_off(lock), soft_wrap=True)
