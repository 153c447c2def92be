"""The VM as its vault discovered it: the VMs that can be protected, and their names."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from remediator import ids
from remediator.facts import Absent, Known, Readings, Source, Thing, Unknown
from remediator.inspect.vm_id import vm_id_of
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader

_TYPE: Final = (
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectableItems"
)


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[str]:
    """The future id of the VM's protected item, from the vault's list of protectable VMs."""
    vault = about.subject.vault
    vm_id = await vm_id_of(about, ask)
    if isinstance(vm_id, Unknown):
        return vm_id
    if vault is None:
        return Unknown("no vault that protects this VM was found")
    query = Query(
        api=Api.BACKUP,
        path=f"{vault.id}/backupProtectableItems",
        params=(("$filter", "backupManagementType eq 'AzureIaasVM'"),),
    )
    rows, answer = await reader.pages(query)
    for row in rows:
        if ids.same(text(row, "properties", "virtualMachineId"), vm_id):
            if not ids.is_placed(text(row, "id"), _TYPE, vault.id):
                return Unknown(f"the protectable VM is listed without its id ({query})")
            return Known(item_id(text(row, "id")), str(query), answer.at)
    return Absent(str(query), answer.at)


def item_id(protectable: str) -> str:
    """The id of the protected item that will be made from a protectable item.

    Recorded: `…/protectableItems/vm;NATIVE` becomes `…/protectedItems/VM;NATIVE`.
    """
    found = ids.ResourceId.parse(protectable)
    kind, _, native = found.name.partition(";")
    item = replace(
        found,
        types=(*found.types[:-1], "protectedItems"),
        names=(*found.names[:-1], f"{kind.upper()};{native}"),
    )
    return str(item)
