"""The tags of the VM's subscription."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import tags
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[tuple[str, str], ...]]:
    """Read the tags of the subscription. Without tags the result is empty."""
    query = Query(api=Api.SUBSCRIPTIONS, path=f"/subscriptions/{about.subject.subscription}")
    answer = await reader.get(query)
    if answer.body is None:
        return Unknown(f"no such subscription ({query})")
    return Known(tags(answer.body), str(query), answer.at)
