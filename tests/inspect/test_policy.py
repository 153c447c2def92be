"""The parts of a backup policy: both types, every schedule, and answers that lack something."""

from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.facts import Consistency
from remediator.inspect.policy import parse

AT = "2021-12-17T08:00:00Z"
NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)  # a Wednesday


def policy(schedule: Any, **rest: Any) -> dict[str, Any]:
    return {"id": "/p", "properties": {"schedulePolicy": schedule, "timeZone": "UTC", **rest}}


def hourly(interval: Any = 4, lasts: Any = 24, begins: Any = AT) -> dict[str, Any]:
    told = {
        "interval": interval,
        "scheduleWindowStartTime": begins,
        "scheduleWindowDuration": lasts,
    }
    return {"scheduleRunFrequency": "Hourly", "hourlySchedule": told}


@pytest.mark.parametrize(
    ("interval", "lasts", "days", "most"),
    [(4, 24, 17, 105), (6, 24, 22, 91), (12, 24, 30, 63), (4, 16, 2, 13), (4, 23, 1, 9)],
)
def test_how_many_points_an_hourly_policy_explains(
    interval: int, lasts: int, days: int, most: int
) -> None:
    found = parse(policy(hourly(interval, lasts), instantRpRetentionRangeInDays=days))
    assert found.most_points == most


@pytest.mark.parametrize(
    ("told", "enhanced"), [("V2", True), ("V1", False), ("", False), (None, False), (2, False)]
)
def test_a_policy_that_does_not_tell_its_type_is_a_standard_one(told: Any, enhanced: bool) -> None:
    assert parse(policy({}, policyType=told)).enhanced is enhanced
    assert parse(policy({})).enhanced is False


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("OnlyCrashConsistent", Consistency.CRASH),
        (None, Consistency.APPLICATION),
        ("", Consistency.APPLICATION),
        ("Something", None),
        (1, None),
    ],
)
def test_only_the_known_word_means_crash_consistent(told: Any, found: Consistency | None) -> None:
    assert parse(policy({}, snapshotConsistencyType=told)).consistency is found


@pytest.mark.parametrize(
    ("schedule", "day", "hour"),
    [
        (hourly(), 14, 16),
        (hourly(6, 12), 14, 14),
        (hourly(8, 8), 15, 8),
        ({"scheduleRunFrequency": "Daily", "scheduleRunTimes": [AT]}, 15, 8),
        (
            {
                "scheduleRunFrequency": "Daily",
                "dailySchedule": {"scheduleRunTimes": ["2026-01-01T13:30:00Z"]},
            },
            14,
            13,
        ),
        (
            {
                "scheduleRunFrequency": "Weekly",
                "scheduleRunDays": ["Sunday", "Tuesday"],
                "scheduleRunTimes": [AT],
            },
            18,
            8,
        ),
        (
            {
                "scheduleRunFrequency": "Weekly",
                "weeklySchedule": {"scheduleRunDays": ["Wednesday"], "scheduleRunTimes": [AT]},
            },
            21,
            8,
        ),
    ],
)
def test_the_next_run(schedule: dict[str, Any], day: int, hour: int) -> None:
    found = parse(policy(schedule)).next_run(NOON)
    assert found is not None
    assert (found.day, found.hour) == (day, hour)


@pytest.mark.parametrize("zone", [None, "", "Pacific Standard Time", 0])
def test_times_of_another_zone_are_not_told(zone: Any) -> None:
    daily = {"scheduleRunFrequency": "Daily", "scheduleRunTimes": [AT]}
    assert parse(policy(daily, timeZone=zone)).next_run(NOON) is None
    assert parse(policy(hourly(), timeZone=zone)).next_run(NOON) is not None


@pytest.mark.parametrize("odd", [None, "", "x", 0, -4, 25, True, [], {}, 4.5])
@pytest.mark.parametrize("field", ["interval", "lasts", "begins"])
def test_an_hourly_schedule_that_makes_no_sense_says_nothing(field: str, odd: Any) -> None:
    found = parse(policy(hourly(**{field: odd}), instantRpRetentionRangeInDays=7))
    assert (found.hourly, found.most_points, found.next_run(NOON)) == (None, None, None)


@pytest.mark.parametrize("odd", [None, "", 7, [], {}, [None], [7], ["x"]])
@pytest.mark.parametrize("frequency", ["Daily", "Weekly", "Hourly", None, 3])
def test_an_odd_schedule_is_read_without_complaint(frequency: Any, odd: Any) -> None:
    for place in ("dailySchedule", "weeklySchedule", "hourlySchedule", "scheduleRunTimes"):
        body = policy({"scheduleRunFrequency": frequency, place: odd, "scheduleRunDays": odd})
        assert parse(body).next_run(NOON) is None
    assert parse(policy(odd)).next_run(NOON) is None
    assert parse({"properties": odd}).next_run(NOON) is None
