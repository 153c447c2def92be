"""Pictures of a history: the trend, the codes, the times to recovery, the remedies, the limits."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from remediator.language import _, _n, marked
from remediator.moments import shown
from remediator.report.history import History, IncidentState, LeftAlone, RemedySuccess
from remediator.views.decisions_text import vms
from remediator.views.history_words import duration, failures
from remediator.views.html.page import Chart, Series, Tone
from remediator.views.html.pictures import BARS
from remediator.views.html.shown import clean

_HOUR: Final = 3600.0
_TIMES: Final = (
    (1 * _HOUR, marked("up to 1 hour")),
    (4 * _HOUR, marked("1 to 4 hours")),
    (12 * _HOUR, marked("4 to 12 hours")),
    (24 * _HOUR, marked("12 to 24 hours")),
    (48 * _HOUR, marked("1 to 2 days")),
    (168 * _HOUR, marked("2 to 7 days")),
    (float("inf"), marked("more than 7 days")),
)
"""The times to recovery, each up to so many seconds."""

_BECAME: Final[tuple[tuple[str, Tone, tuple[str, ...]], ...]] = (
    (marked("recovered"), "good", ("recovered",)),
    (marked("settled"), "act", ("settled",)),
    (marked("failed again"), "bad", ("failed_again",)),
    (marked("failed with another code"), "ask", ("failed_otherwise",)),
    (marked("need a human"), "human", ("needs_human",)),
    (marked("uncertain"), "unread", ("uncertain",)),
    (marked("says nothing about the remedy"), "quiet", ("recovered_meanwhile", "stale")),
)
"""What became of runs: its name, its colour, and its numbers. Each run is in one of them."""


def pictures(history: History) -> Iterator[Chart]:
    """The pictures that there is something to show in."""
    if history.trend:
        yield _trend(history)
    if len({row.code for row in history.recurring}) > 1:
        yield _codes(history)
    if history.head.recovered:
        yield _times(history)
    if history.remedies:
        yield _remedies(history.remedies)
    if history.left_alone:
        yield _left_alone(history.left_alone)


def _trend(history: History) -> Chart:
    title = _("Failures and recoveries by week")
    if history.by == "day":
        title = _("Failures and recoveries by day")
    worst = max(history.trend, key=lambda part: part.failures)
    return Chart(
        "trend",
        title,
        _("most failures: {failures}, {start}").format(
            failures=failures(worst.failures), start=worst.start
        ),
        _("week of") if history.by == "week" else _("day"),
        tuple(f"{part.start}" for part in history.trend),
        (
            Series(_("failures"), "bad", tuple(part.failures for part in history.trend)),
            Series(_("recovered"), "good", tuple(part.recovered for part in history.trend)),
        ),
        upright=True,
        apart=True,
    )


def _codes(history: History) -> Chart:
    """How often each code failed, whichever VM it was. Open ones have a colour of their own."""
    counted: Counter[tuple[str, bool]] = Counter()
    totals: Counter[str] = Counter()
    for row in history.recurring:
        counted[row.code or "", row.open] += row.failures
        totals[row.code or ""] += row.failures
    codes = [code for code, _count in totals.most_common()]
    head, rest = codes[:BARS], codes[BARS:]
    labels = [clean(code) or _("not known") for code in head]
    groups = [[code] for code in head]
    if rest:
        labels.append(_("{count} others").format(count=len(rest)))
        groups.append(rest)
    told: tuple[tuple[bool, str, Tone], ...] = (
        (True, _("VM with an open incident"), "bad"),
        (False, _("VM without one"), "good"),
    )
    series = (
        Series(label, tone, tuple(sum(counted[code, open_] for code in group) for group in groups))
        for open_, label, tone in told
    )
    most = _("{count} of {all} failures: {label}").format(
        count=f"{totals[head[0]]:,}", all=f"{totals.total():,}", label=labels[0]
    )
    return Chart(
        "code",
        _("Failures by code"),
        most,
        _("code"),
        tuple(labels),
        tuple(each for each in series if any(each.values)),
        filters="code",
    )


def _times(history: History) -> Chart:
    """How many incidents recovered within which time, by what told the time."""
    places = len(_TIMES)
    labels = tuple(_(label) for _limit, label in _TIMES)
    counted: Counter[tuple[str, int]] = Counter()
    for each in history.incidents:
        if each.state is IncidentState.RECOVERED:
            kind, place = "unknown", places
            if each.seconds is not None:
                seconds = each.seconds
                kind = "scan" if each.measured_by == "scan" else "run"
                place = next(n for n, (limit, _label) in enumerate(_TIMES) if seconds <= limit)
            counted[kind, place] += 1
    if counted["unknown", places]:
        labels = (*labels, _("not known"))
    kinds: tuple[tuple[str, str, Tone], ...] = (
        ("run", _("measured by a run"), "good"),
        ("scan", _("at most, as a scan saw it"), "act"),
        ("unknown", _("not known"), "unread"),
    )
    series = tuple(
        Series(label, tone, tuple(counted[kind, place] for place in range(len(labels))))
        for kind, label, tone in kinds
    )
    times = history.times
    about = _("no time is known")
    if times.median is not None and times.mean is not None and times.longest is not None:
        about = _("median {median}, mean {mean}, longest {longest}").format(
            median=duration(times.median),
            mean=duration(times.mean),
            longest=duration(times.longest),
        )
    return Chart(
        "times",
        _("Time to recovery"),
        about,
        _("time"),
        labels,
        tuple(each for each in series if any(each.values)),
        upright=True,
    )


def _remedies(remedies: tuple[RemedySuccess, ...]) -> Chart:
    """What became of the runs of the remedies that were taken most often."""
    ordered = sorted(remedies, key=lambda each: -each.runs)
    head, rest = ordered[:BARS], ordered[BARS:]
    groups = [[each] for each in head]
    titles = Counter(_(each.title) for each in remedies)
    labels = [
        _(each.title) if titles[_(each.title)] == 1 else f"{_(each.title)} ({each.playbook})"
        for each in head
    ]
    if rest:
        groups.append(rest)
        labels.append(_("{count} others").format(count=len(rest)))
    series = (
        Series(
            _(label),
            tone,
            tuple(sum(getattr(each, name) for each in group for name in names) for group in groups),
        )
        for label, tone, names in _BECAME
    )
    runs, recovered = (sum(getattr(each, n) for each in remedies) for n in ("runs", "recovered"))
    about = _("{recovered} of {runs} recovered").format(
        recovered=recovered, runs=_n("{count} run", "{count} runs", runs).format(count=runs)
    )
    return Chart(
        "remedies",
        _("What became of remedies"),
        about,
        _("remedy"),
        tuple(map(clean, labels)),
        tuple(each for each in series if any(each.values)),
    )


def _left_alone(found: tuple[LeftAlone, ...]) -> Chart:
    """How often each guard or limit left a VM alone."""
    ordered = sorted(found, key=lambda each: -each.times)
    head, rest = ordered[:BARS], ordered[BARS:]
    labels = [clean(each.guard) if each.guard else _("other") for each in head]
    values = [each.times for each in head]
    if rest:
        labels.append(_("{count} others").format(count=len(rest)))
        values.append(sum(each.times for each in rest))
    most = ordered[0]
    about = _("{guard}: {times}, {vms}, last {last}").format(
        guard=labels[0],
        times=_n("once", "{count} times", most.times).format(count=most.times),
        vms=vms(most.vms),
        last=shown(most.last),
    )
    return Chart(
        "limits",
        _("Left alone by limits and guards, in scans"),
        about,
        _("guard or limit"),
        tuple(labels),
        (Series(_("times left alone"), "quiet", tuple(values)),),
    )
