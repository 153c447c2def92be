"""The subscription's virtual networks and their subnets."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, Known, Readings, Source, Thing
from remediator.inspect.wire import items, text
from remediator.job.restore_needs import Network
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Network, ...]]:
    """Read all virtual networks of the VM's subscription."""
    query = Query(
        api=Api.NETWORK,
        path=f"/subscriptions/{about.subject.subscription}/providers"
        "/Microsoft.Network/virtualNetworks",
    )
    rows, answer = await reader.pages(query)
    return Known(tuple(map(parse, rows)), str(query), answer.at)


def parse(row: dict[str, Any]) -> Network:
    """A virtual network."""
    return Network(
        name=text(row, "name"),
        location=text(row, "location"),
        subnets=tuple(text(subnet, "name") for subnet in items(row, "properties", "subnets")),
    )
