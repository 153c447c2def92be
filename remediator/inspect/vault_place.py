"""The region of the vault. The resources of a restore must be in this region too."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Absent, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[str]:
    """Read the vault's region."""
    if about.subject.vault is None:
        return Unknown("no vault that protects this VM was found")
    query = Query(api=Api.BACKUP, path=about.subject.vault.id)
    answer = await reader.get(query)
    if answer.body is None:
        return Absent(str(query), answer.at)
    location = text(answer.body, "location")
    return Known(location, str(query), answer.at) if location else Unknown(f"no region: {query}")
