"""The Resource Guards that protect the vault's critical operations."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, GuardProxy, Known, Readings, Source, Thing, Unknown
from remediator.facts.resource_guards import Guarded
from remediator.inspect.wire import items, text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[GuardProxy, ...]]:
    """Read the vault's proxies of Resource Guards. A vault without a guard has none."""
    vault = about.subject.vault
    if vault is None:
        return Unknown("no vault that protects this VM was found")
    query = Query(api=Api.BACKUP, path=f"{vault.id}/backupResourceGuardProxies")
    rows, answer = await reader.pages(query)
    return Known(tuple(map(parse, rows)), str(query), answer.at)


def parse(row: dict[str, Any]) -> GuardProxy:
    """A proxy. An operation without a name is left out, because it can guard nothing known."""
    return GuardProxy(
        id=text(row, "id"),
        guard=text(row, "properties", "resourceGuardResourceId") or None,
        guarded=tuple(
            Guarded(operation=name, request=text(each, "defaultResourceRequest") or None)
            for each in items(row, "properties", "resourceGuardOperationDetails")
            if (name := text(each, "vaultCriticalOperation"))
        ),
    )
