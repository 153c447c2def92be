"""How Azure writes times and durations. Each service has its own way."""

import re
from datetime import UTC, datetime, timedelta

NEVER_BACKED_UP = "2001-01-01T00:00:00Z"
NO_END_YET = "0001-01-01T00:00:00"

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?"
    r"(?:(\d+(?:\.\d+)?)s)?"
)
_CLOCK_LITERAL = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d?):(\d\d):(\d\d) ([AP]M)", re.IGNORECASE)


def seconds_of(text: str) -> float:
    """Parse ``90s``, ``2m``, ``1h30m`` or ``2d`` into seconds."""
    match = _DURATION.fullmatch(text.strip().replace(" ", ""))
    if not text.strip() or match is None or not any(match.groups()):
        message = f"not a duration: {text!r} (write 90s, 20m, 1h30m or 2d)"
        raise ValueError(message)
    return sum(
        float(number) * unit
        for number, unit in zip(match.groups(), _UNITS.values(), strict=True)
        if number
    )


def seven_decimals(when: datetime) -> str:
    """Write a time as Recovery Services does: ``2021-01-16T16:45:22.1851122Z``.

    Recordings have up to seven decimals, and never a zero at their end (1,200 times).
    """
    return _trimmed(when) + "Z"


def with_offset(when: datetime) -> str:
    """Write a time as Compute does: ``2021-01-16T15:41:02.1640818+00:00``, without final zeros."""
    return _trimmed(when) + "+00:00"


def _trimmed(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")


def whole_seconds(when: datetime) -> str:
    """Write a time without a fraction, as the guest agent does."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def us_style(when: datetime) -> str:
    """Write a time as property bags do: ``2/15/2021 12:00:00 AM``."""
    utc = when.astimezone(UTC)
    clock = utc.strftime("%I:%M:%S %p").lstrip("0")
    return f"{utc.month}/{utc.day}/{utc.year} {clock}"


def http_date(when: datetime) -> str:
    """Write a time as the HTTP ``Date`` header does."""
    utc = when.astimezone(UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[utc.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day}, {utc.day:02} {month[utc.month - 1]} {utc.year} {utc:%H:%M:%S} GMT"


def iso_duration(span: timedelta) -> str:
    """Write a duration as jobs do: ``PT1H30M43.0389111S``."""
    total = max(span, timedelta()).total_seconds()
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    text = "PT"
    if hours:
        text += f"{int(hours)}H"
    if hours or minutes:
        text += f"{int(minutes)}M"
    fraction = f"{seconds:.7f}".rstrip("0").rstrip(".")
    return f"{text}{fraction}S"


def clock_literal(text: str) -> datetime:
    """Parse the literal of a job filter: ``2026-01-31 00:00:00 AM``.

    Azure's own examples write midnight both as ``12:00:00 AM`` and as ``00:00:00 AM``.
    """
    match = _CLOCK_LITERAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if match.group(7).upper() == "AM":
        hour = 0 if hour == 12 else hour
    elif hour < 12:
        hour += 12
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
