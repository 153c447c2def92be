"""The disks of a restore point, and the access to their snapshots.

The shapes are those of the published specification of the disks (2021-08-01 and later). A disk's
restore point does not tell that somebody has access to it. Only deleting it shows that.
"""

from remediator.simulator import ids
from remediator.simulator.compute.operations import run
from remediator.simulator.compute.routes import COLLECTION, COLLECTION_KIND, collection_of, point_in
from remediator.simulator.compute.state import Collection, RestorePoint
from remediator.simulator.paging import page
from remediator.simulator.reply import Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route
from remediator.simulator.times import with_offset

_POINT = COLLECTION + "/restorePoints/{point}"
_KIND = f"{COLLECTION_KIND}/restorePoints/diskRestorePoints"


def _point_of(call: Call) -> tuple[Collection, RestorePoint]:
    collection = collection_of(call)
    point = point_in(collection, call.params["point"])
    if point is None:
        kind = f"{COLLECTION_KIND}/{collection.name}/restorePoints"
        raise resource_not_found(kind, call.params["point"], call.group)
    return collection, point


def _disks(call: Call, collection: Collection, point: RestorePoint) -> list[str]:
    """Name the disks of a point: those of the VM, or the known ones if the VM is gone."""
    vm = call.world.vm(collection.source)
    if vm is None:
        return sorted(point.shared_disks)
    return [vm.os_disk, *(disk.name for disk in vm.disks)]


def _body(collection: Collection, point: RestorePoint, name: str) -> Json:
    group = ids.group_id(collection.subscription, collection.source.split("/")[4])
    return {
        "name": name,
        "id": f"{collection.arm_id}/restorePoints/{point.name}/diskRestorePoints/{name}",
        "properties": {
            "timeCreated": with_offset(point.created),
            "sourceResourceId": f"{group}/providers/Microsoft.Compute/disks/{name}",
            "sourceUniqueId": ids.guid("disk-unique", name),
            "familyId": ids.guid("disk-family", name),
            "hyperVGeneration": "V2",
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            "networkAccessPolicy": "AllowAll",
            "publicNetworkAccess": "Enabled",
        },
    }


def _list(call: Call) -> Reply:
    collection, point = _point_of(call)
    rows = [_body(collection, point, name) for name in _disks(call, collection, point)]
    return page(call, rows)


def _named(call: Call) -> tuple[Collection, RestorePoint, str]:
    collection, point = _point_of(call)
    wanted = call.params["disk"]
    for name in _disks(call, collection, point):
        if ids.same(name, wanted):
            return collection, point, name
    raise resource_not_found(_KIND, wanted, call.group)


def _get(call: Call) -> Reply:
    return Reply(200, _body(*_named(call)))


def _end_access(call: Call) -> Reply:
    """End every access to a disk's snapshot. It is no error if there is none."""
    collection, point, name = _named(call)

    def effect() -> Json | None:
        point.shared_disks.discard(name)
        return None

    place = (collection.subscription, collection.location)
    return run(call, place, 10.0, effect, retry_after=10, poll_after=10)


_DISKS = _POINT + "/diskRestorePoints"
_DISK = _DISKS + "/{disk}"

ROUTES = [
    Route("GET", _DISKS, f"{_KIND}/read", _list),
    Route("GET", _DISK, f"{_KIND}/read", _get),
    Route("POST", f"{_DISK}/endGetAccess", f"{_KIND}/endGetAccess/action", _end_access),
]
