"""Whether the vault is immutable."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[str]:
    """Read the state of the vault's immutability: `Disabled`, `Unlocked` or `Locked`."""
    if about.subject.vault is None:
        return Unknown("no vault that protects this VM was found")
    query = Query(api=Api.BACKUP, path=about.subject.vault.id)
    answer = await reader.get(query)
    state = text(answer.body, "properties", "securitySettings", "immutabilitySettings", "state")
    if not state:
        return Unknown(f"the vault does not tell whether it is immutable ({query})")
    return Known(state, str(query), answer.at)
