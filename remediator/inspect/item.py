"""The protected item: the VM as its vault knows it."""

from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import Absent, Known, ProtectedItem, Readings, Source, Thing, Unknown
from remediator.inspect.wire import dig, quoted, text
from remediator.job import Subject
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[ProtectedItem]:
    """Find the item of the job's VM in the job's vault.

    Its names are taken from the vault, never built: they keep the casing they were made with.
    """
    vault = about.subject.vault
    if vault is None:
        return Unknown("no vault that protects this VM was found")
    query = Query(
        api=Api.BACKUP,
        path=f"{vault.id}/backupProtectedItems",
        params=(
            (
                "$filter",
                "backupManagementType eq 'AzureIaasVM' and itemType eq 'VM' and friendlyName eq "
                + quoted(about.subject.vm_name),
            ),
        ),
    )
    rows, answer = await reader.pages(query)
    mine = [row for row in rows if _is_of(row, about.subject)]
    if len(mine) > 1:
        return Unknown(f"{len(mine)} protected items fit the job ({query})")
    if not mine:
        return Absent(str(query), answer.at)
    return Known(parse(mine[0]), str(query), answer.at)


def _is_of(row: dict[str, Any], subject: Subject) -> bool:
    container = text(row, "properties", "containerName")
    if subject.container:
        return container.lower() == subject.container.lower() or ids.same(
            _vm_id(row), subject.vm_id
        )
    return text(row, "properties", "friendlyName").lower() == subject.vm_name.lower()


def _vm_id(row: dict[str, Any]) -> str | None:
    found = text(row, "properties", "virtualMachineId") or text(
        row, "properties", "sourceResourceId"
    )
    return found or None


def parse(row: dict[str, Any]) -> ProtectedItem:
    """A protected item."""
    return ProtectedItem(
        id=text(row, "id"),
        name=text(row, "name"),
        state=text(row, "properties", "protectionState") or "in an unknown state",
        policy_id=text(row, "properties", "policyId") or None,
        vm_id=_vm_id(row),
        deleted=dig(row, "properties", "isScheduledForDeferredDelete") is True,
        last_backup_status=text(row, "properties", "lastBackupStatus"),
    )
