"""The changing side of Microsoft.Compute: verbs on VMs, and deletions."""

from collections.abc import Callable

from remediator.simulator import ids
from remediator.simulator.backup.points import drop
from remediator.simulator.compute import cures, wire
from remediator.simulator.compute.operations import run
from remediator.simulator.compute.routes import (
    COLLECTION,
    COLLECTION_KIND,
    VM,
    VM_KIND,
    collection_of,
    point_in,
    vm_of,
)
from remediator.simulator.compute.state import SNAPSHOT_EXTENSION, Cure, Power, RestorePoint, Vm
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route

_VERBS: dict[str, tuple[float, Power | None, Cure]] = {
    "start": (45.0, "running", "start"),
    "restart": (60.0, None, "restart"),
    "powerOff": (30.0, "stopped", "power-off"),
    "deallocate": (60.0, "deallocated", "deallocate"),
    "redeploy": (300.0, None, "redeploy"),
    "reapply": (30.0, None, "reapply"),
}
"""For each verb: its seconds, the power state afterwards (None: as before), and its cure."""

_NEEDS_RUNNING = {"restart"}
_BOOTS = {"start", "restart", "redeploy"}


def _not_allowed(message: str) -> ArmError:
    return ArmError(409, "OperationNotAllowed", message, envelope="compute")


def _verb(verb: str) -> Callable[[Call], Reply]:
    seconds, power, cure = _VERBS[verb]

    def handler(call: Call) -> Reply:
        vm = vm_of(call)
        if verb in _NEEDS_RUNNING and vm.power != "running":
            # Unverified: the code is the usual one of Compute, the text is not recorded.
            raise _not_allowed(f"Cannot {verb} the VM when the VM is not running.")
        if verb == "deallocate" and vm.ephemeral:
            # Documented: such a VM cannot be deallocated. The code and text are not recorded.
            raise _not_allowed("Deallocate is not supported for a VM with an ephemeral OS disk.")
        vm.busy += 1

        def ended() -> None:
            vm.busy -= 1
            vm.changed = call.world.now

        def effect() -> Json | None:
            was_running = vm.power == "running"
            if power is not None:
                vm.power = power
            if verb == "start" and was_running:
                return None
            cures.treat(call.world, vm, cure)
            if verb in _BOOTS:
                cures.silence_agent(call.world, vm, vm.agent_boots)
            cured = cure in vm.provisioning.cured_by
            return _still_broken(vm) if verb == "reapply" and not cured else None

        place = (vm.subscription, vm.location)
        return run(call, place, seconds, effect, ended=ended, retry_after=10, poll_after=30)

    return handler


def _still_broken(vm: Vm) -> Json | None:
    """The error of a reapply: it goes through all extensions again and stops at a failed one."""
    if vm.provisioning.well:
        return None
    for extension in vm.extensions:
        if extension.state == "Failed":
            return {
                "code": "VMExtensionProvisioningError",
                "message": f"VM has reported a failure when processing extension "
                f"'{extension.name}'.",
            }
    return None


def _update(call: Call) -> Reply:
    """Change whether the VM takes extensions, the only part of a VM that can be changed here.

    It is documented that they can be forbidden only while none is there. The code and the text of
    the refusal are unverified, and so is that nothing of it takes time.
    """
    vm = vm_of(call)
    properties = (call.body or {}).get("properties")
    profile = properties.get("osProfile") if isinstance(properties, dict) else None
    wanted = profile.get("allowExtensionOperations") if isinstance(profile, dict) else None
    if not isinstance(wanted, bool) or call.body != {"properties": {"osProfile": profile}}:
        raise ArmError(
            400, "InvalidParameter", "This part of the VM cannot be changed.", envelope="compute"
        )
    if not wanted and vm.extensions:
        raise _not_allowed("Extension operations cannot be forbidden while extensions are there.")
    vm.allow_extensions = wanted
    vm.changed = call.world.now
    if wanted:
        cures.treat(call.world, vm, "allow-extensions")
    return Reply(200, wire.vm(vm, call.world.now, with_view=False))


def _delete_extension(call: Call) -> Reply:
    """Delete an extension. The 202 for it has no Retry-After (recorded)."""
    vm = vm_of(call)
    extension = vm.extension(call.params["extension"])
    if extension is None:
        return Reply(204)
    if vm.power != "running":
        raise _not_allowed("Cannot modify extensions in the VM when the VM is not running.")

    def effect() -> Json | None:
        if extension.delete_fails > 0:
            extension.delete_fails -= 1
            return {
                "code": "VMExtensionProvisioningTimeout",
                "message": f"Provisioning of VM extension {extension.name} has timed out.",
            }
        failed = extension.state == "Failed"
        if extension in vm.extensions:
            vm.extensions.remove(extension)
        if failed:
            cures.apply(call.world, vm.provisioning, "extension-delete")
        if ids.same(extension.name, SNAPSHOT_EXTENSION[vm.os]):
            for ailment in vm.ailments:
                cures.apply(call.world, ailment, "extension-delete")
        return None

    return run(call, (vm.subscription, vm.location), 60.0, effect)


def _delete_point(call: Call) -> Reply:
    collection = collection_of(call)
    point = point_in(collection, call.params["point"])
    if point is None:
        return Reply(204)
    point.deleting = True

    def ended() -> None:
        point.deleting = False

    def effect() -> Json | None:
        if point.shared_disks:
            return _shared(point)
        drop(call.world, collection, point)
        return None

    place = (collection.subscription, collection.location)
    return run(call, place, 30.0, effect, ended=ended, retry_after=10, poll_after=10)


def _shared(point: RestorePoint) -> Json:
    """The error if somebody may be reading the point. The code and the text are documented."""
    return {
        "code": "DiskRestorePointUsedByCustomer",
        "message": "There is an active shared access signature outstanding for disk restore point "
        f"{min(point.shared_disks)}. Call EndGetAccess before deleting the restore point.",
    }


def _delete_collection(call: Call) -> Reply:
    """Delete a collection with its points.

    With many points it times out half-way; two or three retries are known to finish it. The error
    of the timed-out operation is unverified.
    """
    try:
        collection = collection_of(call)
    except ArmError:
        return Reply(204)
    collection.deleting = True

    def ended() -> None:
        collection.deleting = collection.stuck

    def effect() -> Json | None:
        if shared := next((each for each in collection.points if each.shared_disks), None):
            return _shared(shared)
        oldest = sorted(collection.points, key=lambda point: point.created)
        for point in oldest[: collection.points_per_delete]:
            drop(call.world, collection, point)
        if collection.points:
            return {
                "code": "InternalExecutionError",
                "message": "The operation timed out before all restore points of the collection "
                "were deleted. Please retry later.",
            }
        if collection in call.world.collections:
            call.world.collections.remove(collection)
        return None

    place = (collection.subscription, collection.location)
    return run(call, place, 90.0, effect, ended=ended, retry_after=10, poll_after=10)


ROUTES = [
    *(Route("POST", f"{VM}/{verb}", f"{VM_KIND}/{verb}/action", _verb(verb)) for verb in _VERBS),
    Route("PATCH", VM, f"{VM_KIND}/write", _update),
    Route(
        "DELETE", VM + "/extensions/{extension}", f"{VM_KIND}/extensions/delete", _delete_extension
    ),
    Route("DELETE", COLLECTION, f"{COLLECTION_KIND}/delete", _delete_collection),
    Route(
        "DELETE",
        COLLECTION + "/restorePoints/{point}",
        f"{COLLECTION_KIND}/restorePoints/delete",
        _delete_point,
    ),
]
