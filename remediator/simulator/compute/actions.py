"""The changing side of Microsoft.Compute: verbs on VMs, and deletions."""

import base64
import hashlib
from collections.abc import Callable

from remediator.simulator import ids
from remediator.simulator.backup.points import drop
from remediator.simulator.compute.routes import (
    COLLECTION,
    COLLECTION_KIND,
    VM,
    VM_KIND,
    collection_of,
    point_in,
    vm_of,
)
from remediator.simulator.compute.state import Condition, Cure, Operation, Power, Vm
from remediator.simulator.compute.wire import operation as operation_body
from remediator.simulator.reply import ArmError, Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route

_VERBS: dict[str, tuple[float, Power | None, Cure | None]] = {
    "start": (45.0, "running", "start"),
    "restart": (60.0, None, "restart"),
    "powerOff": (30.0, "stopped", None),
    "deallocate": (60.0, "deallocated", None),
    "redeploy": (300.0, None, "redeploy"),
    "reapply": (30.0, None, "reapply"),
}
"""Seconds, the power state afterwards (None: as before), and what the verb may cure."""

_NEEDS_RUNNING = {"restart"}


def _accepted(call: Call, operation: Operation, *, retry_after: float | None = None) -> Reply:
    """Answer 202 with the two signed links that Compute sends."""
    status = (
        f"/subscriptions/{operation.subscription}/providers/Microsoft.Compute"
        f"/locations/{operation.location}/operations/{operation.id}"
    )
    signed = _signature(operation)
    ahead = {"p": ids.guid("p", operation.id)}
    link = call.link(status, **ahead)
    # The recorded order is p, api-version, t, c, s, h.
    prefix, _, version = link.partition("?")
    version, _, principal = version.partition("&")
    tail = "&".join(f"{key}={value}" for key, value in signed.items())
    url = f"{prefix}?{principal}&{version}&{tail}"
    monitor = f"{prefix}?{principal}&monitor=true&{version}&{tail}"
    return Reply(
        202,
        headers={
            "Azure-AsyncNotification": "Enabled",
            "Azure-AsyncOperation": url,
            "Location": monitor,
        },
        retry_after=retry_after,
    )


def _signature(operation: Operation) -> dict[str, str]:
    """Make the query of a status link: as long as the real one, and as opaque."""

    def opaque(name: str, size: int) -> str:
        seed = f"{name}/{operation.id}".encode()
        blob = b"".join(hashlib.sha256(seed + bytes([n])).digest() for n in range(size // 42 + 1))
        return base64.urlsafe_b64encode(blob).decode().rstrip("=")[:size]

    ticks = str(int(operation.started.timestamp() * 10_000_000) + 621_355_968_000_000_000)
    return {
        "t": ticks,
        "c": opaque("c", 1800),
        "s": opaque("s", 342),
        "h": opaque("h", 43),
    }


def _run(
    call: Call,
    place: tuple[str, str],
    seconds: float,
    effect: Callable[[], Json | None],
    *,
    ended: Callable[[], None] = lambda: None,
    retry_after: float | None = None,
    poll_after: float | None = None,
) -> Reply:
    """Start an operation. A fault may let it end without its effect, but never without its end."""
    fault = call.fault("lro-fails")

    def outcome() -> Json | None:
        ended()
        if fault is None:
            return effect()
        code = fault.code or "InternalExecutionError"
        message = fault.message or "An internal execution error occurred. Please retry later."
        return {"code": code, "message": message}

    subscription, location = place
    operation = call.world.run_operation(
        subscription, location, seconds, outcome, poll_after=poll_after
    )
    return _accepted(call, operation, retry_after=retry_after)


def _not_allowed(message: str) -> ArmError:
    return ArmError(409, "OperationNotAllowed", message, envelope="compute")


def _verb(verb: str) -> Callable[[Call], Reply]:
    seconds, power, cure = _VERBS[verb]

    def handler(call: Call) -> Reply:
        vm = vm_of(call)
        if verb in _NEEDS_RUNNING and vm.power != "running":
            # Unverified: the code is Compute's usual one, the text is not recorded.
            raise _not_allowed(f"Cannot {verb} the VM when the VM is not running.")
        vm.busy += 1

        def ended() -> None:
            vm.busy -= 1
            vm.changed = call.world.now

        def effect() -> Json | None:
            if power is not None:
                vm.power = power
            if cure is None:
                return None
            _cure(call, vm.agent, cure)
            _cure(call, vm.provisioning, cure)
            cured = cure in vm.provisioning.cured_by
            return _still_broken(vm) if verb == "reapply" and not cured else None

        place = (vm.subscription, vm.location)
        return _run(call, place, seconds, effect, ended=ended, retry_after=10, poll_after=30)

    return handler


def _cure(call: Call, condition: Condition, cure: Cure) -> None:
    """Make a condition well again some time after its cure was applied."""
    if condition.well or cure not in condition.cured_by:
        return

    def heal() -> None:
        condition.well = True

    if condition.takes:
        call.world.timeline.after(condition.takes, heal)
    else:
        heal()


def _still_broken(vm: Vm) -> Json | None:
    """Fail a reapply that goes through all extensions again and trips over a failed one."""
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


def _delete_extension(call: Call) -> Reply:
    """Delete an extension. The 202 of an extension's delete has no Retry-After (recorded)."""
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
            _cure(call, vm.provisioning, "extension-delete")
        return None

    return _run(call, (vm.subscription, vm.location), 60.0, effect)


def _delete_point(call: Call) -> Reply:
    collection = collection_of(call)
    point = point_in(collection, call.params["point"])
    if point is None:
        return Reply(204)
    point.deleting = True

    def ended() -> None:
        point.deleting = False

    def effect() -> Json | None:
        drop(call.world, collection, point)
        return None

    place = (collection.subscription, collection.location)
    return _run(call, place, 30.0, effect, ended=ended, retry_after=10, poll_after=10)


def _delete_collection(call: Call) -> Reply:
    """Delete a collection with its points.

    With many points it times out half-way, and two or three retries are known to get it done.
    The error of the timed-out operation is unverified.
    """
    try:
        collection = collection_of(call)
    except ArmError:
        return Reply(204)
    collection.deleting = True

    def ended() -> None:
        collection.deleting = False

    def effect() -> Json | None:
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
    return _run(call, place, 90.0, effect, ended=ended, retry_after=10, poll_after=10)


def _poll(call: Call) -> Reply:
    operation = call.world.operations.get(call.params["operation"].lower())
    if operation is None or not ids.same(operation.subscription, call.subscription):
        raise resource_not_found(
            "Microsoft.Compute/locations/operations", call.params["operation"], "null"
        )
    if call.query.get("monitor", "").lower() != "true":
        after = operation.poll_after if operation.ended is None else None
        return Reply(200, operation_body(operation), retry_after=after)
    if operation.ended is None:
        here = f"{call.base}{call.path}?" + "&".join(f"{k}={v}" for k, v in call.query.items())
        return Reply(202, headers={"Location": here}, retry_after=operation.poll_after)
    if operation.error:
        error = operation.error
        raise ArmError(409, error["code"], error["message"], envelope="compute")
    return Reply(200)


_OPERATION = (
    "/subscriptions/{subscription}/providers/Microsoft.Compute"
    "/locations/{location}/operations/{operation}"
)

ROUTES = [
    *(Route("POST", f"{VM}/{verb}", f"{VM_KIND}/{verb}/action", _verb(verb)) for verb in _VERBS),
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
    Route("GET", _OPERATION, "Microsoft.Compute/locations/operations/read", _poll, polling=True),
]
