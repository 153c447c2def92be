"""Changes that are under way when a scenario begins, and their ends."""

from datetime import datetime, timedelta

from remediator.simulator.backup.points import drop
from remediator.simulator.backup.protection import keep_for_a_while
from remediator.simulator.backup.state import Item
from remediator.simulator.compute.state import COMES_TO_REST, Collection, Vm
from remediator.simulator.scenario.vm_parts import CollectionPart, ProtectionPart, VmPart
from remediator.simulator.world import World


def settle_vm(world: World, vm: Vm, part: VmPart, now: datetime) -> None:
    """End the changes of a VM that is starting, stopping or updating."""
    if (rest := COMES_TO_REST.get(vm.power)) is not None:
        before = vm.power

        def rests() -> None:
            if vm.power == before:
                vm.power = rest

        world.timeline.at(now + timedelta(seconds=part.power.takes), rests)
    if vm.provisioning.under_way and part.provisioning.takes:

        def settled() -> None:
            vm.provisioning.well, vm.provisioning.under_way = True, False

        world.timeline.at(now + timedelta(seconds=part.provisioning.takes), settled)


def end_deletion(world: World, collection: Collection, part: CollectionPart, now: datetime) -> None:
    """End the deletion of a collection, unless it is stuck."""
    collection.stuck = part.stuck_deleting
    collection.deleting = part.stuck_deleting or part.deleting_for is not None
    if part.deleting_for is None:
        return

    def vanish() -> None:
        for point in list(collection.points):
            drop(world, collection, point)
        if collection in world.collections:
            world.collections.remove(collection)

    world.timeline.at(now + timedelta(seconds=part.deleting_for), vanish)


def hold_item(world: World, item: Item, part: ProtectionPart, now: datetime) -> None:
    """Let another operation hold an item, or let the item be deleted for a while already."""
    item.excluded_luns = list(part.excluded_luns)
    item.busy_until = now + timedelta(seconds=part.busy_for)
    if part.deleted is not None:
        item.state = "ProtectionStopped"
        keep_for_a_while(world, item, part.deleted.at(now))
