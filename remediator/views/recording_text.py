"""The result of a recording, shown to a person at a terminal."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from remediator.assumptions import Judged, Verdict
from remediator.views.plain import plain

_STYLES = {Verdict.CONFIRMED: "green", Verdict.REFUTED: "bold red"}
_READ_IT = (
    "Names, ids, addresses and secrets were replaced. Read the file before you pass it on: a "
    "name that looks like an ordinary word in a sentence of Azure may still be there."
)


def show_recording(
    console: Console, *, file: str, pairs: int, unread: Sequence[str], judged: Sequence[Judged]
) -> None:
    """Show the assumptions that the answers prove or refute, the failed reads, and the file.

    Assumptions that no answer is about are only counted.
    """
    told = [each for each in judged if each.verdict is not Verdict.NOT_SEEN]
    for area, found in groupby(told, key=lambda each: each.area):
        console.print(Text(f"\n{area.value}", style="bold"))
        console.print(_table(found))
    if unread:
        console.print(Text("\nnot read", style="bold"))
        for each in unread:
            console.print(Text(f"  {plain(each)}"), soft_wrap=True)
    console.print(Rule(style="dim"))
    console.print(Text(_READ_IT))
    counts = {verdict: sum(each.verdict is verdict for each in judged) for verdict in Verdict}
    line = Text("\n")
    for verdict, count in counts.items():
        line.append(f"{count} assumptions {verdict}  ", style=_STYLES.get(verdict, ""))
    console.print(line)
    told_file = Text(f"{pairs} answers in ")
    told_file.append(plain(file), style="bold")
    console.print(told_file, soft_wrap=True)


def _table(found: Iterable[Judged]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True, min_width=9)
    table.add_column()
    for each in found:
        said = Text(each.says)
        if each.detail and each.verdict is Verdict.REFUTED:
            said.append(f"\n{plain(each.detail)}", style="dim")
        count = (
            f"{each.holds}" if not each.breaks else f"{each.breaks} of {each.holds + each.breaks}"
        )
        style = _STYLES.get(each.verdict, "")
        table.add_row(Text(f"  {each.verdict}", style=style), count, said)
    return table
