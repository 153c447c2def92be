"""The page of a history: what recurs, how soon it recovered, what helped."""

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any, Final

from remediator.language import _, followed
from remediator.moments import shown
from remediator.report.history import History, IncidentState, Recurring
from remediator.version import __version__
from remediator.views.history_words import (
    duration,
    failures,
    read_of,
    recovered_of,
    verdict,
    when,
)
from remediator.views.html.embedded import Parts
from remediator.views.html.history_pictures import pictures
from remediator.views.html.history_rows import (
    STATE_TONE,
    failures_table,
    key_of,
    remedies_table,
    shared_names,
    state_of,
)
from remediator.views.html.page import Case, Decision, Line, Page, Still, Tile
from remediator.views.html.shown import clean
from remediator.views.html.still import ROWS
from remediator.views.html.words import history_words

CASES: Final = 5
"""How many VMs and codes are named among what recurs, the most frequent. The table has all."""

UNREAD: Final = 3
"""How many stored things that could not be read are named."""


def history_page(history: History) -> Page:
    """The page of a history."""
    data = _data(history)
    empty = history.sources.empty
    return Page(
        title=_("History of failed backups"),
        lead=verdict(history),
        facts=tuple(_facts(history)),
        tiles=() if empty else tuple(_tiles(history)),
        decisions=tuple(_recurring(history.recurring)),
        charts=tuple(pictures(history)),
        texts=history_words(),
        data=data,
        still=tuple(_still(history, data)),
        next=(Line("", "remediate scan"),) if empty else (),
        notes=tuple(_notes(history.unread)),
        cells="history.js",
        more=(("remedies", _("What became of remedies")),),
    )


def _facts(history: History) -> Iterator[tuple[str, str]]:
    since, until = f"{history.since:%Y-%m-%d}", f"{history.until:%Y-%m-%d}"
    yield _("as of"), shown(history.until)
    yield _("period"), _("{first} to {last}").format(first=since, last=until)
    if not history.sources.empty:
        yield _("read from"), read_of(history)
    asked = history.selection
    if asked.narrow:
        told = ", ".join((*asked.vms, *asked.codes, *asked.vaults, *asked.subscriptions))
        yield _("narrowed to"), clean(told)
    yield _("made by"), f"remediate {__version__}"


def _tiles(history: History) -> Iterator[Tile]:
    head, times = history.head, history.times
    yield Tile("", _("failures"), head.failures, "bad")
    yield Tile("", _("VMs that failed"), head.vms, "quiet")
    yield Tile("open", _("incidents open"), head.open, "bad")
    yield Tile("recovered", _("incidents recovered"), head.recovered, "good")
    if head.settled:
        yield Tile("settled", _("incidents settled"), head.settled, "quiet")
    median = "–" if times.median is None else duration(times.median)
    yield Tile("", _("median time to recovery"), 0, "quiet", median)


def _notes(unread: tuple[str, ...]) -> Iterator[str]:
    """What is missing, because it could not be read."""
    for line in unread[:UNREAD]:
        yield _("missing here: {what}").format(what=clean(line))
    if (rest := len(unread) - UNREAD) > 0:
        yield _("missing here: {count} more").format(count=f"{rest:,}")


_HEADINGS: Final = (IncidentState.OPEN, IncidentState.RECOVERED, IncidentState.SETTLED)


def _recurring(rows: Sequence[Recurring]) -> Iterator[Decision]:
    """What failed more than once, by how it stands. What is open comes first."""
    shared = shared_names(rows)
    again = [row for row in rows if row.failures > 1]
    titles = {
        IncidentState.OPEN: _("Not known to have recovered"),
        IncidentState.RECOVERED: _("Recovered, and may come again"),
        IncidentState.SETTLED: _("Ended without a backup"),
    }
    for state in _HEADINGS:
        mine = [row for row in again if state_of(row) is state]
        if mine:
            cases = tuple(_case(row, state, key_of(row, shared)) for row in mine[:CASES])
            yield Decision(titles[state], cases, max(0, len(mine) - CASES), state.name.lower())


def _case(row: Recurring, state: IncidentState, link: str) -> Case:
    return Case(
        title=clean(row.vm),
        names=(clean(row.code) if row.code else _("code not known"),),
        why=followed(when(row), recovered_of(row)) if row.incidents > 1 else when(row),
        count=failures(row.failures),
        rest=0,
        lines=tuple(_commands(row, state)),
        tone=STATE_TONE[state],
        kind=state.name.lower(),
        code=clean(row.code or ""),
        link=clean(link),
    )


def _commands(row: Recurring, state: IncidentState) -> Iterator[Line]:
    """What to look at next: all that the backup depends on, or what the code means."""
    if state is IncidentState.OPEN and row.vm_id:
        yield Line("", clean(f"remediate check --vm {quote(row.vm_id)}"))
    elif row.code:
        yield Line("", clean(f"remediate explain {quote(row.code)}"))


def _data(history: History) -> dict[str, Any]:
    parts = Parts()
    listed, stories = failures_table(history, parts)
    titles = {each.playbook: each.title for each in history.playbooks}
    remedies = remedies_table(history.remedies, titles, parts)
    kinds = {state.name.lower(): [_(state), tone] for state, tone in STATE_TONE.items()}
    return {
        **listed,
        "remedies": remedies,
        "kinds": {**kinds, "remedy": ["", "quiet"]},
        "stories": stories,
        "parts": parts.all,
    }


def _still(history: History, data: dict[str, Any]) -> Iterator[Still]:
    """The first rows, for viewers that run no scripts."""
    for row, listed in zip(history.recurring[:ROWS], data["rows"], strict=False):
        state = state_of(row)
        told = (
            (_("code"), row.code or _("not known")),
            (_("failures"), f"{row.failures:,}"),
            (_("first failure"), shown(row.first)),
            (_("last failure"), shown(row.last)),
            (_("recovery"), recovered_of(row)),
            (_("median time"), "" if row.median is None else duration(row.median)),
            ("VM", row.vm_id or ""),
            (_("vault"), row.vault),
        )
        items = tuple((label, clean(text)) for label, text in told if text)
        place = listed[-1]
        sections = [] if place is None else data["stories"][place]
        yield Still(clean(row.vm), _(state), STATE_TONE[state], items, tuple(sections))
