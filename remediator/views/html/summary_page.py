"""The page of a summary: a plan, a run, several jobs, or a scan."""

from dataclasses import asdict
from typing import Any, Final

from remediator.language import _
from remediator.moments import shown
from remediator.report.summary import Counts, Row, Summary
from remediator.run.run import Entry
from remediator.version import __version__
from remediator.views.headline import headline
from remediator.views.html import rows as table_rows
from remediator.views.html.decisions import alarms, decisions
from remediator.views.html.embedded import Parts
from remediator.views.html.kinds import ALWAYS, LABEL, TONE
from remediator.views.html.page import Decision, Line, Page, Tile
from remediator.views.html.pictures import pictures
from remediator.views.html.scanned import detailed, scanned_story
from remediator.views.html.sections import Section, Sections
from remediator.views.html.shown import clean, then
from remediator.views.html.still import still
from remediator.views.html.stories import planned_story
from remediator.views.html.words import words

Record = dict[str, tuple[Entry, ...]]
"""What the records of the runs tell, by the ids of the runs."""

_ORDER: Final = (
    "fixable",
    "needs_consent",
    "needs_human",
    "not_fixed",
    "refused",
    "not_read",
    "fixed",
    "recovered",
)


def summary_page(summary: Summary, record: Record) -> Page:
    """The page of a summary.

    Args:
        summary: the rows.
        record: the entries of the runs that the rows tell about, as far as they can be read.
    """
    rows = table_rows.locks_first(summary.rows)
    notes = (_("interrupted: this is what was known by then"),) if summary.interrupted else ()
    decided = decisions(summary)
    data = _data(summary, rows, record)
    return Page(
        title=_("Failed backups of Azure VMs"),
        lead=_lead(summary),
        facts=tuple(_facts(summary, rows)),
        tiles=_tiles(summary.counts),
        decisions=decided,
        charts=tuple(pictures(summary)),
        texts=words(),
        data=data,
        still=tuple(still(rows, data)),
        alarms=alarms(rows),
        next=_next(rows, decided),
        notes=notes,
    )


def _lead(summary: Summary) -> str:
    """How things stand: the numbers, or the standing of the only VM."""
    if len(summary.rows) == 1:
        (only,) = summary.rows
        return f"{clean(only.name)}: {_(only.standing)}"
    return headline(summary.counts)


def _next(rows: tuple[Row, ...], decided: tuple[Decision, ...]) -> tuple[Line, ...]:
    """The next command for the only VM, unless it stands among the decisions."""
    if len(rows) != 1 or decided:
        return ()
    return tuple(Line(clean(rows[0].name), clean(then(line))) for line in rows[0].next)


def _facts(summary: Summary, rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    told = [(_("as of"), shown(summary.ended))]
    if summary.ended != summary.started:
        told.append((_("began"), shown(summary.started)))
    subscriptions = {row.subscription for row in rows if row.subscription}
    if len(subscriptions) == 1:
        told.append((_("subscription"), clean(next(iter(subscriptions)))))
    elif subscriptions:
        told.append((_("subscriptions"), f"{len(subscriptions):,}"))
    return [*told, (_("made by"), f"remediate {__version__}")]


def _tiles(counts: Counts) -> tuple[Tile, ...]:
    since = counts.recovered - counts.fixed
    numbers: dict[str, int] = asdict(counts) | {"recovered": since}
    others = (
        Tile(kind, _(LABEL[kind]), numbers[kind], TONE[kind])
        for kind in _ORDER
        if numbers[kind] or kind in ALWAYS
    )
    return (Tile("failed", _(LABEL["failed"]), counts.failed + counts.recovered, "bad"), *others)


def _data(summary: Summary, rows: tuple[Row, ...], record: Record) -> dict[str, Any]:
    parts = Parts()
    sections = Sections(parts)
    small = detailed(rows)
    told: list[list[Section]] = []
    places: list[int | None] = []
    for number, row in enumerate(rows):
        before = len(told)
        if row.plan is not None:
            entries = record.get(row.run_id or "", ())
            told.append(planned_story(row.plan, row.report, entries, sections))
        elif row.details is not None and number in small:
            told.append(scanned_story(row.details, sections))
        places.append(before if len(told) > before else None)
    listed = table_rows.table(rows, places, summary.ended, parts)
    return {
        "columns": {
            "texts": table_rows.TEXTS,
            "lists": table_rows.LISTS,
            "numbers": table_rows.NUMBERS,
        },
        "kinds": {kind: [_(LABEL[kind]), tone] for kind, tone in TONE.items()},
        "rows": listed,
        "stories": told,
        "parts": parts.all,
    }
