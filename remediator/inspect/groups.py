"""The subscription's resource groups, with their tags."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, Group, Known, Readings, Source, Thing
from remediator.inspect.wire import tags, text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Group, ...]]:
    """Read all resource groups of the VM's subscription."""
    query = Query(
        api=Api.RESOURCES, path=f"/subscriptions/{about.subject.subscription}/resourcegroups"
    )
    rows, answer = await reader.pages(query)
    return Known(tuple(map(parse, rows)), str(query), answer.at)


def parse(row: dict[str, Any]) -> Group:
    """A resource group. If the name is missing, it is taken from the end of the id."""
    return Group(
        id=text(row, "id"),
        name=text(row, "name") or text(row, "id").rsplit("/", 1)[-1],
        location=text(row, "location"),
        tags=tags(row),
    )
