"""Management locks: one list per subscription shows those of every scope in it."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, Known, Lock, Readings, Source, Thing, Unknown
from remediator.ids import lock_scope
from remediator.inspect.wire import items, text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Lock, ...]]:
    """Read all locks of the job's subscription. One that cannot be placed may be in the way."""
    query = Query(
        api=Api.LOCKS,
        path=f"/subscriptions/{about.subject.subscription}/providers/Microsoft.Authorization/locks",
    )
    rows, answer = await reader.pages(query)
    found = tuple(lock for row in rows if (lock := parse(row)))
    if len(found) < len(rows):
        return Unknown(f"{query} lists a lock without telling what it is on")
    return Known(found, str(query), answer.at)


def parse(row: dict[str, Any]) -> Lock | None:
    """A lock; None for a row that does not tell by its id what it is on.

    The id ends in the name, should that be missing.
    """
    try:
        scope = lock_scope(text(row, "id"))
    except ValueError:
        return None
    owners = (text(owner, "applicationId") for owner in items(row, "properties", "owners"))
    return Lock(
        id=text(row, "id"),
        name=text(row, "name") or text(row, "id").rsplit("/", 1)[-1],
        scope=scope,
        level=text(row, "properties", "level"),
        notes=text(row, "properties", "notes") or None,
        owners=tuple(owner or "unnamed" for owner in owners),
    )
