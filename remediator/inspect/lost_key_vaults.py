"""The key vaults of an encrypted VM that do not exist, and whether they can be recovered."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from remediator import ids
from remediator.facts import Absent, Fact, Known, LostKeyVault, Readings, Source, Thing, Unknown
from remediator.inspect.key_vaults import queries_for
from remediator.inspect.wire import moment, text
from remediator.moments import shown
from remediator.reading import Answer, Api, Query, Reader


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[LostKeyVault, ...]]:
    """Ask for each vault that the VM's disks name, and look for the lost ones among the deleted."""
    match await ask(Source.VM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source, at=at):
            queries = queries_for(vm, source)
            if isinstance(queries, Unknown):
                return queries
            answers = await asyncio.gather(*(reader.get(query) for query in queries))
            gone = [q for q, a in zip(queries, answers, strict=True) if a.body is None]
            found = await asyncio.gather(*(_looked_for(reader, query.path) for query in gone))
            told = ", ".join(str(query) for query in queries) or source
            seen = max((answer.at for answer in answers), default=at)
            return Known(tuple(found), told, seen)


async def _looked_for(reader: Reader, vault_id: str) -> LostKeyVault:
    """Look for a lost vault among the deleted ones of its subscription.

    A vault can come back only into its own group, and only with the tenant of its subscription.

    Raises:
        AzureError: something of this could not be read.
    """
    named = ids.ResourceId.parse(vault_id)
    home = f"/subscriptions/{named.subscription}"
    # "REST: Vaults - List Deleted". The list has the vaults of all groups.
    listed = Query(api=Api.KEY_VAULT, path=f"{home}/providers/Microsoft.KeyVault/deletedVaults")
    (rows, answer), subscription, group = await asyncio.gather(
        reader.pages(listed),
        reader.get(Query(api=Api.SUBSCRIPTIONS, path=home)),
        reader.get(Query(api=Api.RESOURCES, path=named.group_id)),
    )
    return judged(vault_id, rows, answer.at, subscription, group)


def judged(
    vault_id: str, rows: list[dict[str, Any]], now: datetime, subscription: Answer, group: Answer
) -> LostKeyVault:
    """A lost vault, with what the list of deleted vaults says of it.

    Only the id of the deleted vault counts: another vault of this name holds other keys. If Azure
    does not tell when the vault is purged, it counts as recoverable, because it is listed.
    """
    named = ids.ResourceId.parse(vault_id)
    lost = LostKeyVault(id=vault_id, name=named.name)
    same = [row for row in rows if ids.same(text(row, "properties", "vaultId"), vault_id)]
    if len(same) != 1:
        told = (
            f"{len(same)} deleted vaults with its id can be found"
            if same
            else "no deleted vault with its id can be found"
        )
        return lost.model_copy(update={"problem": told})
    [row] = same
    found = lost.model_copy(
        update={
            "location": text(row, "properties", "location"),
            "tenant": text(subscription.body, "tenantId"),
            "deleted": moment(row, "properties", "deletionDate"),
            "purged": moment(row, "properties", "scheduledPurgeDate"),
        }
    )
    return found.model_copy(update={"problem": _problem(found, now, group)})


def _problem(vault: LostKeyVault, now: datetime, group: Answer) -> str:
    if vault.purged is not None and vault.purged <= now:
        return f"it was to be purged at {shown(vault.purged)}"
    if not vault.location:
        return "Azure does not tell where it was"
    if not vault.tenant:
        return "Azure does not tell the tenant of its subscription"
    if group.body is None:
        return "its resource group does not exist any more"
    return ""
