"""A summary as Markdown, for the page of a pipeline or a ticket."""

from collections.abc import Iterator
from typing import Final

from remediator.language import _
from remediator.moments import shown
from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary
from remediator.views.headline import headline
from remediator.views.markdown import code, code_cell, escaped, row
from remediator.views.plain import short

DETAILED: Final = 100
"""How many VMs are shown with their ids. The table has all. A CI cuts or refuses longer pages."""


def summary_md(summary: Summary) -> str:
    """The summary as Markdown: the numbers, a table of the VMs, and the ids and next commands."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    yield "# " + _("Failed backups of Azure VMs")
    yield ""
    yield f"**{escaped(headline(summary.counts))}**"
    yield ""
    if summary.interrupted:
        yield escaped(_("interrupted: this is what was known by then"))
        yield ""
    for off in summary.rows:
        if off.standing is Standing.LOCK_OFF:
            told = escaped(_("A LOCK IS OFF THAT SHOULD BE ON:"))
            yield f"**{told}** {escaped(off.name)}: {escaped(off.why)}"
            yield ""
    if not summary.rows:
        return
    heads = (
        _("standing"),
        "VM",
        _("code"),
        _("remedy"),
        _("impact"),
        _("why"),
        _("last good point"),
    )
    yield row(tuple(map(escaped, heads)))
    yield row(("---",) * len(heads))
    for each in summary.rows:
        yield row(_cells(each))
    detailed = [each for each in summary.rows if each.counts]
    for each in detailed[:DETAILED]:
        yield ""
        yield from _details(each)
    if (more := len(detailed) - DETAILED) > 0:
        yield ""
        yield escaped(
            _("and {count} more: a report in JSON or CSV has the ids of all").format(count=more)
        )


def _cells(each: Row) -> tuple[str, ...]:
    return (
        escaped(_(each.standing)),
        escaped(each.name),
        code_cell(each.code) if each.code else "",
        escaped(_(each.remedy)) if each.remedy else "",
        escaped(", ".join(map(_, each.impacts))),
        escaped(short(each.why)),
        shown(each.last_good) if each.last_good else "",
    )


def _details(each: Row) -> Iterator[str]:
    """The VM's ids, and its next command."""
    yield f"**{escaped(each.name)}**"
    yield ""
    told = (
        *((_("next"), line) for line in each.next),
        ("VM", each.vm_id or ""),
        (_("subscription"), each.subscription),
        (_("resource group"), each.group),
        (_("vault"), each.vault),
        (_("job"), each.job),
        (_("run"), each.run_id or ""),
        *((_("correlation id"), correlation) for correlation in each.correlation_ids),
    )
    for label, value in told:
        if value:
            yield f"- {escaped(label)}: {code(value)}"
