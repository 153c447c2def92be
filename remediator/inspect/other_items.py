"""The VM's protection in other vaults of the subscription: only one vault can protect a VM."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import Fact, Known, ProtectedItem, Readings, Source, Thing, Unknown
from remediator.inspect.item import UNTOLD, items_query, named, parse
from remediator.inspect.jobs import vaults_near
from remediator.inspect.vm_id import vm_id_of
from remediator.reading import Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[ProtectedItem, ...]]:
    """Read the VM's items in other vaults. A vault that cannot be read makes the answer unknown."""
    vm_id = await vm_id_of(about, ask)
    if isinstance(vm_id, Unknown):
        return vm_id
    own = about.subject.vault
    vaults = [
        vault
        for vault in await vaults_near(reader, about.subject)
        if own is None or not ids.same(vault, own.id)
    ]
    name = about.subject.vm_name
    queries = [items_query(vault, None if reader.shared else name) for vault in vaults]
    wanted = {ids.folded(name)}
    pages = await asyncio.gather(*(reader.pages_with(query, named, wanted) for query in queries))
    found = (parse(row) for rows, _ in pages for row in rows)
    mine = tuple(item for item in found if ids.same(item.vm_id, vm_id))
    told = ", ".join(str(query) for query in queries) or "no other vault"
    if untold := next((item for item in mine if item.state == UNTOLD), None):
        return Unknown(f"{untold.id} does not say whether it protects the VM ({told})")
    return Known(mine, told, about.subject.now)
