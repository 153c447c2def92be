"""Findings of checks, row by row: symbol, question, answer, and where it was seen."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from remediator.checks import Finding, Status
from remediator.language import _
from remediator.views.plain import plain, short

_STATUS = {
    Status.PASS: ("\u2713", "green"),
    Status.FAIL: ("\u2717", "bold red"),
    Status.UNKNOWN: ("?", "yellow"),
}


def findings_table(findings: Iterable[Finding]) -> Table:
    """One row per finding; what is wrong carries its advice."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(width=30, overflow="fold")
    table.add_column(overflow="fold")
    for finding in findings:
        symbol, style = _STATUS[finding.status]
        table.add_row(Text(symbol, style=style), Text(plain(_(finding.title))), _answer(finding))
    return table


def answered(finding: Finding) -> str:
    """What a check found, its values put in."""
    return _(finding.text).format_map(finding.values)


def _answer(finding: Finding) -> Text:
    told = Text(short(answered(finding)))
    if finding.evidence:
        told.append(f"\n{short(finding.evidence)}", style="dim")
    if finding.advice:
        told.append(f"\n{plain(_(finding.advice).format_map(finding.values))}", style="yellow")
    return told
