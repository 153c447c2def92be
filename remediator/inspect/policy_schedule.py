"""The schedule of a backup policy. Standard and enhanced policies write it differently."""

from datetime import datetime
from typing import Any, Final

from remediator.facts import Hourly
from remediator.inspect.wire import dig, moment, text

_PLACES: Final = {"daily": "dailySchedule", "weekly": "weeklySchedule"}
"""The part of an enhanced policy's schedule that a frequency uses. A standard policy has no such
part: its times and days stand in the schedule itself."""


def hourly(schedule: object) -> Hourly | None:
    """The hourly schedule. None if it is not told in full, or makes no sense."""
    told = dig(schedule, "hourlySchedule")
    interval, lasts = dig(told, "interval"), dig(told, "scheduleWindowDuration")
    begins = moment(told, "scheduleWindowStartTime")
    if begins is None or not (_is_hours(interval) and _is_hours(lasts)):
        return None
    return Hourly(interval=interval, begins=begins, lasts=lasts)


def run_times(schedule: object) -> tuple[datetime, ...]:
    """The times of a daily or a weekly schedule. Only their time of day counts."""
    found = dig(_part(schedule), "scheduleRunTimes")
    times = (moment({"at": each}, "at") for each in (found if isinstance(found, list) else ()))
    return tuple(each for each in times if each)


def run_days(schedule: object) -> tuple[str, ...]:
    """The days of a weekly schedule."""
    found = dig(_part(schedule), "scheduleRunDays")
    return tuple(day for day in (found if isinstance(found, list) else ()) if isinstance(day, str))


def _part(schedule: object) -> object:
    place = _PLACES.get(text(schedule, "scheduleRunFrequency").lower())
    return (dig(schedule, place) if place else None) or schedule


def _is_hours(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 24
