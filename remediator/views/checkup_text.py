"""A health check, shown to a person at a terminal."""

from itertools import groupby

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from remediator.checks import Status
from remediator.language import _
from remediator.moments import shown
from remediator.plan.checkup import Checkup
from remediator.views.findings import findings_table, numbered, sources_table
from remediator.views.plain import plain
from remediator.views.rows import show_rows


def show_checkup(console: Console, checkup: Checkup) -> None:
    """Show the findings, area by area. The count comes last, where a reader looks first."""
    name = checkup.vm.rsplit("/", 1)[-1]
    console.print(Rule(Text(plain(name), style="bold"), align="left", style="dim"))
    told = [("VM", checkup.vm), (_("vault"), checkup.vault or _("none protects it"))]
    told += [(_("note"), note) for note in checkup.notes]
    show_rows(console, [*told, (_("at"), shown(checkup.at))])
    sources = numbered(checkup.findings)
    for area, found in groupby(checkup.findings, key=lambda finding: finding.area):
        console.print(Text(f"\n{_(area)}", style="bold"))
        console.print(findings_table(found, checkup.findings, sources))
    if sources:
        console.print(Text("\n" + _("seen by"), style="dim"))
        console.print(sources_table(sources))
    counts = [
        (sum(1 for f in checkup.findings if f.status is status), word, style)
        for status, word, style in (
            (Status.FAIL, _("to fix"), "bold red"),
            (Status.UNKNOWN, _("not known"), "yellow"),
            (Status.PASS, _("well"), "green"),
        )
    ]
    line = Text("\n")
    for count, word, style in counts:
        if count:
            line.append(f"{count} {word}  ", style=style)
    console.print(line)
