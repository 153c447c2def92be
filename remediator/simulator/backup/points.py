"""Restore points of the backup service: counting, cleaning up, adding, deleting."""

from datetime import timedelta

from remediator.simulator import ids
from remediator.simulator.backup.state import Item, RecoveryPoint
from remediator.simulator.compute.state import Collection, RestorePoint, Vm
from remediator.simulator.resources.state import Group
from remediator.simulator.world import World


def own_collections(world: World, item: Item) -> list[Collection]:
    """Return Azure Backup's collections of the item's VM, in any resource group."""
    return [
        each
        for each in world.collections.having("source", item.vm_id.lower())
        if each.made_by_azure_backup
    ]


def count(world: World, item: Item) -> int:
    """Count the restore points for the limit, over all collections and groups."""
    return sum(len(each.points) for each in own_collections(world, item))


def clean_up(world: World, item: Item) -> None:
    """Delete the snapshots that are older than the policy allows, unless a lock forbids it.

    The newest point stays. A point whose data is not yet in the vault also stays.
    """
    oldest = world.now - timedelta(days=item.policy.instant_days)
    needed = {id(each.snapshot) for each in item.points if each.snapshot and not each.vaulted}
    for collection in own_collections(world, item):
        if world.locks.holding(collection.arm_id, "delete", world.now):
            continue
        newest = max((point.created for point in collection.points), default=world.now)
        for point in list(collection.points):
            if point.shared_disks:
                continue
            if point.created < oldest and point.created != newest and id(point) not in needed:
                drop(world, collection, point)


def drop(world: World, collection: Collection, point: RestorePoint) -> None:
    """Delete a restore point. Data that only this point held cannot be restored any more."""
    if point in collection.points:
        collection.points.remove(point)
    for item in world.items_of(collection.source):
        for recovery in list(item.points):
            if recovery.snapshot is point:
                recovery.snapshot = None
                if not recovery.vaulted:
                    item.points.remove(recovery)


def add(world: World, item: Item, vm: Vm) -> RecoveryPoint:
    """Take a snapshot: add a restore point to the VM's collection, and its recovery point."""
    collection = _collection_for(world, item, vm)
    crash = item.crash_consistent or item.policy.crash_consistent
    if vm.power != "running" or crash:
        consistency = "CrashConsistent"
    else:
        consistency = "ApplicationConsistent" if vm.os == "windows" else "FileSystemConsistent"
    stamp = world.now.strftime("%Y%m%d_%H%M%S")
    point = RestorePoint(f"AzureBackup_{stamp}", world.now, consistency)
    collection.points.append(point)
    return record(item, point, vaulted=False)


def record(item: Item, point: RestorePoint, *, vaulted: bool) -> RecoveryPoint:
    """Make the recovery point of a restore point."""
    kinds = {
        "ApplicationConsistent": "AppConsistent",
        "FileSystemConsistent": "FileSystemConsistent",
        "CrashConsistent": "CrashConsistent",
    }
    number = str(int(ids.guid("recovery", item.vm_id, point.name)[:12].replace("-", ""), 16))
    recovery = RecoveryPoint(number, point.created, kinds[point.consistency], point, vaulted)
    item.points.append(recovery)
    item.last_point = max(item.last_point or point.created, point.created)
    return recovery


def _collection_for(world: World, item: Item, vm: Vm) -> Collection:
    group = _group_for(world, item)
    for collection in own_collections(world, item):
        if ids.same(collection.group, group):
            return collection
    number = int(ids.guid("collection", item.vm_id, group)[:8], 16)
    collection = Collection(
        item.subscription, group, f"AzureBackup_{item.vm}_{number:011d}", vm.location, vm.arm_id
    )
    world.collections.append(collection)
    return collection


def group_of_new(item: Item) -> str:
    """Name the group of new collections: ``<prefix>n<suffix>``.

    If a policy's pattern changes, the old points stay where they are.
    """
    prefix = item.policy.group_prefix or f"AzureBackupRG_{item.vault.location}_"
    return f"{prefix}1{item.policy.group_suffix or ''}"


def _group_for(world: World, item: Item) -> str:
    """Name the group of new collections, and make the group if it does not exist."""
    name = group_of_new(item)
    if world.group(item.subscription, name) is None:
        world.groups.append(Group(item.subscription, name, item.vault.location))
    return name
