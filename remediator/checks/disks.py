"""The VM's disks, and the limits of Azure Backup for them."""

from collections.abc import Callable
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed, unknown
from remediator.checks.vm import of_vm
from remediator.conditions.disks import (
    LARGEST_DISK_GB,
    MOST_DISKS,
    MOST_GB,
    described,
    disks_taken_along,
    is_accelerated,
    is_shared,
    too_large,
)
from remediator.facts import Absent, Disk, Known, Readings, Source, Unknown, Vm
from remediator.facts.key_access import encrypted_with_key, standing, who_is_asked
from remediator.language import marked

Tell = Callable[[tuple[Disk, ...], str], Answer]


def _of_disks(tell: Tell) -> Callable[[Readings], Answer]:
    def look(about: Readings) -> Answer:
        disks = disks_taken_along(about)
        if isinstance(disks, Unknown):
            return unknown(disks.reason)
        return tell(disks, about.disks.source if isinstance(about.disks, Known) else "")

    return look


def _count(disks: tuple[Disk, ...], source: str) -> Answer:
    told = {"count": len(disks), "most": MOST_DISKS}
    if len(disks) > MOST_DISKS:
        return failed(
            "{count} data disks; at most {most} can be backed up",
            source,
            marked("Leave some out of the backup, or move their data to fewer disks."),
            **told,
        )
    return passed("{count} of at most {most} data disks", source, **told)


def _size(disks: tuple[Disk, ...], source: str) -> Answer:
    told = {"most": LARGEST_DISK_GB}
    if large := [described(disk) for disk in disks if too_large(disk)]:
        return failed(
            "larger than {most} GB: {disks}",
            source,
            marked("Leave the disk out of the backup, or move its data to smaller ones."),
            disks="; ".join(large),
            **told,
        )
    if (total := sum(disk.size_gb or 0 for disk in disks)) > MOST_GB:
        return failed(
            "all data disks together have {total} GB; at most {most} GB can be backed up",
            source,
            marked("Leave some out of the backup, or spread the data over several VMs."),
            total=total,
            most=MOST_GB,
        )
    if silent := [described(disk) for disk in disks if too_large(disk) is None]:
        return left_open("size not known: {disks}", source, disks="; ".join(silent))
    return passed("no data disk is larger than {most} GB", source, **told)


def _kind(disks: tuple[Disk, ...], source: str) -> Answer:
    if odd := [described(disk) for disk in disks if is_shared(disk)]:
        return failed(
            "shared: {disks}",
            source,
            marked(
                "Leave these disks out of the backup, which only an Enhanced policy can do, and "
                "save their data with Azure Disk Backup."
            ),
            disks="; ".join(odd),
        )
    if silent := [described(disk) for disk in disks if is_shared(disk) is None]:
        return left_open("kind not known: {disks}", source, disks="; ".join(silent))
    if fast := [described(disk) for disk in disks if is_accelerated(disk)]:
        # "Support matrix for Azure VM backups" (2026-01-28).
        return passed(
            "no data disk is shared; with Write Accelerator the VM needs outbound access for the "
            "snapshot: {disks}",
            source,
            disks="; ".join(fast),
        )
    return passed("no data disk is shared or has Write Accelerator", source)


def _access(disks: tuple[Disk, ...], source: str) -> Answer:
    """Source: "Support matrix for Azure VM backups". A disk without public access is no problem."""
    if shut := [described(disk) for disk in disks if _wants_sign_in(disk)]:
        return failed(
            "data access only with Microsoft Entra ID: {disks}",
            source,
            marked(
                "Turn data access authentication off for these disks, or leave them out of the "
                "backup: with it, their backup fails."
            ),
            disks="; ".join(shut),
        )
    return passed("no data disk demands a sign-in with Microsoft Entra ID", source)


def _wants_sign_in(disk: Disk) -> bool:
    return (disk.data_access or "").lower() == "azureactivedirectory"


def _managed(vm: Vm, source: str) -> Answer:
    loose = [] if vm.managed else ["the system disk"]
    loose += [disk.name for disk in vm.disks if disk.managed_id is None]
    if not loose:
        return passed("all disks are managed", source)
    return failed(
        "in a storage account: {disks}",
        source,
        marked(
            "Azure Backup no longer supports such disks: convert them to managed disks in a quiet "
            "hour. Until then, watch the storage account: its limits, its locks, and the snapshots "
            "of its blobs."
        ),
        disks=", ".join(loose),
    )


def _system(vm: Vm, source: str) -> Answer:
    if not vm.ephemeral:
        return passed("its system disk is not an ephemeral one", source)
    return failed(
        "its system disk is ephemeral",
        source,
        marked(
            "Azure Backup does not support an ephemeral system disk. Never deallocate, redeploy or "
            "resize the VM to mend its backup: the disk's content would be lost."
        ),
    )


def _keys(about: Readings) -> Answer:
    if isinstance(about.key_vaults, Unknown):
        return unknown(about.key_vaults.reason)
    if isinstance(about.key_vaults, Absent):
        return failed(
            "a key vault that its disks name does not exist",
            about.key_vaults.source,
            marked("Recover the key vault, if it was deleted and its retention lasts."),
        )
    vaults, source = about.key_vaults.value, about.key_vaults.source
    if not vaults:
        return passed("the VM's disks name no key vault", source)
    if closed := [vault.name for vault in vaults if vault.closed]:
        return failed(
            "the firewall of {vaults} keeps Azure's trusted services out",
            source,
            marked("Let trusted Microsoft services through the key vault's firewall."),
            vaults=", ".join(closed),
        )
    service = who_is_asked(about)
    if isinstance(service, Unknown):
        return left_open(
            "encrypted by {vaults}; who may read there is not judged: {reason}",
            source,
            vaults=", ".join(vault.name for vault in vaults),
            reason=service.reason,
        )
    keys = encrypted_with_key(about)
    found = {vault.name: standing(vault, service, keys=keys) for vault in vaults}
    if unclear := next((each for each in found.values() if isinstance(each, Unknown)), None):
        return unknown(unclear.reason)
    if lacking := [name for name, each in found.items() if each != "granted"]:
        return failed(
            "Azure Backup may not get, list and back up what is in {vaults}",
            source,
            marked(
                "Give the Backup Management Service the permissions get, list and backup for "
                "secrets, and for keys if there is one. If the vault uses roles, give it Key "
                "Vault Administrator."
            ),
            vaults=", ".join(lacking),
        )
    return passed(
        "Azure Backup has what it needs in {vaults}",
        source,
        vaults=", ".join(vault.name for vault in vaults),
    )


_DISKS: Final = frozenset({Source.DISKS, Source.ITEM})

CHECKS: Final = (
    Check("disk-count", Area.DISKS, "Not too many data disks", _DISKS, _of_disks(_count)),
    Check("disk-size", Area.DISKS, "No data disk is too large", _DISKS, _of_disks(_size)),
    Check("disk-kind", Area.DISKS, "Its disks can be backed up", _DISKS, _of_disks(_kind)),
    Check("disk-access", Area.DISKS, "Its disks may be read", _DISKS, _of_disks(_access)),
    Check(
        "disks-managed",
        Area.DISKS,
        "Its disks are managed disks",
        frozenset({Source.VM}),
        of_vm(_managed),
    ),
    Check(
        "system-disk",
        Area.DISKS,
        "Its system disk can be backed up",
        frozenset({Source.VM}),
        of_vm(_system),
    ),
    Check(
        "key-access",
        Area.DISKS,
        "Azure Backup may read its keys",
        frozenset({Source.VM, Source.KEY_VAULTS}),
        _keys,
    ),
)
