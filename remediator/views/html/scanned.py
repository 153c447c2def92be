"""The story of one VM of a scan. A scan keeps no plan, only the details of it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from remediator.language import _
from remediator.language.translation import translated
from remediator.report.details import Alteration, Details
from remediator.report.summary import Row
from remediator.views.html.embedded import Packed, Parts

DETAILED: Final = 500
"""How many VMs of a scan have a story, the worst. With those of all, 5,000 VMs make no mail."""


def detailed(rows: Iterable[Row]) -> set[int]:
    """The places of the rows that get the story of a scan."""
    found = [n for n, row in enumerate(rows) if row.plan is None and row.details is not None]
    return set(found[:DETAILED])


def scanned_story(details: Details, parts: Parts) -> list[dict[str, Any]]:
    """The sections of one VM: the evidence, and each change."""
    pack = parts.pack
    found: list[dict[str, Any]] = []
    if details.evidence:
        told = [["", "text", translated(line)] for line in details.evidence]
        items = [[pack(label), form, pack(text)] for label, form, text in told]
        found.append({"title": pack(_("Evidence")), "items": items})
    if details.alterations:
        steps = [
            _step(number, alteration, parts)
            for number, alteration in enumerate(details.alterations, 1)
        ]
        found.append({"title": pack(_("Plan")), "steps": steps})
    return found


def _step(number: int, alteration: Alteration, parts: Parts) -> dict[str, Any]:
    badges: list[list[Packed | str]] = [[parts.pack(_("held")), "ask"]] if alteration.held else []
    return {
        "number": number,
        "title": parts.pack(translated(alteration.what)),
        "badges": badges,
        "items": [
            [parts.pack(label), form, parts.pack(text)]
            for label, form, text in _items(alteration)
            if text
        ],
    }


def _items(alteration: Alteration) -> Iterator[tuple[str, str, str]]:
    none = _("none")
    yield _("why"), "text", translated(alteration.held or "")
    for label, values in ((_("before"), alteration.before), (_("after"), alteration.after)):
        for name, value in values.items():
            yield label, "text", f"{name}: {none if value is None else value}"
    yield _("undo"), "code", alteration.undo
    yield _("target"), "code", alteration.target
    yield _("result"), "text", translated(alteration.result or "")
    yield _("correlation id"), "code", alteration.correlation_id or ""
