"""The reading side of Microsoft.Compute."""

from remediator.simulator import ids
from remediator.simulator.compute import wire
from remediator.simulator.compute.state import Collection, Extension, RestorePoint, Vm
from remediator.simulator.compute.view import instance_view
from remediator.simulator.paging import page
from remediator.simulator.reply import Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route

VM_KIND = "Microsoft.Compute/virtualMachines"
COLLECTION_KIND = "Microsoft.Compute/restorePointCollections"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/"
_ALL = "/subscriptions/{subscription}/providers/"
VM = _GROUP + VM_KIND + "/{vm}"
COLLECTION = _GROUP + COLLECTION_KIND + "/{collection}"


def vm_of(call: Call) -> Vm:
    """Return the VM in the path."""
    name = call.params["vm"]
    vm = call.world.vm(ids.resource_id(call.subscription, call.group, VM_KIND, name))
    if vm is None:
        raise resource_not_found(VM_KIND, name, call.group)
    return vm


def collection_of(call: Call) -> Collection:
    """Return the restore point collection in the path."""
    name = call.params["collection"]
    arm_id = ids.resource_id(call.subscription, call.group, COLLECTION_KIND, name)
    collection = call.world.collection(arm_id)
    if collection is None:
        raise resource_not_found(COLLECTION_KIND, name, call.group)
    return collection


def point_in(collection: Collection, name: str) -> RestorePoint | None:
    """Return the restore point of that name."""
    return next((each for each in collection.points if ids.same(each.name, name)), None)


def _get_vm(call: Call) -> Reply:
    with_view = "instanceview" in call.query.get("$expand", "").lower()
    return Reply(200, wire.vm(vm_of(call), call.world.now, with_view=with_view))


def _get_view(call: Call) -> Reply:
    return Reply(200, instance_view(vm_of(call), call.world.now))


def _list_vms(call: Call) -> Reply:
    status_only = call.query.get("statusonly", "").lower() == "true"
    with_view = "instanceview" in call.query.get("$expand", "").lower()

    def row(vm: Vm) -> Json:
        return wire.vm(
            vm, call.world.now, with_view=with_view, in_list=True, status_only=status_only
        )

    return page(call, call.world.vms_in(call.subscription, call.params.get("group")), row)


def _list_extensions(call: Call) -> Reply:
    vm = vm_of(call)
    return Reply(
        200, {"value": [wire.extension(vm, each) for each in vm.extensions if each.listed]}
    )


def _get_extension(call: Call) -> Reply:
    vm = vm_of(call)
    return Reply(200, wire.extension(vm, _extension_of(call, vm)))


def _extension_of(call: Call, vm: Vm) -> Extension:
    name = call.params["extension"]
    extension = vm.extension(name)
    if extension is None or not extension.listed:
        raise resource_not_found(f"{VM_KIND}/{vm.name}/extensions", name, call.group)
    return extension


def _list_collections(call: Call) -> Reply:
    upper_case = "group" not in call.params
    found = call.world.collections_in(call.subscription, call.params.get("group"))
    return page(call, found, lambda each: wire.collection(each, upper_case=upper_case))


def _get_collection(call: Call) -> Reply:
    collection = collection_of(call)
    points = None
    if ids.same(call.query.get("$expand", ""), "restorePoints"):
        vm = call.world.vm(collection.source)
        points = [
            wire.restore_point(collection, point, vm, call.api_version)
            for point in collection.points
        ]
    return Reply(200, wire.collection(collection, points=points))


def _get_point(call: Call) -> Reply:
    collection = collection_of(call)
    name = call.params["point"]
    point = point_in(collection, name)
    if point is None:
        kind = f"{COLLECTION_KIND}/{collection.name}/restorePoints"
        raise resource_not_found(kind, name, call.group)
    vm = call.world.vm(collection.source)
    return Reply(200, wire.restore_point(collection, point, vm, call.api_version))


ROUTES = [
    Route("GET", f"{_ALL}{VM_KIND}", f"{VM_KIND}/read", _list_vms),
    Route("GET", f"{_GROUP}{VM_KIND}", f"{VM_KIND}/read", _list_vms),
    Route("GET", VM, f"{VM_KIND}/read", _get_vm),
    Route("GET", f"{VM}/instanceView", f"{VM_KIND}/instanceView/read", _get_view),
    Route("GET", f"{VM}/extensions", f"{VM_KIND}/extensions/read", _list_extensions),
    Route("GET", VM + "/extensions/{extension}", f"{VM_KIND}/extensions/read", _get_extension),
    Route("GET", f"{_ALL}{COLLECTION_KIND}", f"{COLLECTION_KIND}/read", _list_collections),
    Route("GET", f"{_GROUP}{COLLECTION_KIND}", f"{COLLECTION_KIND}/read", _list_collections),
    Route("GET", COLLECTION, f"{COLLECTION_KIND}/read", _get_collection),
    Route(
        "GET",
        COLLECTION + "/restorePoints/{point}",
        f"{COLLECTION_KIND}/restorePoints/read",
        _get_point,
    ),
]
