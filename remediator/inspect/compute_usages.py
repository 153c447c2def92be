"""The use of the compute quotas in the vault's region, where restores go."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Absent, Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import dig, text
from remediator.job.restore_needs import Usage
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Usage, ...]]:
    """Read the quotas of the vault's region."""
    match await ask(Source.VAULT_PLACE):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such vault ({source})")
        case Known(value=location):
            region = str(location).replace(" ", "").lower()
            query = Query(
                api=Api.COMPUTE,
                path=f"/subscriptions/{about.subject.subscription}/providers"
                f"/Microsoft.Compute/locations/{region}/usages",
            )
            rows, answer = await reader.pages(query)
            return Known(tuple(u for row in rows if (u := parse(row))), str(query), answer.at)


def parse(row: dict[str, Any]) -> Usage | None:
    """A quota. None for a row without numbers."""
    current, limit = dig(row, "currentValue"), dig(row, "limit")
    if not isinstance(current, int) or not isinstance(limit, int):
        return None
    return Usage(name=text(row, "name", "value"), current=current, limit=limit)
