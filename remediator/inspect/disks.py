"""The VM's data disks. Only the disk itself tells its size while the VM is off, and its kind."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from remediator.facts import Absent, DataDisk, Disk, Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import dig, text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Disk, ...]]:
    """Read each managed data disk. The facts of an unmanaged disk come from the VM."""
    match await ask(Source.VM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source, at=at):
            answers = await asyncio.gather(*(_body(reader, disk) for disk in vm.disks))
            disks = tuple(map(parse, vm.disks, answers))
            return Known(disks, f"{source} and its disks", at)


async def _body(reader: Reader, disk: DataDisk) -> dict[str, Any] | None:
    if disk.managed_id is None:
        return None
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
