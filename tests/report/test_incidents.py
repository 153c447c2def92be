"""From failures and signs of recovery to incidents: which end counts, and what stays unknown."""

from datetime import UTC, datetime, timedelta

import pytest

from remediator.report.history import Incident, IncidentState
from remediator.report.incidents import Failure, Place, Recovery, incidents
from remediator.report.totals import MOST_PARTS, head_of, recurring, times_of, trend

WEB = Place("web", None, "vault", "s")
BEGAN = datetime(2026, 1, 5, 22, tzinfo=UTC)


def at(hours: float) -> datetime:
    return BEGAN + timedelta(hours=hours)


def failed(hours: float, code: str | None = "A", *, known: bool = True) -> Failure:
    return Failure(code, at(hours), known)


def by_run(hours: float, run_id: str = "run-1") -> Recovery:
    return Recovery(at(hours), at(hours), "run", run_id)


def by_scan(hours: float) -> Recovery:
    return Recovery(at(hours), at(hours), "scan")


def only_seen(after: float, seen: float) -> Recovery:
    return Recovery(at(after), at(seen), None)


def found(failures: list[Failure], *signs: Recovery) -> list[Incident]:
    return list(incidents(WEB, failures, signs))


def test_an_incident_goes_from_its_first_failure_to_the_recovery() -> None:
    [incident] = found([failed(24, "B"), failed(0)], by_run(26))
    assert (incident.failures, incident.codes) == (2, ("A", "B"))
    assert (incident.state, incident.seconds) == (IncidentState.RECOVERED, 26 * 3600)
    assert (incident.measured_by, incident.run_id) == ("run", "run-1")


def test_a_failure_after_a_recovery_begins_another_incident() -> None:
    first, second = found([failed(0), failed(48)], by_run(2))
    assert (first.state, second.state) == (IncidentState.RECOVERED, IncidentState.OPEN)
    assert (second.seconds, second.recovered_at) == (None, None)


def test_a_recovery_before_the_first_failure_ends_nothing() -> None:
    [incident] = found([failed(10)], by_run(2))
    assert incident.state is IncidentState.OPEN


@pytest.mark.parametrize(
    ("signs", "hours", "by"),
    [
        ((by_run(5), by_scan(3)), 5, "run"),
        ((by_scan(9), by_scan(3)), 3, "scan"),
        ((by_scan(4), only_seen(0, 8)), 4, "scan"),
        ((by_scan(9), only_seen(0, 8)), None, None),
        ((only_seen(0, 8), by_run(9)), 9, "run"),
    ],
)
def test_of_several_signs_the_followed_job_counts_then_the_earliest(
    signs: tuple[Recovery, ...], hours: float | None, by: str | None
) -> None:
    [incident] = found([failed(0)], *signs)
    assert incident.state is IncidentState.RECOVERED
    assert incident.seconds == (None if hours is None else hours * 3600)
    assert incident.measured_by == by


def test_a_recovery_that_was_only_seen_lies_before_a_failure_that_it_did_not_see() -> None:
    """The job that fails later was still running when the scan looked."""
    first, second = found([failed(0), failed(7)], only_seen(0, 8))
    assert (first.state, second.state) == (IncidentState.RECOVERED, IncidentState.OPEN)


def test_without_the_moment_of_the_first_failure_no_time_is_known() -> None:
    [incident] = found([failed(0, known=False)], by_run(2))
    assert (incident.state, incident.seconds, incident.measured_by) == ("recovered", None, None)


def test_what_settled_has_no_time_to_recovery() -> None:
    settled = Recovery(at(0), at(1), None, "run-1", settled=True)
    [incident] = found([failed(0)], settled)
    assert (incident.state, incident.seconds) == (IncidentState.SETTLED, None)


def test_times_count_only_what_is_known() -> None:
    told = found([failed(0)], by_run(1)) + found([failed(0)], by_scan(3))
    told += found([failed(0)], only_seen(0, 9)) + found([failed(0)])
    times = times_of(told)
    assert (times.measured, times.by_run, times.by_scan, times.unmeasured) == (2, 1, 1, 1)
    assert (times.median, times.mean, times.longest) == (7200, 7200, 10800)
    head = head_of([("web", failed(0))] * 4, told)
    assert (head.failures, head.vms, head.incidents) == (4, 1, 4)
    assert (head.recovered, head.open) == (3, 1)
    assert times_of([]).median is None


def test_the_most_frequent_failures_come_first() -> None:
    failures = [failed(0), failed(2, "B"), failed(24), failed(25, None)]
    told = found(failures, by_run(26))
    incidents_of = [("web", each) for each in told]
    rows = recurring([("web", each) for each in failures], incidents_of, {"web": WEB})
    assert [(row.code, row.failures) for row in rows] == [("A", 2), (None, 1), ("B", 1)]
    assert (rows[0].first, rows[0].last) == (at(0), at(24))
    assert (rows[0].incidents, rows[0].recovered, rows[0].open) == (1, 1, False)


def test_a_restore_that_fails_with_the_code_of_a_backup_has_its_own_incidents() -> None:
    backups, restores = [failed(0)], [failed(1)]
    counted = [("web", backups[0]), ("web#restore", restores[0])]
    [good], [still] = found(backups, by_run(2)), found(restores)
    ended = [("web", good), ("web#restore", still)]
    rows = recurring(counted, ended, {"web": WEB, "web#restore": WEB})
    assert [(row.incidents, row.recovered, row.open) for row in rows] == [
        (1, 0, True),
        (1, 1, False),
    ]


def test_a_trend_has_no_holes_and_its_weeks_begin_on_monday() -> None:
    failures = [("web", failed(0)), ("web", failed(1)), ("db", failed(15 * 24))]
    told = found([failed(0)], by_run(3))
    weeks = trend("week", failures, told, {BEGAN.date(): 2})
    assert [(f"{each.start}", each.failures, each.vms) for each in weeks] == [
        ("2026-01-05", 2, 1),
        ("2026-01-12", 0, 0),
        ("2026-01-19", 1, 1),
    ]
    assert (weeks[0].runs, weeks[0].recovered) == (2, 1)
    days = trend("day", failures, told, {})
    assert (len(days), days[1].recovered) == (16, 1)
    far = [*failures, ("web", Failure("A", datetime(9999, 1, 1, tzinfo=UTC), known=True))]
    assert len(trend("day", far, told, {})) == MOST_PARTS
    assert trend("day", [], [], {}) == ()
