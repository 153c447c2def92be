"""Pictures of many rows: failures by code, by place, and the age of the last good points."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from remediator.language import _, marked
from remediator.report.summary import Row, Summary
from remediator.views.html.kinds import KIND, LABEL, TONE
from remediator.views.html.page import Chart, Series, Tone
from remediator.views.html.shown import clean

BARS: Final = 10
"""How many labels a picture shows, the largest. The rest are one bar."""

FEW: Final = 2
"""Of fewer rows there is no picture: the table tells the same."""

_AGES: Final = (
    (24, marked("up to 1 day")),
    (48, marked("1 to 2 days")),
    (96, marked("2 to 4 days")),
    (168, marked("4 to 7 days")),
    (336, marked("1 to 2 weeks")),
    (720, marked("2 to 4 weeks")),
    (float("inf"), marked("more than 4 weeks")),
)
"""The ages of the newest recovery points, each up to so many hours."""


def pictures(summary: Summary) -> Iterator[Chart]:
    """The pictures that the rows are enough for."""
    rows = tuple(row for row in summary.rows if row.counts)
    failed = tuple(row for row in rows if not row.well and (row.vm or row.job))
    if len(rows) < FEW:
        return
    if failed:
        yield _counted(
            "code", _("Failures by code"), _("code"), failed, lambda row: clean(row.code or "")
        )
    if any(row.last_good for row in rows):
        yield _ages(rows, summary.ended)
    if failed:
        yield from _of_places(failed)


def _of_places(failed: tuple[Row, ...]) -> Iterator[Chart]:
    """The pictures of subscriptions and vaults. One subscription alone says nothing."""
    if len({row.subscription for row in failed}) > 1:
        yield _counted(
            "subscription",
            _("Failures by subscription"),
            _("subscription"),
            failed,
            lambda row: clean(row.subscription),
        )
    if any(row.vault for row in failed):
        yield _counted("vault", _("Failures by vault"), _("vault"), failed, vault_name)


def vault_name(row: Row) -> str:
    """The name of a row's vault. Empty if the row has none."""
    return clean(row.vault.rsplit("/", 1)[-1])


def _counted(
    name: str, title: str, of: str, rows: tuple[Row, ...], label: Callable[[Row], str]
) -> Chart:
    """Bars of how many rows have a label, coloured by what is to be done about them."""
    unknown = _("not known")
    totals = Counter(label(row) for row in rows)
    shown = [each for each, _count in totals.most_common(BARS)]
    rest = len(totals) - len(shown)
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        told = label(row)
        counted[KIND[row.standing], told if told in shown else _REST] += 1
    keys = (*shown, _REST) if rest else tuple(shown)
    series = tuple(
        Series(_(LABEL[kind]), tone, tuple(counted[kind, key] for key in keys))
        for kind, tone in TONE.items()
        if any(counted[kind, key] for key in keys)
    )
    labels = [each or unknown for each in shown]
    if rest:
        labels.append(_("{count} others").format(count=rest))
    most = _("{count} of {all} failures: {label}").format(
        count=f"{totals[shown[0]]:,}", all=f"{len(rows):,}", label=labels[0]
    )
    return Chart(name, title, most, of, tuple(labels), series, filters=name)


_REST: Final = "\n"
"""The key of all labels that have no bar of their own. No label that is shown has a line end."""


def _ages(rows: Iterable[Row], now: datetime) -> Chart:
    """How old the newest recovery points are, and whether the policy promises newer ones."""
    labels = (*(_(label) for _limit, label in _AGES), _("no point known"))
    counted: Counter[tuple[str, int]] = Counter()
    for row in rows:
        if row.last_good is not None:
            hours = (now - row.last_good).total_seconds() / 3600
            place = next(n for n, (limit, _label) in enumerate(_AGES) if hours <= limit)
            counted[_promise(row.overdue_hours), place] += 1
        elif not row.well and (row.vm or row.job):
            counted["none", len(_AGES)] += 1
    kinds: tuple[tuple[str, str, Tone], ...] = (
        ("kept", _("within the policy's promise"), "good"),
        ("broken", _("older than the policy promises"), "bad"),
        ("unknown", _("the promise is not known"), "quiet"),
        ("none", _("no point known"), "unread"),
    )
    series = tuple(
        Series(label, tone, tuple(counted[kind, place] for place in range(len(labels))))
        for kind, label, tone in kinds
        if any(counted[kind, place] for place in range(len(labels)))
    )
    late = sum(count for (kind, _place), count in counted.items() if kind == "broken")
    about = _("{count} of {all} VMs have no point as new as their policy promises").format(
        count=f"{late:,}", all=f"{counted.total():,}"
    )
    return Chart(
        "age", _("Age of the last good point"), about, _("age"), labels, series, upright=True
    )


def _promise(overdue: float | None) -> str:
    if overdue is None:
        return "unknown"
    return "broken" if overdue > 0 else "kept"
