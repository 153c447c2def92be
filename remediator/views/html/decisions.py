"""What must be decided, as cases: the consents that are missing, and the work for a person."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from remediator.change.step import Manual
from remediator.language import _, followed
from remediator.report.batch import Standing
from remediator.report.decisions import Missing, Work, decisions_of
from remediator.report.summary import Row, Summary
from remediator.views.decisions_text import vms
from remediator.views.html.kinds import KIND, TONE
from remediator.views.html.page import Case, Decision, Line
from remediator.views.html.shown import clean, then
from remediator.views.plain import brief, short

T = TypeVar("T", Missing, Work)

CASES: Final = 8
"""How many cases of a heading the head names, the largest."""

LINES: Final = 5
"""How many VMs of a case the head names. The table has all."""


def decisions(summary: Summary) -> tuple[Decision, ...]:
    """The headings that have cases."""
    decided = decisions_of(summary)
    found = (
        _decision(_("Needs consent"), decided.consents, _consent, "needs_consent"),
        _decision(_("Needs a human"), decided.work, _work, "needs_human"),
        _decision(_("Could not be read"), _unread(summary), _not_read, "not_read"),
    )
    return tuple(each for each in found if each.cases)


def alarms(rows: Iterable[Row]) -> tuple[Line, ...]:
    """A line for each lock that is off and should be on. Nothing is more urgent."""
    return tuple(
        Line(clean(row.name), short(row.why)) for row in rows if row.standing is Standing.LOCK_OFF
    )


def _decision(title: str, found: Sequence[T], case: Callable[[T], Case], kind: str) -> Decision:
    rest = sum(each.vms for each in found[CASES:])
    return Decision(title, tuple(map(case, found[:CASES])), rest, kind)


def _consent(missing: Missing) -> Case:
    remedies = sorted({_(row.remedy) for row in missing.rows if row.remedy})
    command = Line("", clean(missing.command))
    return _case(missing.flags, clean(followed(*remedies)), missing.rows, (command,))


def _work(work: Work) -> Case:
    lines = tuple(_lines(work.rows, work.next))
    return _case(work.code or _("no error code"), brief(work.why), work.rows, lines)


def _unread(summary: Summary) -> list[Work]:
    together: dict[str, list[Row]] = {}
    for row in summary.rows:
        if row.standing is Standing.NOT_CHECKED:
            together.setdefault(row.why, []).append(row)
    found = (Work(None, why, tuple(rows), "") for why, rows in together.items())
    return sorted(found, key=lambda each: -each.vms)


def _not_read(work: Work) -> Case:
    return _case(brief(work.why), "", work.rows, tuple(_lines(work.rows, "")))


def _case(title: str, why: str, rows: Sequence[Row], lines: tuple[Line, ...]) -> Case:
    codes = {row.code for row in rows}
    return Case(
        title=clean(title),
        names=tuple(clean(row.name) for row in rows[:LINES]),
        why=why,
        count=vms(len(rows)),
        rest=max(0, len(rows) - LINES),
        lines=lines,
        tone=TONE[KIND[rows[0].standing]],
        kind=KIND[rows[0].standing],
        code=clean(codes.pop() or "") if len(codes) == 1 else "",
    )


def _lines(rows: Sequence[Row], following: str) -> Iterator[Line]:
    """What a person can do: the commands of the plans, or else the next command of all VMs."""
    commands = [
        Line(clean(row.name) if len(rows) > 1 else "", clean(command))
        for row in rows[:LINES]
        for step in (row.plan.steps if row.plan else ())
        if isinstance(step, Manual)
        for command in step.commands
    ]
    yield from commands or ([Line("", clean(then(following)))] if following else [])
