"""The rows of a history as the page's tables take them: failures by VM and code, and remedies."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from remediator import ids
from remediator.language import _, marked
from remediator.report.history import (
    History,
    Incident,
    IncidentState,
    Recurring,
    RemedySuccess,
)
from remediator.report.incidents import which
from remediator.views.history_words import duration, recovered_of
from remediator.views.html.embedded import Parts
from remediator.views.html.page import Tone
from remediator.views.html.sections import Item, Section, Sections
from remediator.views.html.shown import moment
from remediator.views.html.words import BECAME

TOLD: Final = 500
"""How many rows have the story of their incidents, the most frequent. With those of all, thousands
of VMs make no mail."""

STATE_TONE: Final[dict[IncidentState, Tone]] = {
    IncidentState.OPEN: "bad",
    IncidentState.RECOVERED: "good",
    IncidentState.SETTLED: "quiet",
}
"""The colour of each state of an incident."""

MEASURED_BY: Final = {
    "run": marked("the end of the backup job that the run followed"),
    "record": marked("the moment when the run saw the end of the backup job"),
    "scan": marked("the newest recovery point that a scan saw, so the longest possible time"),
}
"""What a time to recovery goes to."""

_TEXTS: Final = (
    "name",
    "key",
    "kind",
    "state",
    "recovered",
    "group",
    "vault",
    "subscription",
    "code",
    "first",
    "last",
    "took",
    "vm_id",
    "vault_id",
)
_NUMBERS: Final = ("failures", "seconds", "story")
_REMEDY_TEXTS: Final = ("name", "kind", "rung", "playbook", "about")
_REMEDY_NUMBERS: Final = (*BECAME, "story")

Listed = dict[str, Any]
"""A table as the scripts take it: its columns, and a list for each row."""


def state_of(row: Recurring) -> IncidentState:
    """How the incidents of a row ended: open if one of them is open."""
    if row.open:
        return IncidentState.OPEN
    return IncidentState.RECOVERED if row.recovered else IncidentState.SETTLED


def shared_names(rows: Iterable[Recurring]) -> frozenset[str]:
    """The names that several VMs have, folded."""
    vms = {which(row): ids.folded(row.vm) for row in rows}
    return frozenset(name for name, count in Counter(vms.values()).items() if count > 1)


def key_of(row: Recurring, shared: frozenset[str]) -> str:
    """What names one row in a link: the VM's name, or its id if another VM has the same name.

    Args:
        row: the row.
        shared: the names that several VMs have.
    """
    vm = which(row) if ids.folded(row.vm) in shared else row.vm
    return f"{vm} {row.code}" if row.code else vm


def failures_table(history: History, parts: Parts) -> tuple[Listed, list[list[Section]]]:
    """The failures by VM and code, and the stories of their incidents."""
    incidents: defaultdict[tuple[str, str | None], list[Incident]] = defaultdict(list)
    for each in history.incidents:
        for code in each.codes or (None,):
            incidents[which(each), code].append(each)
    sections = Sections(parts)
    stories: list[list[Section]] = []
    rows: list[list[Any]] = []
    shared = shared_names(history.recurring)
    for row in history.recurring:
        mine = incidents[which(row), row.code]
        place = None
        if mine and len(stories) < TOLD:
            place = len(stories)
            stories.append([_story(mine, sections)])
        packed: list[Any] = [parts.pack(text) for text in _texts(row, shared)]
        median = None if row.median is None else round(row.median)
        rows.append([*packed, row.failures, median, place])
    return _listed(_TEXTS, _NUMBERS, rows), stories


def remedies_table(
    remedies: Iterable[RemedySuccess], titles: dict[str, str], parts: Parts
) -> Listed:
    """What became of the runs of each remedy.

    Args:
        remedies: the remedies.
        titles: the titles of the playbooks, by their names.
        parts: collects the parts of the texts.
    """
    rows = []
    for each in remedies:
        about = titles.get(each.playbook, "")
        texts = (_(each.title), "remedy", each.rung, each.playbook, _(about) if about else "")
        numbers = [getattr(each, name) for name in BECAME]
        rows.append([*map(parts.pack, texts), *numbers, None])
    return _listed(_REMEDY_TEXTS, _REMEDY_NUMBERS, rows)


def _listed(texts: tuple[str, ...], numbers: tuple[str, ...], rows: list[list[Any]]) -> Listed:
    return {"columns": {"texts": texts, "lists": (), "numbers": numbers}, "rows": rows}


def _texts(row: Recurring, shared: frozenset[str]) -> tuple[str, ...]:
    state = state_of(row)
    return (
        row.vm,
        key_of(row, shared),
        state.name.lower(),
        _(state),
        recovered_of(row) if row.incidents > 1 else "",
        (ids.group_name(row.vm_id) or "") if row.vm_id else "",
        row.vault.rsplit("/", 1)[-1],
        row.subscription,
        row.code or "",
        moment(row.first),
        moment(row.last),
        "" if row.median is None else duration(row.median),
        row.vm_id or "",
        row.vault,
    )


def _story(incidents: Iterable[Incident], sections: Sections) -> Section:
    steps = (
        sections.step(
            _("from {first}").format(first=moment(each.first_failure)),
            [(_(each.state), STATE_TONE[each.state])],
            _items(each),
            number,
        )
        for number, each in enumerate(incidents, 1)
    )
    return sections.steps(_("Incidents, the newest first"), steps)


def _items(incident: Incident) -> Iterator[Item]:
    yield _("failures"), "text", f"{incident.failures:,}"
    yield _("last failure"), "text", moment(incident.last_failure)
    for code in incident.codes:
        yield _("code"), "code", code
    yield _("ended"), "text", moment(incident.recovered_at)
    if incident.seconds is not None:
        yield _("time to recovery"), "text", duration(incident.seconds)
    if incident.measured_by is not None:
        yield _("measured to"), "text", _(MEASURED_BY[incident.measured_by])
    yield _("run"), "code", incident.run_id or ""
