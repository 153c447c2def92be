"""What must be decided, as cases: the consents that are missing, and the work for a person."""

from collections.abc import Iterable, Iterator
from typing import Final

from remediator.change.step import Manual
from remediator.language import _
from remediator.report.batch import Standing
from remediator.report.decisions import decisions_of
from remediator.report.summary import Row, Summary
from remediator.views.decisions_text import vms
from remediator.views.html.kinds import KIND, TONE
from remediator.views.html.page import Case, Decision, Line
from remediator.views.html.shown import clean, then
from remediator.views.plain import brief, short

CASES: Final = 8
"""How many cases of a heading the head names, the largest."""

LINES: Final = 5
"""How many VMs of a case the head names. The table has all."""


def decisions(summary: Summary) -> tuple[Decision, ...]:
    """The headings that have cases."""
    found = (
        _decision(_("Needs consent"), _consents(summary), "needs_consent"),
        _decision(_("Needs a human"), _work(summary), "needs_human"),
        _decision(_("Could not be read"), _unread(summary), "not_read"),
    )
    return tuple(each for each in found if each.cases)


def alarms(rows: Iterable[Row]) -> tuple[Line, ...]:
    """A line for each lock that is off and should be on. Nothing is more urgent."""
    return tuple(
        Line(clean(row.name), short(row.why)) for row in rows if row.standing is Standing.LOCK_OFF
    )


def _decision(title: str, cases: Iterable[Case], kind: str) -> Decision:
    found = tuple(cases)
    return Decision(title, found[:CASES], sum(case.size for case in found[CASES:]), kind)


def _consents(summary: Summary) -> Iterator[Case]:
    rows = [row for row in summary.rows if row.standing is Standing.CONSENT]
    for missing in decisions_of(summary).consents:
        mine = [row for row in rows if " ".join(row.opt_ins) == missing.flags]
        remedies = sorted({_(row.remedy) for row in mine if row.remedy})
        yield _case(
            missing.flags, clean("; ".join(remedies)), mine, (Line("", clean(missing.command)),)
        )


def _work(summary: Summary) -> Iterator[Case]:
    for work in decisions_of(summary).work:
        mine = [
            row
            for row in summary.rows
            if (row.code, row.why) == (work.code, work.why) and KIND[row.standing] in _HUMAN
        ]
        yield _case(
            work.code or _("no error code"),
            brief(work.why),
            mine,
            tuple(_lines(mine, work.next)),
        )


def _unread(summary: Summary) -> Iterator[Case]:
    together: dict[str, list[Row]] = {}
    for row in summary.rows:
        if row.standing is Standing.NOT_CHECKED:
            together.setdefault(row.why, []).append(row)
    for why, rows in sorted(together.items(), key=lambda each: -len(each[1])):
        yield _case(brief(why), "", rows, tuple(_lines(rows, "")))


_HUMAN: Final = ("needs_human", "not_fixed")


def _case(title: str, why: str, rows: list[Row], lines: tuple[Line, ...]) -> Case:
    codes = {row.code for row in rows}
    return Case(
        title=clean(title),
        names=tuple(clean(row.name) for row in rows[:LINES]),
        why=why,
        count=vms(len(rows)),
        size=len(rows),
        rest=max(0, len(rows) - LINES),
        lines=lines,
        tone=TONE[KIND[rows[0].standing]],
        kind=KIND[rows[0].standing],
        code=clean(codes.pop() or "") if len(codes) == 1 else "",
    )


def _lines(rows: list[Row], following: str) -> Iterator[Line]:
    """What a person can do: the commands of the plans, or else the next command of all VMs."""
    commands = [
        Line(clean(row.name) if len(rows) > 1 else "", clean(command))
        for row in rows[:LINES]
        for step in (row.plan.steps if row.plan else ())
        if isinstance(step, Manual)
        for command in step.commands
    ]
    yield from commands or ([Line("", clean(then(following)))] if following else [])
