"""The first rows for viewers that run no scripts, such as the preview of a mail."""

from collections.abc import Iterator
from typing import Any, Final

from remediator.language import _, listed
from remediator.language.translation import translated
from remediator.report.summary import Row
from remediator.views.html.kinds import KIND, TONE
from remediator.views.html.page import Still
from remediator.views.html.shown import clean, moment, then

ROWS: Final = 50
"""How many rows such a viewer shows, the worst. The scripts show all."""


def still(rows: tuple[Row, ...], data: dict[str, Any]) -> Iterator[Still]:
    """The first rows, each with its story if it has one.

    Args:
        rows: the rows, worst first.
        data: the data of the page. The last column of its rows is the place of the story.
    """
    for row, packed in zip(rows[:ROWS], data["rows"], strict=False):
        place = packed[-1]
        sections = [] if place is None else data["stories"][place]
        items = tuple((label, clean(text)) for label, text in _items(row) if text)
        tone = TONE[KIND[row.standing]]
        yield Still(clean(row.name), _(row.standing), tone, items, tuple(sections))


def _items(row: Row) -> Iterator[tuple[str, str]]:
    for line in row.next:
        yield _("next"), then(line)
    yield _("why"), translated(row.why)
    yield _("remedy"), _(row.remedy) if row.remedy else ""
    yield _("impact"), listed(map(_, row.impacts))
    yield _("code"), row.code or ""
    yield _("failed at"), moment(row.failed_at)
    yield _("last good point"), moment(row.last_good)
    yield "VM", row.vm_id or ""
    yield _("vault"), row.vault
    yield _("job"), row.job
    yield _("run"), row.run_id or ""
    for each in row.correlation_ids:
        yield _("correlation id"), each
