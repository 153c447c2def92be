"""The story of one VM of a scan. A scan keeps no plan, only the details of it."""

from collections.abc import Iterable, Iterator
from typing import Final

from remediator.language import _
from remediator.language.translation import translated
from remediator.report.details import Alteration, Details
from remediator.report.summary import Row
from remediator.views.html.sections import Item, Section, Sections
from remediator.views.html.stories import altered

DETAILED: Final = 500
"""How many VMs of a scan have a story, the worst. With those of all, 5,000 VMs make no mail."""


def detailed(rows: Iterable[Row]) -> set[int]:
    """The places of the rows that get the story of a scan."""
    found = [n for n, row in enumerate(rows) if row.plan is None and row.details is not None]
    return set(found[:DETAILED])


def scanned_story(details: Details, sections: Sections) -> list[Section]:
    """The sections of one VM: the evidence, and each change."""
    found = [
        sections.section(_("Evidence"), (("", "text", line) for line in details.evidence)),
        sections.steps(
            _("Plan"),
            (
                sections.step(
                    translated(each.what),
                    [(_("held"), "ask")] if each.held else [],
                    _items(each),
                    number,
                )
                for number, each in enumerate(details.alterations, 1)
            ),
        ),
    ]
    return [section for section in found if section]


def _items(alteration: Alteration) -> Iterator[Item]:
    yield _("why"), "text", alteration.held or ""
    yield from altered(alteration)
    yield _("result"), "text", alteration.result or ""
    yield _("correlation id"), "code", alteration.correlation_id or ""
