"""The numbers of a history, from its failures and incidents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, median
from typing import Final

from remediator.report.history import (
    By,
    Head,
    Incident,
    IncidentState,
    Part,
    RecoveryTimes,
    Recurring,
)
from remediator.report.incidents import Failure, Place

MOST_PARTS: Final = 5000
"""The most days or weeks of a trend. A date that makes no sense must not fill the memory."""

Counted = Sequence[tuple[str, Failure]]
"""The failures of the period, each with the key of its VM."""


def head_of(failures: Counted, found: Iterable[Incident]) -> Head:
    """The numbers that are read first."""
    states = Counter(each.state for each in found)
    return Head(
        failures=len(failures),
        vms=len({vm for vm, _failure in failures}),
        incidents=states.total(),
        recovered=states[IncidentState.RECOVERED],
        settled=states[IncidentState.SETTLED],
        open=states[IncidentState.OPEN],
    )


def times_of(found: Iterable[Incident]) -> RecoveryTimes:
    """The times to recovery."""
    recovered = [each for each in found if each.state is IncidentState.RECOVERED]
    known = [each.seconds for each in recovered if each.seconds is not None]
    return RecoveryTimes(
        measured=len(known),
        by_run=sum(each.measured_by == "run" for each in recovered),
        by_record=sum(each.measured_by == "record" for each in recovered),
        by_scan=sum(each.measured_by == "scan" for each in recovered),
        unmeasured=len(recovered) - len(known),
        mean=fmean(known) if known else None,
        median=median(known) if known else None,
        longest=max(known, default=None),
    )


def recurring(
    failures: Counted, found: Iterable[tuple[str, Incident]], places: Mapping[str, Place]
) -> tuple[Recurring, ...]:
    """The failures by VM and code, the most frequent first, then the newest.

    Args:
        failures: the failures.
        found: the incidents, each with the key of its VM.
        places: the VMs by their keys.
    """
    groups: defaultdict[tuple[str, str | None], list[Failure]] = defaultdict(list)
    for vm, failure in failures:
        groups[vm, failure.code].append(failure)
    seen: defaultdict[tuple[str, str | None], list[Incident]] = defaultdict(list)
    for vm, each in found:
        for code in each.codes or (None,):
            seen[vm, code].append(each)
    rows = (_group(places[vm], code, jobs, seen[vm, code]) for (vm, code), jobs in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.failures, -row.last.timestamp(), row.vm)))


def _group(
    place: Place, code: str | None, jobs: Sequence[Failure], within: Sequence[Incident]
) -> Recurring:
    known = [each.seconds for each in within if each.seconds is not None]
    return Recurring(
        vm=place.vm,
        vm_id=place.vm_id,
        vault=place.vault,
        subscription=place.subscription,
        code=code,
        failures=len(jobs),
        first=min(job.at for job in jobs),
        last=max(job.at for job in jobs),
        incidents=len(within),
        recovered=sum(each.state is IncidentState.RECOVERED for each in within),
        open=any(each.state is IncidentState.OPEN for each in within),
        median=median(known) if known else None,
    )


def trend(
    by: By, failures: Counted, found: Iterable[Incident], began: Mapping[date, int]
) -> tuple[Part, ...]:
    """The days or weeks from the first to the last in which something happened."""
    failed: defaultdict[date, list[str]] = defaultdict(list)
    for vm, failure in failures:
        failed[_start(by, _day(failure.at))].append(vm)
    recovered = Counter(
        _start(by, _day(each.recovered_at))
        for each in found
        if each.state is IncidentState.RECOVERED and each.recovered_at is not None
    )
    runs: Counter[date] = Counter()
    for day, count in began.items():
        runs[_start(by, day)] += count
    touched = {*failed, *recovered, *runs}
    if not touched:
        return ()
    step = timedelta(days=7 if by == "week" else 1)
    count = min((max(touched) - min(touched)) // step + 1, MOST_PARTS)
    return tuple(
        Part(
            start=(start := min(touched) + number * step),
            failures=len(failed[start]),
            vms=len(set(failed[start])),
            recovered=recovered[start],
            runs=runs[start],
        )
        for number in range(count)
    )


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _start(by: By, day: date) -> date:
    """The day, or the Monday of its week."""
    return day - timedelta(days=day.weekday()) if by == "week" else day
