"""The backup policy of the protected item."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import (
    Absent,
    Consistency,
    Known,
    Policy,
    Readings,
    Source,
    Thing,
    Unknown,
)
from remediator.inspect.policy_schedule import hourly, run_days, run_times
from remediator.inspect.wire import dig, text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[Policy]:
    """Read the policy that the item names."""
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Absent() as absent:
            return absent
        case Known(value=item, source=source, at=at):
            if item.policy_id is None:
                return Absent(source, at)
            query = Query(api=Api.BACKUP, path=item.policy_id)
            answer = await reader.get(query)
            if answer.body is None:
                return Absent(str(query), answer.at)
            return Known(parse(answer.body), str(query), answer.at)


def parse(body: dict[str, Any]) -> Policy:
    """A backup policy. One that does not tell its type is a Standard one.

    Recorded in 2024 and 2025: V2, V1 or nothing.
    """
    properties = dig(body, "properties")
    schedule = dig(properties, "schedulePolicy")
    days = dig(properties, "instantRpRetentionRangeInDays")
    return Policy(
        id=text(body, "id"),
        enhanced=text(properties, "policyType").upper() == "V2",
        frequency=text(schedule, "scheduleRunFrequency") or None,
        hourly=hourly(schedule),
        run_times=run_times(schedule),
        run_days=run_days(schedule),
        in_utc=text(properties, "timeZone").upper() == "UTC",
        consistency=_consistency(dig(properties, "snapshotConsistencyType")),
        instant_retention_days=days if isinstance(days, int) else None,
        group_prefix=text(properties, "instantRPDetails", "azureBackupRGNamePrefix") or None,
        group_suffix=text(properties, "instantRPDetails", "azureBackupRGNameSuffix") or None,
    )


def _consistency(told: object) -> Consistency | None:
    """What the policy asks for. Most policies do not tell it: then the usual one is meant."""
    if told in (None, ""):
        return Consistency.APPLICATION
    only_crash = isinstance(told, str) and told.lower() == "onlycrashconsistent"
    return Consistency.CRASH if only_crash else None
