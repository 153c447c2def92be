"""Restore point collections of the VM, and their points."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from remediator import ids
from remediator.facts import (
    Absent,
    Collection,
    Fact,
    Known,
    Point,
    Readings,
    Source,
    Thing,
    Unknown,
)
from remediator.inspect.vm import provisioning
from remediator.inspect.vm_id import vm_id_of
from remediator.inspect.wire import dig, items, moment, text
from remediator.reading import Api, Query, Reader

VM_TYPE = "Microsoft.Compute/virtualMachines"
COLLECTION_TYPE = "Microsoft.Compute/restorePointCollections"

_NAMED_FOR = re.compile(r"azurebackup_(.+)_\d+", re.IGNORECASE | re.ASCII)

# "AzureBackupRG_<Geo>_<number>". The policy may set another name.
_SERVICE_GROUP = re.compile(r"azurebackuprg_[a-z0-9-]+_\d+", re.IGNORECASE | re.ASCII)


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Collection, ...]]:
    """Read the subscription's collections and keep those that Azure Backup made for this VM.

    Only `properties.source.id` tells whether a collection is the VM's. The name never does: `web`
    is a prefix of `web1`. Customers' own collections, and copies of collections, are left out.
    """
    vm_id = await vm_id_of(about, ask)
    if isinstance(vm_id, Unknown):
        return vm_id
    query = Query(
        api=Api.COMPUTE,
        path=f"/subscriptions/{about.subject.subscription}/providers/Microsoft.Compute/"
        "restorePointCollections",
    )
    wanted = {ids.normal(vm_id), _sourceless(about.subject.vm_name)}
    rows, answer = await reader.pages_with(query, _about, wanted)
    found = []
    for row in rows:
        if is_backups_of(row, vm_id):
            arm_id = text(row, "id")
            group = ids.group_name(arm_id)
            subscription = f"/subscriptions/{about.subject.subscription}"
            if group is None or not ids.is_placed(arm_id, COLLECTION_TYPE, subscription):
                return Unknown(f"{query} lists a collection of this VM without its id")
            found.append(
                Collection(
                    id=arm_id,
                    name=_name(row),
                    group=group,
                    service_group=await _is_service_group(group, ask),
                    state=provisioning(text(row, "properties", "provisioningState")),
                )
            )
        elif _may_be_of(row, about.subject.vm_name):
            return Unknown(f"{query} does not say to which VM the collection {_name(row)} belongs")
    if twice := _twice(each.id for each in found):
        return Unknown(f"{query} lists {twice} twice, with different content")
    return Known(tuple(found), str(query), answer.at)


def _about(row: dict[str, Any]) -> Iterator[str]:
    """The keys of a collection: its source, or the VM that the name of a sourceless one tells."""
    if source := text(row, "properties", "source", "id"):
        yield ids.normal(source)
    elif named := _NAMED_FOR.fullmatch(_name(row)):
        yield _sourceless(named[1])


def _sourceless(vm_name: str) -> str:
    return f"named for {ids.folded(vm_name)}"


def _twice(arm_ids: Iterable[str]) -> str | None:
    """An id that occurs twice. Things are counted and deleted by id, so an id must occur once."""
    seen: set[str] = set()
    for arm_id in arm_ids:
        if (key := ids.normal(arm_id)) in seen:
            return arm_id
        seen.add(key)
    return None


def is_backups_of(row: dict[str, Any], vm_id: str) -> bool:
    """Whether Azure Backup made a collection for exactly this VM."""
    source = text(row, "properties", "source", "id")
    try:
        is_vm = ids.ResourceId.parse(source).is_a(VM_TYPE)
    except ValueError:
        return False
    named = ids.folded(_name(row)).startswith("azurebackup_")
    return is_vm and named and ids.same(source, vm_id)


def _may_be_of(row: dict[str, Any], vm_name: str) -> bool:
    """Whether a collection without a source is named like Azure Backup's collections of this VM.

    Their names are `AzureBackup_<VM>_<number>` (recorded).
    """
    named = _NAMED_FOR.fullmatch(_name(row))
    source = text(row, "properties", "source", "id")
    return not source and named is not None and ids.same_name(named[1], vm_name)


def _name(row: dict[str, Any]) -> str:
    """A collection's name. Its id ends in the name too."""
    return text(row, "name") or text(row, "id").rsplit("/", 1)[-1]


async def _is_service_group(
    group: str, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> bool | None:
    if _SERVICE_GROUP.fullmatch(group):
        return True
    match await ask(Source.POLICY):
        case Known(value=policy):
            return bool(policy.names_group(group))
        case _:
            return None


async def look_at_points(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Point, ...]]:
    """Read the restore points of the VM's collections, one request each, at the same time."""
    match await ask(Source.COLLECTIONS):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source, at=at):
            return Known((), source, at)
        case Known(value=collections, source=source, at=at):
            queries = [
                Query(api=Api.COMPUTE, path=c.id, params=(("$expand", "restorePoints"),))
                for c in collections
            ]
            answers = await asyncio.gather(*(reader.get(query) for query in queries))
            for query, answer in zip(queries, answers, strict=True):
                if answer.body is None:
                    # Two answers contradict each other. The collection may be going now, or one
                    # answer is wrong.
                    return Unknown(f"{query} answered 404, though {source} shows the collection")
                if not isinstance(dig(answer.body, "properties", "restorePoints"), list):
                    return Unknown(f"{query} did not say which points the collection has")
            points = tuple(
                parse_point(point, collection.id)
                for collection, answer in zip(collections, answers, strict=True)
                for point in items(dig(answer.body, "properties"), "restorePoints")
            )
            if odd := next((p for p in points if not _is_in_its_collection(p)), None):
                return Unknown(f"a point of {odd.collection_id} is shown without its own id")
            points = tuple(dict.fromkeys(points))
            if twice := _twice(point.id for point in points):
                return Unknown(f"{twice} is shown twice, with different content")
            told = ", ".join(str(query) for query in queries) or source
            return Known(points, told, max((a.at for a in answers), default=at))


def _is_in_its_collection(point: Point) -> bool:
    """Whether the point's id lies in its collection. The point would be deleted by this id."""
    return ids.is_placed(point.id, f"{COLLECTION_TYPE}/restorePoints", point.collection_id)


def parse_point(row: dict[str, Any], collection_id: str) -> Point:
    """A restore point."""
    name = text(row, "name")
    return Point(
        id=text(row, "id") or f"{collection_id}/restorePoints/{name}",
        name=name,
        collection_id=collection_id,
        created=moment(row, "properties", "timeCreated"),
        consistency=text(row, "properties", "consistencyMode") or "unknown consistency",
        vm_unique_id=text(row, "properties", "sourceMetadata", "vmId") or None,
    )
