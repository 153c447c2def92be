"""Management locks. One list per subscription shows the locks of every scope in it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from remediator.facts import Fact, Known, Lock, Readings, Source, Thing, Unknown
from remediator.ids import covers, lock_scope
from remediator.inspect.wire import items, text
from remediator.reading import Api, Query, Reader

_NAME: Final = re.compile(r"[^<>%&:\\?/\x00-\x1f\x7f]+")
"""The allowed names of a lock, as documented. Spaces are allowed."""


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Lock, ...]]:
    """Read all locks of the VM's subscription.

    A lock whose scope is not known may be in the way.
    """
    query = Query(
        api=Api.LOCKS,
        path=f"/subscriptions/{about.subject.subscription}/providers/Microsoft.Authorization/locks",
    )
    rows, answer = await reader.pages(query)
    subscription = f"/subscriptions/{about.subject.subscription}"
    parsed = (parse(row) for row in rows)
    found = tuple(lock for lock in parsed if lock and covers(subscription, lock.scope))
    if len(found) < len(rows):
        return Unknown(f"{query} lists a lock without saying on what it is")
    if untold := next((lock for lock in found if not lock.level), None):
        # The lock could not be put back as it was, and it may forbid more than deletion.
        return Unknown(f"{query} lists lock {untold.name} without saying its level")
    return Known(found, str(query), answer.at)


def parse(row: dict[str, Any]) -> Lock | None:
    """A lock. None for a row whose id does not tell what the lock is on.

    If the name is missing, it is taken from the end of the id.
    """
    try:
        scope = lock_scope(text(row, "id"))
    except ValueError:
        return None
    if not _NAME.fullmatch(text(row, "id")[len(scope) :].split("/", 4)[-1]):
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
