"""A health check for a person at a terminal."""

from itertools import groupby

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from remediator.checks import Status
from remediator.checkup import Checkup
from remediator.moments import shown
from remediator.views.findings import findings_table
from remediator.views.plain import plain
from remediator.views.rows import rows


def show_checkup(console: Console, checkup: Checkup) -> None:
    """What was found, area by area; the count comes last, where the eye rests."""
    name = checkup.vm.rsplit("/", 1)[-1]
    console.print(Rule(Text(plain(name), style="bold"), align="left", style="dim"))
    told = [("VM", checkup.vm), ("vault", checkup.vault or "none protects it")]
    told += [("note", note) for note in checkup.notes]
    console.print(rows([*told, ("at", f"{shown(checkup.at)} by Azure's clock")]))
    for area, found in groupby(checkup.findings, key=lambda finding: finding.area):
        console.print(Text(f"\n{area}", style="bold"))
        console.print(findings_table(found))
    counts = [
        (sum(1 for f in checkup.findings if f.status is status), word, style)
        for status, word, style in (
            (Status.FAIL, "to mend", "bold red"),
            (Status.UNKNOWN, "not known", "yellow"),
            (Status.PASS, "well", "green"),
        )
    ]
    line = Text("\n")
    for count, word, style in counts:
        if count:
            line.append(f"{count} {word}  ", style=style)
    console.print(line)
