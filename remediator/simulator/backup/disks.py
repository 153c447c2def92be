"""Which disks of a VM a backup includes, and which of them it cannot back up."""

from remediator.simulator.backup.state import Item
from remediator.simulator.compute.state import Disk, Vm
from remediator.simulator.world import World

_NEED_ENHANCED = ("UltraSSD", "PremiumV2")
"""The kinds of disks that only an Enhanced policy backs up (documented; the code is inferred)."""


def taken_along(item: Item, vm: Vm) -> list[Disk]:
    """Return the data disks that the item's settings do not exclude."""
    named = set(item.excluded_luns)
    return [each for each in vm.disks if (each.lun in named) == item.only_named_luns]


def unsupported(world: World, item: Item, vm: Vm) -> str | None:
    """Return the code with which a backup refuses the VM's disks, or None.

    The scenario sets how many disks are allowed and how large they may be. The default is 32 disks
    of 64 TiB. A Standard policy can leave out neither a disk of an encrypted VM nor a shared disk.
    An Enhanced policy can do both ("Selective disk backup and restore").
    """
    standard = not item.policy.enhanced
    if standard and vm.encryption is not None and item.excluded_luns:
        return "UserErrorEncryptedVmNotSupportedWithDiskEx"
    disks = taken_along(item, vm)
    if len(disks) > world.data_disk_limit:
        return "UserErrorBCMUnsupportedDiskCount"
    if any(disk.size_gb > world.disk_size_limit_gb for disk in disks):
        return "UserErrorUnsupportedDiskSize"
    if standard and any(disk.sku.startswith(_NEED_ENHANCED) for disk in disks):
        return "UserErrorUnsupportedDiskConfiguration"
    if any(disk.shared for disk in (vm.disks if standard else disks)):
        return "UserErrorSharedDiskBackupNotSupported"
    return None
