"""The VM's data disks. Only the disk itself tells its size while the VM is off, and its kind."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from remediator.errors import AzureError
from remediator.facts import (
    Absent,
    DataDisk,
    Disk,
    Fact,
    Known,
    Readings,
    Source,
    Thing,
    Unknown,
    Vm,
)
from remediator.ids import group_name, normal, subscription_of
from remediator.inspect.wire import dig, text
from remediator.reading import Api, Query, Reader

SEVERAL: Final = 2
"""So many disks of one group are read as a list of the group."""


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Disk, ...]]:
    """Read the managed data disks. The facts of an unmanaged disk come from the VM."""
    match await ask(Source.VM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source, at=at):
            listed = await _listed(reader, vm)
            answers = await asyncio.gather(*(_body(reader, disk, listed) for disk in vm.disks))
            disks = tuple(map(parse, vm.disks, answers))
            return Known(disks, f"{source} and its disks", at)


async def _listed(reader: Reader, vm: Vm) -> dict[str, dict[str, Any]]:
    """The disks of each group that holds `SEVERAL` of the VM's, by their ids in comparable form.

    One list of the group costs less than one request for each disk, and its rows are whole disks
    ("REST: Disks - List By Resource Group"). No such list is recorded, so a row counts only if it
    tells the disk's size. A group that cannot be listed is left out.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for disk in vm.disks:
        group = group_name(disk.managed_id or "")
        if group and disk.managed_id:
            subscription = subscription_of(disk.managed_id)
            told = f"/subscriptions/{subscription}/resourceGroups/{group}"
            groups[normal(told)].append(told)
    many = [told[0] for told in groups.values() if len(told) >= SEVERAL]
    rows = await asyncio.gather(*(_of_group(reader, group) for group in many))
    return {normal(text(row, "id")): row for each in rows for row in each if _is_whole(row)}


def _is_whole(row: dict[str, Any]) -> bool:
    return bool(text(row, "id")) and isinstance(dig(row, "properties", "diskSizeGB"), int)


async def _of_group(reader: Reader, group: str) -> list[dict[str, Any]]:
    query = Query(api=Api.DISKS, path=f"{group}/providers/Microsoft.Compute/disks")
    try:
        rows, _ = await reader.pages(query)
    except AzureError:
        return []
    return rows


async def _body(
    reader: Reader, disk: DataDisk, listed: Mapping[str, dict[str, Any]]
) -> dict[str, Any] | None:
    """The disk as Azure tells it. If no list has it, it is asked for."""
    if disk.managed_id is None:
        return None
    if found := listed.get(normal(disk.managed_id)):
        return found
    return (await reader.get(Query(api=Api.DISKS, path=disk.managed_id))).body


def parse(disk: DataDisk, body: dict[str, Any] | None) -> Disk:
    """A data disk, from the VM's own list and from the disk."""
    size = dig(body, "properties", "diskSizeGB")
    return Disk(
        lun=disk.lun,
        name=disk.name,
        size_gb=size if isinstance(size, int) else disk.size_gb,
        kind=text(body, "sku", "name") or ("unmanaged" if disk.managed_id is None else "unknown"),
        shared=_is_shared(disk, body),
        write_accelerated=disk.write_accelerated,
        data_access=text(body, "properties", "dataAccessAuthMode") or None,
    )


def _is_shared(disk: DataDisk, body: dict[str, Any] | None) -> bool | None:
    if disk.managed_id is None:
        return False
    if body is None:
        return None
    shares = dig(body, "properties", "maxShares")  # sent only for a disk that was made shared
    return isinstance(shares, int) and shares > 1
