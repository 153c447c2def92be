"""A summary as Markdown, for the page of a pipeline or a ticket."""

from collections.abc import Iterator
from html import escape
from typing import Final

from remediator.language import _, listed
from remediator.moments import shown
from remediator.report.batch import Standing
from remediator.report.decisions import Decisions, decisions_of
from remediator.report.details import Details
from remediator.report.summary import Row, Summary
from remediator.views.decisions_text import vms
from remediator.views.details_text import alteration_lines
from remediator.views.headline import headline
from remediator.views.markdown import code, code_cell, escaped, row
from remediator.views.plain import brief, short

DETAILED: Final = 100
"""How many VMs are shown with their ids. The table has all. A CI cuts or refuses longer pages."""


def summary_md(summary: Summary) -> str:
    """The summary as Markdown: the numbers, the decisions, a table of the VMs, their details."""
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
            maybe, surely = _("A LOCK MAY BE OFF:"), _("A LOCK IS OFF THAT SHOULD BE ON:")
            told = escaped(maybe if off.unsure else surely)
            yield f"**{told}** {escaped(off.name)}: {escaped(off.why)}"
            yield ""
    if not summary.rows:
        return
    yield from _to_decide(decisions_of(summary))
    yield "## " + _("All VMs")
    yield ""
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
    yield ""
    yield "## " + _("Details")
    for each in detailed[:DETAILED]:
        yield ""
        yield from _ids(each)
        if each.details:
            yield from _story(each.details)
    if (more := len(detailed) - DETAILED) > 0:
        yield ""
        told = _("and {count} more: a report in JSON or CSV has the ids of all")
        yield escaped(told.format(count=more))


def _to_decide(decisions: Decisions) -> Iterator[str]:
    """The decisions, each with what to do about it."""
    if not decisions.consents and not decisions.work:
        return
    yield "## " + _("To decide")
    yield ""
    for missing in decisions.consents:
        yield f"- {code(missing.flags)}: {escaped(vms(missing.vms))}"
        yield from _then(missing.command)
    for work in decisions.work:
        named = f" {code(work.code)}" if work.code else ""
        yield f"- {escaped(vms(work.vms))}:{named} {escaped(brief(work.why))}"
        yield from _then(work.next)
    yield ""


def _then(line: str) -> Iterator[str]:
    if line:
        yield f"  - {escaped(_('next'))}: {code(line)}"


def _cells(each: Row) -> tuple[str, ...]:
    return (
        escaped(_(each.standing)),
        escaped(each.name),
        code_cell(each.code) if each.code else "",
        escaped(_(each.remedy)) if each.remedy else "",
        escaped(listed(map(_, each.impacts))),
        escaped(brief(each.why)),
        shown(each.last_good) if each.last_good else "",
    )


def _ids(each: Row) -> Iterator[str]:
    """The VM's ids, and its next command."""
    yield f"### {escaped(each.name)}"
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


def _story(details: Details) -> Iterator[str]:
    """The evidence and the changes, folded. No text of Azure stands in the HTML."""
    yield ""
    yield f"<details><summary>{escape(_('evidence and changes'))}</summary>"
    yield ""
    for line in details.evidence:
        yield f"- {escaped(short(line))}"
    for alteration in details.alterations:
        yield f"- **{escaped(short(alteration.what))}**"
        for label, value in alteration_lines(alteration):
            yield f"  - {escaped(label)}: {code(value)}"
    yield ""
    yield "</details>"
