"""The subscription's storage accounts: their regions, and whether a restore can use them."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Fact, Known, Readings, Source, Thing
from remediator.inspect.wire import text
from remediator.job.restore_needs import StorageAccount
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[StorageAccount, ...]]:
    """Read all storage accounts of the VM's subscription."""
    query = Query(
        api=Api.STORAGE,
        path=f"/subscriptions/{about.subject.subscription}/providers"
        "/Microsoft.Storage/storageAccounts",
    )
    rows, answer = await reader.pages(query)
    return Known(tuple(map(parse, rows)), str(query), answer.at)


def parse(row: dict[str, Any]) -> StorageAccount:
    """A storage account."""
    status = text(row, "properties", "statusOfPrimary").lower()
    default = text(row, "properties", "networkAcls", "defaultAction").lower()
    public = text(row, "properties", "publicNetworkAccess").lower()
    return StorageAccount(
        name=text(row, "name"),
        location=text(row, "location"),
        sku=text(row, "sku", "name"),
        kind=text(row, "kind"),
        online=status == "available" if status else None,
        open_network=False if public == "disabled" else default == "allow" if default else None,
    )
