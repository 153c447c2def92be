"""What must be decided: what needs consent, with its commands, and what needs a human."""

from collections.abc import Iterable, Iterator
from typing import Final

from remediator.change.step import Manual
from remediator.language import _
from remediator.report.batch import Standing
from remediator.report.summary import Row
from remediator.views.html.kinds import KIND, TONE
from remediator.views.html.page import Case, Decision, Line
from remediator.views.html.shown import clean
from remediator.views.plain import short

CASES: Final = 8
"""How many cases of a heading the head names, the largest."""

LINES: Final = 5
"""How many VMs of a case the head names. The table has all."""


def decisions(rows: Iterable[Row]) -> tuple[Decision, ...]:
    """The headings that have cases."""
    seen = tuple(row for row in rows if row.counts)
    found = (
        _decision(_("Needs consent"), seen, _ASK),
        _decision(_("Needs a human"), seen, _HUMAN),
        _decision(_("Could not be read"), seen, ("not_read",)),
    )
    return tuple(each for each in found if each.cases)


def _decision(title: str, rows: Iterable[Row], kinds: tuple[str, ...]) -> Decision:
    cases = tuple(_cases(row for row in rows if KIND[row.standing] in kinds))
    rest = sum(case.count for case in cases[CASES:])
    return Decision(title, cases[:CASES], rest, kinds[0])


_ASK: Final = ("needs_consent", "refused")
_HUMAN: Final = ("needs_human", "not_fixed")


def alarms(rows: Iterable[Row]) -> tuple[Line, ...]:
    """A line for each lock that is off and should be on. Nothing is more urgent."""
    return tuple(
        Line(clean(row.name), clean(row.why), code=False)
        for row in rows
        if row.standing is Standing.LOCK_OFF
    )


def _cases(rows: Iterable[Row]) -> Iterator[Case]:
    """The rows put together by what they need, the largest case first."""
    together: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        together.setdefault(_need(row), []).append(row)
    for group in sorted(together.values(), key=len, reverse=True):
        yield _case(group)


def _need(row: Row) -> tuple[str, ...]:
    """What rows of one case have in common. The reason of a failure may name its VM's ids."""
    kind = KIND[row.standing]
    if kind == "needs_consent" or (kind == "not_read" and not row.job):
        return kind, row.why
    return kind, row.code or "", row.remedy or ""


def _case(rows: list[Row]) -> Case:
    first = rows[0]
    kind = KIND[first.standing]
    reasons = {short(_(row.why)) for row in rows}
    codes = {row.code for row in rows}
    code = clean(codes.pop() or "") if len(codes) == 1 else ""
    asked = kind == "needs_consent"
    named = code or (_("no error code") if kind == "needs_human" else clean(_(first.standing)))
    why = next(iter(reasons)) if len(reasons) == 1 else ""
    return Case(
        title=short(first.why).removeprefix("needs ") if asked else named,
        names=", ".join(clean(row.name) for row in rows[:LINES])
        + (" …" if len(rows) > LINES else ""),
        hint="; ".join(sorted(_remedies(rows))) if asked else why,
        why="" if asked else why,
        count=len(rows),
        rest=max(0, len(rows) - LINES),
        lines=tuple(line for row in rows[:LINES] for line in _lines(row)),
        tone=TONE[kind],
        kind=kind,
        code=code,
    )


def _remedies(rows: Iterable[Row]) -> set[str]:
    return {clean(_(row.remedy)) for row in rows if row.remedy}


def _lines(row: Row) -> Iterator[Line]:
    """What a person can do about one VM: the commands of the plan, or the next command."""
    name = clean(row.name)
    remedy = clean(_(row.remedy)) if row.remedy else ""
    steps = row.plan.steps if row.plan else ()
    commands = tuple(
        command for step in steps if isinstance(step, Manual) for command in step.commands
    )
    if KIND[row.standing] in _HUMAN and commands:
        yield from (Line(name, clean(command)) for command in commands)
    elif row.next:
        yield from (Line(name, clean(line), about=remedy) for line in row.next)
    else:
        yield Line(name, short(_(row.why)), code=False)
