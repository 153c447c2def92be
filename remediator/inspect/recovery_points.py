"""Recovery points: the points that the vault can restore, and their tiers."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from remediator.facts import (
    Absent,
    Fact,
    Known,
    Readings,
    RecoveryPoint,
    Source,
    Thing,
    Tier,
    Unknown,
)
from remediator.inspect.wire import dig, items, moment, text
from remediator.reading import Api, Query, Reader

# Real traffic carries integers where the specification says strings. An integer is the position in
# the specification's enum. Both forms are accepted; any other value counts as not valid.
_TIERS: Final[dict[object, Tier]] = {
    1: Tier.INSTANT,
    2: Tier.VAULT,
    3: Tier.ARCHIVE,
    "instantrp": Tier.INSTANT,
    "hardenedrp": Tier.VAULT,
    "archivedrp": Tier.ARCHIVE,
}
_VALID: Final[tuple[object, ...]] = (1, "valid")


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[RecoveryPoint, ...]]:
    """Read all recovery points of the protected item."""
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Absent():
            return Unknown(
                "the vault does not protect this VM, so its recovery points are not known"
            )
        case Known(value=item):
            query = Query(api=Api.BACKUP, path=f"{item.id}/recoveryPoints")
            rows, answer = await reader.pages(query)
            if any(is_in_use(row) and parse(row) is None for row in rows):
                return Unknown(f"a point in use does not say when it was made ({query})")
            found = tuple(point for row in rows if (point := parse(row)))
            return Known(found, str(query), answer.at)


def parse(row: dict[str, Any]) -> RecoveryPoint | None:
    """A recovery point. None for one without a time, because it can prove nothing."""
    time = moment(row, "properties", "recoveryPointTime")
    if time is None:
        return None
    valid = {
        tier
        for detail in items(row, "properties", "recoveryPointTierDetails")
        if _word(detail.get("status")) in _VALID
        and (tier := _TIERS.get(_word(detail.get("type")))) is not None
    }
    return RecoveryPoint(
        id=text(row, "id") or None,
        time=time,
        consistency=text(row, "properties", "recoveryPointType") or "unknown consistency",
        valid=frozenset(valid),
        in_use=is_in_use(row),
    )


def is_in_use(row: dict[str, Any]) -> bool:
    """Whether a file recovery session is open on a recovery point."""
    return dig(row, "properties", "isInstantIlrSessionActive") is True


def _word(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return value.lower() if isinstance(value, str) else value
