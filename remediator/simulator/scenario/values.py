"""Times and durations, as a person writes them in a scenario."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, GetPydanticSchema
from pydantic_core import core_schema

from remediator.simulator.times import seconds_of


def _seconds(value: Any) -> Any:
    return seconds_of(value) if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds)]
"""``90s``, ``20m``, ``1h30m``, ``2d``, or a number of seconds."""


@dataclass(frozen=True)
class Moment:
    """A time: absolute, or relative to the scenario's beginning."""

    instant: datetime | None = None
    offset: timedelta = timedelta()

    def at(self, now: datetime) -> datetime:
        """Return the time, seen from ``now``."""
        return self.instant if self.instant is not None else now + self.offset


def _moment(value: Any) -> Moment:
    if isinstance(value, Moment):
        return value
    if isinstance(value, datetime):
        return Moment(value if value.tzinfo else value.replace(tzinfo=UTC))
    text = str(value).strip()
    if text == "now":
        return Moment()
    if text.endswith(" ago"):
        return Moment(offset=-timedelta(seconds=seconds_of(text.removesuffix(" ago"))))
    if text.startswith("in "):
        return Moment(offset=timedelta(seconds=seconds_of(text.removeprefix("in "))))
    try:
        return _moment(datetime.fromisoformat(text))
    except ValueError as error:
        message = f"not a time: {text!r} (write 3h ago, in 20m, now, or 2026-11-20T06:00:00Z)"
        raise ValueError(message) from error


When = Annotated[
    Moment,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_plain_validator_function(_moment)
    ),
]
"""``3h ago``, ``in 20m``, ``now`` or an ISO time."""
