"""The protected item: the VM, as its vault knows it."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from remediator import ids
from remediator.facts import Absent, Known, ProtectedItem, Readings, Source, Thing, Unknown
from remediator.inspect.wire import dig, moment, quoted, text
from remediator.job.job import Subject
from remediator.reading import Api, Query, Reader

ITEM_TYPE: Final = (
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"
)

UNTOLD: Final = "in an unknown state"
"""The state of an item whose answer does not tell it."""


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[ProtectedItem]:
    """Find the item of the job's VM in the job's vault.

    Its names are taken from the vault and never built. They keep the casing of their creation.
    """
    vault = about.subject.vault
    if vault is None:
        return Unknown("no vault that protects this VM was found")
    query = items_query(vault.id, None if reader.shared else about.subject.vm_name)
    rows, answer = await reader.pages_with(query, named, {ids.folded(about.subject.vm_name)})
    mine = [row for row in rows if _is_of(row, about.subject)]
    if about.subject.container is None and about.subject.vm_id is None and len(mine) != 1:
        return Unknown(
            f"the job does not name its container, and {about.subject.vm_name!r} alone does not "
            f"say which VM it is about: {len(rows)} protected items have this name ({query})"
        )
    if len(mine) > 1:
        return Unknown(f"{len(mine)} protected items fit the job ({query})")
    if not mine:
        return Absent(str(query), answer.at)
    if not ids.is_placed(text(mine[0], "id"), ITEM_TYPE, vault.id):
        return Unknown(f"the protected item is listed without its id ({query})")
    return Known(parse(mine[0]), str(query), answer.at)


def items_query(vault_id: str, vm_name: str | None = None) -> Query:
    """The query for the protected VMs of a vault, if wanted of one name only."""
    only = "backupManagementType eq 'AzureIaasVM' and itemType eq 'VM'"
    if vm_name is not None:
        only += f" and friendlyName eq {quoted(vm_name)}"
    return Query(
        api=Api.BACKUP, path=f"{vault_id}/backupProtectedItems", params=(("$filter", only),)
    )


def named(row: dict[str, Any]) -> Iterator[str]:
    """The keys of an item: the names that it gives its VM."""
    told = (
        text(row, "properties", "friendlyName"),
        text(row, "name").rsplit(";", 1)[-1],
        text(row, "properties", "containerName").rsplit(";", 1)[-1],
        (vm_id(row) or "").rsplit("/", 1)[-1],
    )
    yield from (ids.folded(name) for name in told if name)


def _is_of(row: dict[str, Any], subject: Subject) -> bool:
    container = text(row, "properties", "containerName")
    if subject.container:
        return ids.same_name(container, subject.container) or ids.same(vm_id(row), subject.vm_id)
    if subject.vm_id:
        return ids.same(vm_id(row), subject.vm_id)
    # The job in question was the item's last backup: no other one began at exactly this moment.
    return moment(row, "properties", "lastBackupTime") == subject.since


def vm_id(row: dict[str, Any]) -> str | None:
    """The VM of an item. None when the item does not tell it, or contradicts itself.

    The VM's subscription may differ from the vault's (recorded in 2026).
    """
    source = text(row, "properties", "sourceResourceId")
    machine = text(row, "properties", "virtualMachineId")
    if source and machine and not ids.same(source, machine):
        return None
    return source or machine or None


def parse(row: dict[str, Any]) -> ProtectedItem:
    """A protected item."""
    extended = dig(row, "properties", "extendedProperties")
    return ProtectedItem(
        id=text(row, "id"),
        name=text(row, "name"),
        state=text(row, "properties", "protectionState") or UNTOLD,
        policy_id=text(row, "properties", "policyId") or None,
        vm_id=vm_id(row),
        deleted=dig(row, "properties", "isScheduledForDeferredDelete") is True,
        last_backup_status=text(row, "properties", "lastBackupStatus"),
        last_point=moment(row, "properties", "lastRecoveryPoint"),
        last_backup=moment(row, "properties", "lastBackupTime"),
        policy_type=text(row, "properties", "policyType") or None,
        extended=extended if isinstance(extended, dict) else None,
    )
