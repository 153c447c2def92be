"""The managed disks of the VMs, in the shape of the published specification."""

from remediator.simulator import ids
from remediator.simulator.compute.state import Disk, Vm
from remediator.simulator.paging import page
from remediator.simulator.reply import Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route

_KIND = "Microsoft.Compute/disks"
_ALL = "/subscriptions/{subscription}/providers/" + _KIND
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/" + _KIND


def _disks(vm: Vm) -> list[Json]:
    system = Disk(vm.os_disk, -1, 127 if vm.os == "windows" else 30)
    return [_body(vm, disk) for disk in (system, *vm.disks)]


def _body(vm: Vm, disk: Disk) -> Json:
    properties: Json = {
        "creationData": {"createOption": "Empty" if disk.lun >= 0 else "FromImage"},
        "diskSizeGB": disk.size_gb,
        "diskSizeBytes": disk.size_gb * 1024**3,
        "diskState": "Attached",
        "provisioningState": "Succeeded",
        "uniqueId": ids.guid("disk-unique", disk.name),
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
    }
    if disk.entra_access:
        properties["dataAccessAuthMode"] = "AzureActiveDirectory"
    if disk.lun < 0:
        properties["osType"] = vm.os.capitalize()
    if disk.shared:
        properties["maxShares"] = 2
    return {
        "name": disk.name,
        "id": ids.resource_id(vm.subscription, vm.group, _KIND, disk.name),
        "type": _KIND,
        "location": vm.location,
        "managedBy": vm.arm_id,
        "sku": {"name": disk.sku, "tier": disk.sku.partition("_")[0]},
        "properties": properties,
    }


def _list(call: Call) -> Reply:
    rows = [
        row
        for vm in call.world.vms_in(call.subscription, call.params.get("group"))
        for row in _disks(vm)
    ]
    return page(call, rows)


def _get(call: Call) -> Reply:
    wanted = ids.resource_id(call.subscription, call.group, _KIND, call.params["disk"])
    for vm in call.world.vms_in(call.subscription, call.group):
        for row in _disks(vm):
            if ids.same(row["id"], wanted):
                return Reply(200, row)
    raise resource_not_found(_KIND, call.params["disk"], call.group)


ROUTES = [
    Route("GET", _ALL, f"{_KIND}/read", _list),
    Route("GET", _GROUP, f"{_KIND}/read", _list),
    Route("GET", _GROUP + "/{disk}", f"{_KIND}/read", _get),
]
