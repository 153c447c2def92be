"""Conditions about the VM's data disks, for the limits of Azure Backup."""

from collections.abc import Callable
from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Absent, Disk, Facts, Known, Readings, Source, Unknown

LARGEST_DISK_GB: Final = 65_536
"""The largest size of one disk: 64 TiB ("Support matrix for Azure VM backups", 2025-10-27).

Older pages say 32 TB, and 4 TB for encrypted disks; the pages of 2015 said one TB.
"""

MOST_GB: Final = 524_288
"""The largest size of all disks of one VM together: 512 TiB (the same support matrix)."""

MOST_DISKS: Final = 32
"""The most data disks of one VM (the same support matrix). Older pages say 16, and first 5."""


def too_large(disk: Disk) -> bool | None:
    """Whether a disk is certainly over the limit. None when its size is not known."""
    return disk.size_gb > LARGEST_DISK_GB if disk.size_gb is not None else None


def is_shared(disk: Disk) -> bool | None:
    """Whether several VMs may attach the disk. None when the disk does not tell."""
    return disk.shared


def is_accelerated(disk: Disk) -> bool | None:
    """Whether the disk has Write Accelerator."""
    return disk.write_accelerated


def described(disk: Disk) -> str:
    """A disk in a few words."""
    traits = [disk.kind, f"{disk.size_gb} GB" if disk.size_gb is not None else "of unknown size"]
    traits += ["shared"] if disk.shared else []
    traits += ["with Write Accelerator"] if disk.write_accelerated else []
    return f"LUN {disk.lun} {disk.name} ({', '.join(traits)})"


def disks_taken_along(facts: Readings) -> tuple[Disk, ...] | Unknown:
    """The data disks that a backup includes now: all except those that the item leaves out."""
    match facts.disks, facts.item:
        case (Unknown() as unknown, _) | (_, Unknown() as unknown):
            return unknown
        case Known(value=disks), Absent():
            return disks
        case Known(value=disks), Known(value=item):
            return tuple(disk for disk in disks if item.takes(disk.lun))


def _which(trait: Callable[[Disk], bool | None], told: str) -> Callable[[Facts], State | Unknown]:
    def derive(facts: Facts) -> State | Unknown:
        disks = disks_taken_along(facts)
        if isinstance(disks, Unknown):
            return disks
        found = [disk for disk in disks if trait(disk)]
        unclear = [disk for disk in disks if trait(disk) is None]
        if found:
            return State("some", f"{told}: {'; '.join(map(described, found))}")
        if unclear:
            return Unknown(f"not known for {'; '.join(map(described, unclear))}")
        if not disks:
            return State("none", f"{told}: no data disk is in the backup")
        return State("none", f"{told}: none of these disks: {'; '.join(map(described, disks))}")

    return derive


def _count(facts: Facts) -> State | Unknown:
    disks = disks_taken_along(facts)
    if isinstance(disks, Unknown):
        return disks
    listed = "; ".join(map(described, disks))
    told = f"{len(disks)} data disks are in the backup, the limit is {MOST_DISKS}: {listed}"
    return State("over" if len(disks) > MOST_DISKS else "within", told)


def _exclusion(facts: Facts) -> State | Unknown:
    match facts.item:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("none", f"the vault does not protect this VM ({source})")
        case Known(value=item, source=source):
            named, only_these = item.disk_choice
            if not named and not only_these:
                return State("none", f"every disk is backed up ({source})")
            how = "only these LUNs are backed up" if only_these else "these LUNs are left out"
            return State("some", f"{how}: {', '.join(map(str, named)) or 'none'} ({source})")


def _storage(facts: Facts) -> State | Unknown:
    match facts.vm:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source):
            loose = [disk.name for disk in vm.disks if disk.managed_id is None]
            if vm.managed and not loose:
                return State("managed", f"all its disks are managed ones ({source})")
            named = ", ".join((["the system disk"] if not vm.managed else []) + loose)
            return State("unmanaged", f"in a storage account: {named} ({source})")


_DISKS: Final = frozenset({Source.DISKS, Source.ITEM})

CONDITIONS: Final = (
    Condition(
        "large_disks",
        ("none", "some"),
        f"Data disks in the backup that are larger than {LARGEST_DISK_GB} GB.",
        _DISKS,
        _which(too_large, f"larger than {LARGEST_DISK_GB} GB"),
    ),
    Condition(
        "shared_disks",
        ("none", "some"),
        "Data disks in the backup that several VMs may attach.",
        _DISKS,
        _which(is_shared, "shared"),
    ),
    Condition(
        "disk_count",
        ("within", "over"),
        f"How many data disks are in the backup; `over` above {MOST_DISKS}.",
        _DISKS,
        _count,
    ),
    Condition(
        "disk_exclusion",
        ("none", "some"),
        "Whether the backup leaves out disks of the VM.",
        frozenset({Source.ITEM}),
        _exclusion,
    ),
    Condition(
        "disk_storage",
        ("managed", "unmanaged"),
        "Whether the VM's disks are managed ones, or lie in a storage account.",
        frozenset({Source.VM}),
        _storage,
    ),
)
