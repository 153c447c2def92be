"""The health check of one VM: find its vault, read the facts, and ask every check."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime

from remediator import ids
from remediator.checks import Finding, Status, needed, run_checks
from remediator.conditions.protection import is_protected
from remediator.errors import AzureError, BadInputError
from remediator.facts import Absent, Known, ProtectedItem, Readings, Source, Thing, Unknown, Vm
from remediator.facts.settings import Settings
from remediator.inspect import inspect
from remediator.inspect.item import items_query, parse, vm_id
from remediator.inspect.vm import read as read_vm
from remediator.inspect.wire import text
from remediator.job.job import Subject, VaultRef
from remediator.reading import Api, Query, Reader
from remediator.value import Value

SCHEMA_VERSION: Final = "1"

_WITHOUT_VAULT: Final = frozenset(
    {Source.LOCKS, Source.DISKS, Source.KEY_VAULTS, Source.INTERFACES}
)
"""The sources that can be read while the search for the VM's vault is still running."""


class Checkup(Value):
    """The result of the checks for one VM."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    vm: str
    vault: str | None
    """The vault that protects the VM. None when none of its subscription does."""
    at: AwareDatetime
    """The time by Azure's clock."""
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def failing(self) -> int:
        """How many checks found something wrong."""
        return sum(1 for finding in self.findings if finding.status is Status.FAIL)


class _Home(Value):
    """A vault that holds the VM as an item."""

    vault: str
    container: str | None
    item: ProtectedItem
    source: str
    at: AwareDatetime


async def check_up(
    reader: Reader, vm: ids.ResourceId, settings: Settings, vault: str | None = None
) -> Checkup:
    """Ask every check about a VM.

    If a source cannot be read, the checks that need it are unknown.

    Args:
        reader: reads Azure.
        vm: the VM; it need not exist.
        settings: the settings that the person gave.
        vault: the ARM id or name of the vault to use, if several hold the VM.

    Raises:
        BadInputError: there is no such vault.
        AzureError: not even the vaults of the VM's subscription could be listed.
    """
    fact, listed = await asyncio.gather(_vm(reader, vm), _vaults(reader, vm, vault))
    subject = Subject(
        subscription=vm.subscription,
        vm_name=vm.name,
        vm_id=str(vm),
        vault=None,
        container=None,
        vaults=listed,
        now=(now := await _now(reader, vm, fact)),
        since=now,
    )
    start = Readings(subject=subject, vm=fact, settings=settings)
    own, (of_vault, notes) = await asyncio.gather(
        inspect(reader, start, needed() & _WITHOUT_VAULT), _in_vault(reader, start, vm, vault)
    )
    readings = replace(
        of_vault,
        locks=own.locks,
        disks=own.disks,
        key_vaults=own.key_vaults,
        interfaces=own.interfaces,
    )
    home = readings.subject.vault
    return Checkup(
        vm=str(vm),
        vault=home.id if home else None,
        at=now,
        findings=run_checks(readings),
        notes=notes,
    )


async def _vm(reader: Reader, vm: ids.ResourceId) -> Thing[Vm]:
    try:
        return await read_vm(reader, str(vm))
    except AzureError as error:
        return Unknown(str(error))


async def _now(reader: Reader, vm: ids.ResourceId, fact: Thing[Vm]) -> datetime:
    """Azure's time, from the answer about the VM, otherwise from another read."""
    match fact:
        case Known(at=at) | Absent(at=at):
            return at
        case Unknown():
            query = Query(api=Api.SUBSCRIPTIONS, path=f"/subscriptions/{vm.subscription}")
            return (await reader.get(query)).at


async def _vaults(reader: Reader, vm: ids.ResourceId, wanted: str | None) -> tuple[str, ...] | None:
    """All vaults of the subscription. None when they cannot be listed and are not needed."""
    try:
        return tuple(await reader.vaults(vm.subscription))
    except AzureError:
        if wanted is None or not wanted.startswith("/"):
            raise
        return None


async def _in_vault(
    reader: Reader, start: Readings, vm: ids.ResourceId, wanted: str | None
) -> tuple[Readings, tuple[str, ...]]:
    """The readings that go through the vault that protects the VM."""
    vaults = _candidates(start.subject.vaults or (), wanted)
    answers = await asyncio.gather(*(_home(reader, vault, vm) for vault in vaults))
    unread = tuple(f"not looked at: {a}" for a in answers if isinstance(a, AzureError))
    homes = [home for each in answers if not isinstance(each, AzureError) for home in each]
    # Protection may be stopped in an old vault and set up in a new one. The active one counts.
    homes.sort(key=lambda home: not is_protected(home.item))
    notes = (*unread, *(f"also in {h.vault}; --vault chooses it" for h in homes[1:]))
    subject, item = start.subject, start.item
    if homes:
        first = homes[0]
        subject = subject.model_copy(
            update={"vault": VaultRef.parse(first.vault), "container": first.container}
        )
        item = Known(first.item, first.source, first.at)
    elif wanted and len(vaults) == 1:
        subject = subject.model_copy(update={"vault": VaultRef.parse(vaults[0])})
    elif not unread:
        looked = f"{len(vaults)} vaults of the VM's subscription"
        item = Absent(f"{looked}; one of another subscription is named by --vault", subject.now)
    found = await inspect(
        reader, replace(start, subject=subject, item=item), needed() - _WITHOUT_VAULT
    )
    return found, notes


def _candidates(listed: tuple[str, ...], wanted: str | None) -> tuple[str, ...]:
    if wanted is None:
        return listed
    if wanted.startswith("/"):
        return (VaultRef.parse(wanted).id,)
    found = tuple(v for v in listed if ids.same_name(VaultRef.parse(v).name, wanted))
    if not found:
        raise BadInputError(f"no vault {wanted} in the VM's subscription ({len(listed)} vaults)")
    return found


async def _home(reader: Reader, vault: str, vm: ids.ResourceId) -> list[_Home] | AzureError:
    query = items_query(vault, vm.name)
    try:
        rows, answer = await reader.pages(query)
    except AzureError as error:
        return error
    return [
        _Home(
            vault=vault,
            container=text(row, "properties", "containerName") or None,
            item=parse(row),
            source=str(query),
            at=answer.at,
        )
        for row in rows
        if ids.same(vm_id(row), str(vm))
    ]
