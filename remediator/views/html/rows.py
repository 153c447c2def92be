"""The rows of a summary as the page's table takes them: columns, and texts by their parts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from remediator.language import _
from remediator.language.translation import translated
from remediator.report.batch import Standing
from remediator.report.summary import Row
from remediator.views.html.embedded import Packed, Parts
from remediator.views.html.kinds import KIND
from remediator.views.html.pictures import vault_name
from remediator.views.html.shown import hours_long, moment, then
from remediator.views.plain import short

TEXTS: Final = (
    "name",
    "vm",
    "kind",
    "standing",
    "why",
    "whole_why",
    "group",
    "subscription",
    "vault",
    "code",
    "age",
    "late",
    "good",
    "failed",
    "remedy",
    "vm_id",
    "vault_id",
    "job",
    "run",
)
"""The columns that are one text each."""

LISTS: Final = ("impacts", "next", "correlations")
"""The columns that are several texts each."""

NUMBERS: Final = ("hours", "story")
"""The columns that are numbers. None: not known."""


def locks_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows in their order, the worst first, but before them each lock that is off."""
    return tuple(sorted(rows, key=lambda row: row.standing is not Standing.LOCK_OFF))


def table(
    rows: Iterable[Row], stories: Iterable[int | None], now: datetime, parts: Parts
) -> list[list[Any]]:
    """A list for each row, in the order of `TEXTS`, `LISTS` and `NUMBERS`.

    Args:
        rows: the rows.
        stories: for each row the place of its story. None: it has none.
        now: when the rows were read.
        parts: collects the parts of their texts.
    """
    return [_row(row, now, parts, story) for row, story in zip(rows, stories, strict=True)]


def _age(row: Row, hours: float | None) -> str:
    """The age of the newest point. Only a scan knows that there is none."""
    if hours is not None:
        return hours_long(hours)
    scanned = row.plan is None and row.vm and row.vault
    return _("none known") if scanned else ""


def _row(row: Row, now: datetime, parts: Parts, story: int | None) -> list[Any]:
    whole = translated(row.why)
    why = short(row.why)
    hours = (now - row.last_good).total_seconds() / 3600 if row.last_good else None
    late = row.overdue_hours
    texts = (
        row.name,
        row.vm,
        KIND[row.standing],
        _(row.standing),
        why,
        "" if why == whole else whole,
        row.group,
        row.subscription,
        vault_name(row),
        row.code or "",
        _age(row, hours),
        _("{time} late").format(time=hours_long(late)) if late is not None and late > 0 else "",
        moment(row.last_good),
        moment(row.failed_at),
        _(row.remedy) if row.remedy else "",
        row.vm_id or "",
        row.vault,
        row.job,
        row.run_id or "",
    )
    lists: tuple[Iterable[str], ...] = (
        map(_, row.impacts),
        map(then, row.next),
        row.correlation_ids,
    )
    packed: list[Packed | list[Packed] | float | None] = [parts.pack(text) for text in texts]
    packed += [[parts.pack(text) for text in each] for each in lists]
    return [*packed, round(hours, 1) if hours is not None else None, story]
