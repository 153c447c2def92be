"""The health check of one VM: find where it is protected, read, and ask every check."""

import asyncio
from typing import Any, Final, Literal

from pydantic import AwareDatetime

from remediator import ids
from remediator.checks import Finding, Status, needed, run_checks
from remediator.errors import AzureError, BadInputError
from remediator.facts import Readings
from remediator.inspect import inspect
from remediator.inspect.item import items_query, vm_id
from remediator.inspect.wire import text
from remediator.job import Subject, VaultRef
from remediator.reading import Api, Query, Reader
from remediator.value import Value

SCHEMA_VERSION: Final = "1"
VM_TYPE: Final = "Microsoft.Compute/virtualMachines"


class Checkup(Value):
    """What the checks found for one VM."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    vm: str
    vault: str | None
    """The vault that protects it; None when none of its subscription does."""
    at: AwareDatetime
    """By Azure's clock."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def failing(self) -> int:
        """How many checks found something wrong."""
        return sum(1 for finding in self.findings if finding.status is Status.FAIL)


def parse_vm(typed: str) -> ids.ResourceId:
    """The VM that a person names by its ARM id.

    Raises:
        BadInputError: it is not the id of a virtual machine.
    """
    try:
        found = ids.ResourceId.parse(typed.strip())
    except ValueError:
        found = None
    if found is None or not found.is_a(VM_TYPE):
        raise BadInputError(
            f"{typed!r} is not a VM's id; expected /subscriptions/S/resourceGroups/G/providers/"
            f"{VM_TYPE}/NAME"
        )
    return found


async def check_up(reader: Reader, vm: ids.ResourceId) -> Checkup:
    """Ask every check about a VM.

    What cannot be read makes the checks that need it unknown.

    Raises:
        AzureError: not even the VM's vaults could be listed.
    """
    subject, notes = await _subject(reader, vm)
    readings = await inspect(reader, Readings(subject=subject), needed())
    return Checkup(
        vm=str(vm),
        vault=subject.vault.id if subject.vault else None,
        at=subject.now,
        findings=run_checks(readings),
        notes=notes,
    )


async def _subject(reader: Reader, vm: ids.ResourceId) -> tuple[Subject, tuple[str, ...]]:
    """Find the vault of the VM's subscription that protects it."""
    vaults = await reader.vaults(vm.subscription)
    answers = await asyncio.gather(*(_item_in(reader, vault, vm) for vault in vaults))
    unread = tuple(f"not looked at: {a}" for a in answers if isinstance(a, AzureError))
    found = [
        (vault, row)
        for vault, rows in zip(vaults, answers, strict=True)
        if not isinstance(rows, AzureError)
        for row in rows
    ]
    # Where protection was stopped in an old vault and set up in a new one, the active one counts.
    found.sort(key=lambda pair: text(pair[1], "properties", "protectionState") != "Protected")
    now = (await reader.get(_subscription(vm))).at
    vault = VaultRef.parse(found[0][0]) if found else None
    several = tuple(f"also an item of {other}" for other, _ in found[1:])
    return Subject(
        subscription=vm.subscription,
        vm_name=vm.name,
        vm_id=str(vm),
        vault=vault,
        container=(text(found[0][1], "properties", "containerName") or None) if found else None,
        now=now,
        since=now,
    ), (*unread, *several)


def _subscription(vm: ids.ResourceId) -> Query:
    return Query(api=Api.SUBSCRIPTIONS, path=f"/subscriptions/{vm.subscription}")


async def _item_in(
    reader: Reader, vault: str, vm: ids.ResourceId
) -> list[dict[str, Any]] | AzureError:
    try:
        rows, _ = await reader.pages(items_query(vault, vm.name))
    except AzureError as error:
        return error
    return [row for row in rows if ids.same(vm_id(row), str(vm))]
