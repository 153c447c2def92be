"""The backup policy: how it backs up, when, and what it keeps.

Sources: "Back up an Azure VM using Enhanced policy"; "Get improved backup and restore performance
with Azure Backup Instant Restore capability"; the examples of the REST API.
"""

import re
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime

from remediator.ids import folded
from remediator.value import Value

_NUMBER = re.compile(r"[0-9]+")

_LAG: Final = 3
"""So many points more than the retention asks for may exist, until Azure has cleaned up."""

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Consistency(StrEnum):
    """What a policy asks for: `snapshotConsistencyType` of an enhanced policy, or its absence."""

    APPLICATION = "application-consistent if possible"
    CRASH = "only crash-consistent"


class Hourly(Value):
    """The schedule of an enhanced policy that backs up several times a day."""

    interval: int
    """Hours between two backups."""
    begins: AwareDatetime
    """The first backup of a day. Only the time of day counts; it is in UTC in every policy."""
    lasts: int
    """For how many hours of a day backups begin."""

    @property
    def runs_a_day(self) -> int:
        """The most backups of a day: one may begin at the end of a window (not documented)."""
        full, rest = divmod(self.lasts, self.interval)
        return full + (1 if rest or self.lasts < 24 else 0)


class Policy(Value):
    """The parts of a backup policy that matter here."""

    id: str
    enhanced: bool = False
    """Whether `policyType` is V2. A policy that does not tell its type is a standard one (recorded
    of old policies)."""
    frequency: str | None = None
    """Such as `Daily`, `Weekly`, `Hourly`. None when the policy does not tell."""
    hourly: Hourly | None = None
    run_times: tuple[AwareDatetime, ...] = ()
    """When a daily or weekly policy runs. Only the time of day counts."""
    run_days: tuple[str, ...] = ()
    """The days of a weekly policy, such as `Sunday`."""
    in_utc: bool = False
    """Whether the policy says that its times are in UTC."""
    consistency: Consistency | None = None
    """None when the policy has a value that is not understood."""
    instant_retention_days: int | None
    group_prefix: str | None
    group_suffix: str | None

    def names_group(self, group: str) -> bool:
        """Whether a group's name follows the customised pattern PREFIX n SUFFIX."""
        prefix, suffix = folded(self.group_prefix or ""), folded(self.group_suffix or "")
        name = folded(group)
        middle = name[len(prefix) : len(name) - len(suffix)]
        return bool(prefix) and name == prefix + middle + suffix and bool(_NUMBER.fullmatch(middle))

    @property
    def most_points(self) -> int | None:
        """The most instant restore points that the policy explains. None when it does not tell."""
        days = self.instant_retention_days
        match (self.frequency or "").lower():
            case "hourly" if days and self.hourly:
                return days * self.hourly.runs_a_day + _LAG
            case "daily" if days:
                return days + _LAG
            case "weekly" if days and self.run_days:
                weeks = -(-days // 7)
                return weeks * len(self.run_days) + _LAG
            case _:
                return None

    def next_run(self, after: datetime) -> datetime | None:
        """When the next scheduled backup begins. None when the policy does not tell it in UTC."""
        match (self.frequency or "").lower():
            case "hourly" if self.hourly:
                starts = _within(self.hourly)
            case "daily" | "weekly" if self.in_utc:
                starts = tuple(timedelta(hours=t.hour, minutes=t.minute) for t in self.run_times)
            case _:
                return None
        weekly = (self.frequency or "").lower() == "weekly"
        days = {folded(day) for day in self.run_days} if weekly else set(_DAYS)
        midnight = datetime.combine(after.astimezone(UTC).date(), time(), UTC)
        found = (
            day + start
            for day in (midnight + timedelta(days=n) for n in range(-1, 8))
            if _DAYS[day.weekday()] in days
            for start in starts
        )
        return min((each for each in found if each > after), default=None)


def _within(hourly: Hourly) -> tuple[timedelta, ...]:
    """The starts of a day's window, counted from midnight. A window may reach into the next day."""
    first = timedelta(hours=hourly.begins.hour, minutes=hourly.begins.minute)
    return tuple(first + timedelta(hours=h) for h in range(0, hourly.lasts, hourly.interval))
