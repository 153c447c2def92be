"""Maintenance windows: `Sat 22:00-04:00 Europe/Berlin`."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from remediator.errors import BadInputError
from remediator.value import Value

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHAPE = re.compile(
    r"(?:(?P<days>[A-Za-z,\-]+)\s+)?(?P<begin>\d\d:\d\d)\s*-\s*(?P<end>\d\d:\d\d)(?:\s+(?P<zone>\S+))?"
)
_FORM: Final = "DAYS HH:MM-HH:MM ZONE, such as 'Sat 22:00-04:00 Europe/Berlin'"


class Window(Value):
    """A span of time that repeats each week. It belongs to the day on which it begins."""

    said: str
    days: tuple[int, ...]
    """Monday is 0."""
    begin: time
    end: time
    """If it is not later than `begin`, it is on the next day. Midnight is written 00:00 or
    24:00."""
    zone: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a window. Days: `Sat`, `Sat,Sun`, `Mon-Fri`; none: every day. Zone: none is UTC.

        Raises:
            BadInputError: it is no window, or this machine does not know the zone.
        """
        found = _SHAPE.fullmatch(text.strip())
        if found is None:
            raise BadInputError(f"--window {text!r} is not {_FORM}")
        begin, end = _time(text, found["begin"]), _time(text, found["end"])
        if begin == end and found["end"] != "24:00":
            raise BadInputError(f"--window {text!r} has no length; all day is 00:00-24:00")
        zone = found["zone"] or "UTC"
        try:
            ZoneInfo(zone)
        except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
            raise BadInputError(f"--window {text!r}: {zone!r} is not a time zone") from None
        except KeyError:
            raise BadInputError(
                f"--window {text!r}: this machine knows no time zone {zone!r}; they are named "
                "as Europe/Berlin"
            ) from None
        return cls(
            said=text.strip(),
            days=tuple(sorted(_days(text, found["days"]))),
            begin=begin,
            end=end,
            zone=zone,
        )

    def is_open(self, now: datetime) -> bool:
        """Whether a moment lies inside the window."""
        return any(begin <= now < end for begin, end in self._spans(now, range(-1, 1)))

    def opens(self, now: datetime) -> datetime:
        """When the window opens next, in UTC."""
        return min(begin for begin, _ in self._spans(now, range(9)) if begin > now)

    def _spans(self, now: datetime, days: range) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin so many days after the day of `now`, in the window's zone."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        for offset in days:
            day = today + timedelta(days=offset)
            if day.weekday() in self.days:
                over = 1 if self.end <= self.begin else 0
                yield self._at(day, self.begin), self._at(day + timedelta(days=over), self.end)

    def _at(self, day: date, at: time) -> datetime:
        # Converted to UTC before any comparison: on days when clocks change, hours differ in
        # length.
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)


def _time(text: str, told: str) -> time:
    if told == "24:00":
        return time()
    try:
        return time.fromisoformat(told)
    except ValueError:
        raise BadInputError(f"--window {text!r}: {told} is not a time of day") from None


def _days(text: str, told: str | None) -> Iterator[int]:
    if told is None:
        yield from range(7)
        return
    for part in told.lower().split(","):
        first, dash, last = part.partition("-")
        names = (first, last) if dash else (first,)
        unknown = [name for name in names if name not in _DAYS]
        if unknown:
            raise BadInputError(
                f"--window {text!r}: {unknown[0]!r} is not one of {', '.join(_DAYS)}"
            )
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        yield from (day % 7 for day in range(begin, end + (1 if end >= begin else 8)))
