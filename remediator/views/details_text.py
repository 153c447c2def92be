"""The details of one VM, shown to a person at a terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from remediator.language import _
from remediator.language.translation import translated
from remediator.report.details import Alteration, Details
from remediator.views.plain import plain, short


def show_details(console: Console, details: Details) -> None:
    """Show the evidence, and each change with its values before and after. No line is broken."""
    for line in details.evidence:
        console.print(Text(f"    {short(line)}", style="dim"), soft_wrap=True)
    for alteration in details.alterations:
        console.print(Text(f"  ● {short(alteration.what)}"), soft_wrap=True)
        for label, value in alteration_lines(alteration):
            console.print(Text(f"      {label}: {plain(value)}"), soft_wrap=True)


def alteration_lines(alteration: Alteration) -> Iterator[tuple[str, str]]:
    """The labels and values of one change. What is not known is left out."""
    told = (
        (_("target"), alteration.target),
        (_("held"), short(alteration.held or "")),
        (_("before"), _pairs(alteration.before)),
        (_("after"), _pairs(alteration.after)),
        (_("undo"), translated(alteration.undo)),
        (_("result"), short(alteration.result or "")),
        (_("correlation id"), alteration.correlation_id or ""),
    )
    return ((label, value) for label, value in told if value)


def _pairs(values: dict[str, object]) -> str:
    none = _("none")
    return ", ".join(
        f"{name}: {none if value is None else value}" for name, value in values.items()
    )
