"""What another administrator does, at once.

It is not a client's request, so it is not in the log.
"""

from collections.abc import Callable
from typing import Final

from remediator.simulator import ids
from remediator.simulator.backup import engine, points
from remediator.simulator.backup.state import Item
from remediator.simulator.compute.state import SNAPSHOT_EXTENSION, Extension, Vm
from remediator.simulator.world import World


def _locks_back(level: str) -> Callable[[World, str], bool]:
    """Put back every lock that was taken off, with this level."""

    def act(world: World, _vm: str) -> bool:
        off = [
            lock
            for lock in world.locks.locks
            if lock.deleted is not None and not world.locks.find(lock.scope, lock.name)
        ]
        for lock in off:
            lock.deleted, lock.level = None, level
        return bool(off)

    return act


def _backup(world: World, name: str) -> bool:
    """Begin a backup by hand."""
    item = _item(world, name)
    if item is None or item.deleted is not None:
        return False
    engine.trigger(world, item)
    return True


def _stop_protection(world: World, name: str) -> bool:
    """Stop the protection and keep the data."""
    item = _item(world, name)
    if item is None or item.state == "ProtectionStopped":
        return False
    item.state = "ProtectionStopped"
    return True


def _delete_vm(world: World, name: str) -> bool:
    """Delete the VM. Its backups stay."""
    vm = _vm(world, name)
    if vm is None:
        return False
    world.vms.remove(vm)
    return True


def _recreate_vm(world: World, name: str) -> bool:
    """Delete the VM and make a new one of the same name. It has another GUID and is well."""
    vm = _vm(world, name)
    if vm is None:
        return False
    new = Vm(vm.subscription, vm.group, vm.name, vm.location, os=vm.os, size=vm.size)
    new.tags, new.changed, new.generation = dict(vm.tags), world.now, vm.generation + 1
    world.vms[world.vms.index(vm)] = new
    return True


def _delete_collection(world: World, name: str) -> bool:
    """Delete the VM's restore point collections with their points."""
    vm = _vm(world, name)
    found = world.collections.having("source", vm.arm_id.lower()) if vm else []
    for collection in found:
        for point in list(collection.points):
            points.drop(world, collection, point)
        world.collections.remove(collection)
    return bool(found)


def _install_extension(world: World, name: str) -> bool:
    """Install the snapshot extension. If it is there, replace it."""
    vm = _vm(world, name)
    if vm is None:
        return False
    kind = SNAPSHOT_EXTENSION[vm.os]
    vm.extensions = [each for each in vm.extensions if not ids.same(each.name, kind)]
    vm.extensions.append(Extension(kind, "Microsoft.Azure.RecoveryServices", kind))
    return True


def _power(world: World, name: str) -> bool:
    """Start the VM if it is off. Else deallocate it."""
    vm = _vm(world, name)
    if vm is None:
        return False
    vm.power = "deallocated" if vm.power == "running" else "running"
    vm.changed = world.now
    return True


ACTS: Final[dict[str, Callable[[World, str], bool]]] = {
    "locks-back": _locks_back("CanNotDelete"),
    "locks-back-read-only": _locks_back("ReadOnly"),
    "backup": _backup,
    "stop-protection": _stop_protection,
    "delete-vm": _delete_vm,
    "recreate-vm": _recreate_vm,
    "delete-collection": _delete_collection,
    "install-extension": _install_extension,
    "power": _power,
}
"""Each act by its name. It takes the name of the VM, and tells whether there was anything to do."""


def _vm(world: World, name: str) -> Vm | None:
    return next((each for each in world.vms if ids.same(each.name, name)), None)


def _item(world: World, name: str) -> Item | None:
    return next((each for each in world.items if ids.same(each.vm, name)), None)
