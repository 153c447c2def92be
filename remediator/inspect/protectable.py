"""The VM as its vault discovered it: what can be protected, and under which names."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import Absent, Known, Readings, Source, Thing, Unknown
from remediator.inspect.vm_id import vm_id_of
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[str]:
    """The id that the VM's protected item is to have, from what the vault calls protectable."""
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
            return Known(item_id(text(row, "id")), str(query), answer.at)
    return Absent(str(query), answer.at)


def item_id(protectable: str) -> str:
    """The id of the protected item that a protectable one becomes.

    Recorded: `…/protectableItems/vm;NATIVE` becomes `…/protectedItems/VM;NATIVE`.
    """
    container, _, name = protectable.partition("/protectableItems/")
    kind, _, native = name.partition(";")
    return f"{container}/protectedItems/{kind.upper()};{native}"
