"""The backup policy of the protected item."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Absent, Known, Policy, Readings, Source, Thing, Unknown
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
    """A backup policy."""
    properties = dig(body, "properties")
    run = text(properties, "schedulePolicy", "scheduleRunFrequency")
    days = dig(properties, "instantRpRetentionRangeInDays")
    return Policy(
        id=text(body, "id"),
        frequency=run or None,
        instant_retention_days=days if isinstance(days, int) else None,
        group_prefix=text(properties, "instantRPDetails", "azureBackupRGNamePrefix") or None,
        policy_type=text(properties, "policyType") or None,
        group_suffix=text(properties, "instantRPDetails", "azureBackupRGNameSuffix") or None,
    )
