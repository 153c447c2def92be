"""The page of a summary: a plan, a run, several jobs, or a scan."""

from dataclasses import asdict
from typing import Any, Final

from remediator.language import _
from remediator.moments import shown
from remediator.report.summary import Counts, Row, Summary
from remediator.run.run import Entry
from remediator.version import __version__
from remediator.views.html import rows as table_rows
from remediator.views.html.decisions import alarms, decisions
from remediator.views.html.embedded import Parts
from remediator.views.html.kinds import ALWAYS, LABEL, TONE
from remediator.views.html.page import Line, Page, Tile
from remediator.views.html.pictures import pictures
from remediator.views.html.shown import clean
from remediator.views.html.still import still
from remediator.views.html.stories import Stories
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
    "recovered",
)


def summary_page(summary: Summary, record: Record) -> Page:
    """The page of a summary.

    Args:
        summary: the rows.
        record: the entries of the runs that the rows tell about, as far as they can be read.
    """
    rows = table_rows.worst_first(summary.rows)
    notes = (_("interrupted: this is what was known by then"),) if summary.interrupted else ()
    data = _data(summary, rows, record)
    return Page(
        title=_("Failed backups of Azure VMs"),
        lead=_lead(summary.counts, rows),
        facts=tuple(_facts(summary, rows)),
        tiles=_tiles(summary.counts),
        decisions=decisions(rows),
        charts=tuple(pictures(summary)),
        texts=words(),
        data=data,
        still=tuple(still(rows, data["stories"])),
        alarms=alarms(rows),
        next=_next(rows),
        notes=notes,
    )


def _lead(counts: Counts, rows: tuple[Row, ...]) -> str:
    """How things stand, in one sentence that leaves out what there is none of."""
    if len(rows) == 1:
        return f"{clean(rows[0].name)}: {_(rows[0].standing)}"
    parts = (
        (counts.fixable, _("{count} can be fixed")),
        (counts.needs_consent, _("{count} need consent")),
        (counts.needs_human, _("{count} need a human")),
        (counts.not_fixed, _("{count} not fixed")),
        (counts.refused, _("{count} left alone by a limit")),
        (counts.not_read, _("{count} could not be read")),
        (counts.recovered, _("{count} recovered")),
    )
    told = ", ".join(text.format(count=f"{count:,}") for count, text in parts if count)
    first = _("{count} failed").format(count=f"{counts.failed:,}")
    return f"{first}: {told}" if told else first


def _next(rows: tuple[Row, ...]) -> tuple[Line, ...]:
    """The next command for the only VM, unless it stands among the decisions."""
    if len(rows) != 1 or decisions(rows):
        return ()
    return tuple(Line(clean(rows[0].name), clean(line)) for line in rows[0].next)


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
    numbers: dict[str, int] = asdict(counts)
    others = (
        Tile(kind, _(LABEL[kind]), numbers[kind], TONE[kind])
        for kind in _ORDER
        if numbers[kind] or kind in ALWAYS
    )
    return (Tile("failed", _(LABEL["failed"]), counts.failed, "bad"), *others)


def _data(summary: Summary, rows: tuple[Row, ...], record: Record) -> dict[str, Any]:
    parts = Parts()
    stories = Stories(parts)
    told = [
        stories.story(row.plan, row.report, record.get(row.run_id or "", ()))
        for row in rows
        if row.plan is not None
    ]
    listed = table_rows.table(rows, summary.ended, parts)
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
