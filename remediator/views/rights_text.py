"""The permissions of an identity, shown to a person at a terminal."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from remediator.guards.preflight import Right
from remediator.language import _, marked
from remediator.views.plain import plain

_STATES = {
    "held": (marked("held by this identity"), "green"),
    "missing": (marked("missing"), "bold red"),
    "conditional": (marked("held only under a condition"), "yellow"),
    "unknown": (marked("could not be checked"), "yellow"),
}


def show_rights(console: Console, found: Sequence[Right]) -> None:
    """Show each permission, scope by scope."""
    if not found:
        console.print(_("nothing will be changed, so no permission is needed"))
        return
    for scope, own in groupby(sorted(found, key=lambda right: right.scope), lambda r: r.scope):
        console.print(Text(plain(scope), style="bold"))
        table = Table.grid(padding=(0, 2))
        for right in own:
            state, style = _STATES[right.state]
            told = plain(right.because) if right.state == "unknown" else ""
            table.add_row("", Text(plain(right.permission)), Text(_(state), style=style), told)
        console.print(table)
    console.print(Text(_("This check does not see deny assignments."), style="dim"))
