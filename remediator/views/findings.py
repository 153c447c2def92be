"""The findings of checks, one per row: symbol, question, answer. Footnotes tell their sources."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remediator.checks import Finding, Status
from remediator.language import _
from remediator.language.translation import filled
from remediator.views.plain import plain, short

_STATUS = {
    Status.PASS: ("\u2713", "green"),
    Status.FAIL: ("\u2717", "bold red"),
    Status.UNKNOWN: ("?", "yellow"),
}
_WIDEST = 36
"""The greatest width of the questions, in columns.

All answers begin at the same place and have most of the room.
"""


def show_findings(findings: Iterable[Finding]) -> RenderableType:
    """Findings in one table, with their sources below."""
    found = tuple(findings)
    sources = numbered(found)
    return Group(findings_table(found, found, sources), sources_table(sources))


def numbered(findings: Iterable[Finding]) -> dict[str, int]:
    """The number of each request that is a source. Most requests serve several checks."""
    seen = dict.fromkeys(short(f.evidence) for f in findings if f.evidence)
    return {source: number for number, source in enumerate(seen, 1)}


def findings_table(
    findings: Iterable[Finding], among: Iterable[Finding], sources: dict[str, int]
) -> Table:
    """One row per finding, aligned with the other tables. A wrong finding carries its advice."""
    widest = max((cell_len(_(finding.title)) for finding in among), default=0)
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(width=min(widest, _WIDEST), overflow="fold")
    table.add_column(overflow="fold")
    for finding in findings:
        symbol, style = _STATUS[finding.status]
        question = Text(plain(_(finding.title)))
        table.add_row(Text(symbol, style=style), question, _answer(finding, sources))
    return table


def sources_table(sources: dict[str, int]) -> RenderableType:
    """The sources, as footnotes."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(overflow="fold", style="dim")
    for source, number in sources.items():
        table.add_row(Text(f"[{number}]"), Text(source))
    return Padding(table, (0, 0, 0, 2))


def answered(finding: Finding) -> str:
    """The text of a finding with its values put in."""
    return filled(finding.text, finding.values)


def advised(finding: Finding) -> str:
    """The advice of a finding with its values put in. Empty without any."""
    return filled(finding.advice, finding.values) if finding.advice else ""


def _answer(finding: Finding, sources: dict[str, int]) -> RenderableType:
    told = Text(short(answered(finding)))
    if finding.evidence:
        told.append(f" [{sources[short(finding.evidence)]}]", style="dim")
    if not (advice := advised(finding)):
        return told
    # The arrow has a column of its own: Chinese text has no spaces to fold at, and would leave the
    # arrow's line.
    below = Table.grid(padding=(0, 1))
    below.add_column(style="yellow", no_wrap=True)
    below.add_column(style="yellow", overflow="fold")
    below.add_row("→", Text(plain(advice)))
    return Group(told, below)
