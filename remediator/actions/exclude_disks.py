"""Exclude from the backup the disks that Azure Backup cannot back up."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from remediator.actions._protection import OnProtection, item_body
from remediator.change.az_protection import az_protection
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.disks import described, disks_taken_along, is_shared, too_large
from remediator.conditions.protection import has_enhanced_policy, is_protected
from remediator.facts import Disk, Facts, Known, ProtectedItem, Source, Unknown

_TRAITS: Final[dict[str, Callable[[Disk], bool | None]]] = {
    "too-large": too_large,
    "shared": is_shared,
}


_PRICE: Final = (
    "points made from then on allow only Restore disks: no Create new VM, no Replace existing",
    "a volume that spans disks (spanned volume, storage pool, LVM) needs all of them in the backup",
    "the list replaces the former one; the system disk always stays in",
    "the list is lost when the protection is stopped and resumed",
)
_STANDARD: Final = (
    "under a Standard policy Azure still takes and bills a snapshot of every disk, excluded or not"
)
"""From "Selective disk backup and restore for Azure virtual machines" (2026-01-23)."""


class ExcludeDisks(OnProtection):
    """Exclude data disks that are over a limit, so that the others are backed up again.

    An excluded disk has no backup. The system disk is never excluded. Disks that are excluded
    already stay excluded. A Standard policy can exclude neither shared disks nor disks of a VM that
    Azure Disk Encryption encrypts ("Selective disk backup and restore").
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.POLICY, Source.VM, Source.DISKS})
    changes: ClassVar = frozenset({"disk_count", "disk_exclusion", "large_disks", "shared_disks"})
    action: Literal["exclude-disks"] = "exclude-disks"
    which: Literal["too-large", "shared"] = Field(description="Why the disks cannot be backed up.")

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change for all such disks, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item, source = facts.item.value, facts.item.source
        disks = disks_taken_along(facts)
        if isinstance(disks, Unknown):
            yield self.held(item.id, f"disks not known: {disks.reason}")
            return
        over = [disk for disk in disks if _TRAITS[self.which](disk)]
        if not over:
            shared = f"no disk in the backup is shared ({source})"
            large = f"no disk in the backup is too large ({source})"
            yield self.unchanged(item.id, shared if self.which == "shared" else large)
        elif not is_protected(item) or item.policy_id is None:
            yield self.held(item.id, f"protection is {item.state} ({source})")
        elif reason := self._why_not(facts):
            yield self.held(item.id, reason)
        else:
            cost = () if has_enhanced_policy(facts) is True else (_STANDARD,)
            yield self._exclude(item, item.policy_id, over, cost)

    def _judged(self, disk: Disk) -> str:
        """Why a disk is left out."""
        if self.which == "shared":
            return f"the disk is shared: {described(disk)}"
        return f"the disk is too large: {described(disk)}"

    def _why_not(self, facts: Facts) -> str | None:
        """Why the backup would fail all the same. None when an exclusion works."""
        encrypted = isinstance(facts.vm, Known) and bool(facts.vm.value.key_vaults)
        if self.which != "shared" and not encrypted:
            return None
        what = "shared disks" if self.which == "shared" else "disks of an encrypted VM"
        match has_enhanced_policy(facts):
            case Unknown(reason=reason):
                return f"only an Enhanced policy can exclude {what}; its type is unknown: {reason}"
            case False:
                return f"the VM has a Standard policy, and only an Enhanced one can exclude {what}"
            case True:
                return None

    def _exclude(
        self, item: ProtectedItem, policy: str, over: list[Disk], cost: tuple[str, ...]
    ) -> Step:
        named, only_these = item.disk_choice
        luns = {disk.lun for disk in over}
        wanted = sorted(set(named) - luns if only_these else set(named) | luns)
        chosen = {"diskLunList": wanted, "isInclusionList": only_these}
        extended = (item.extended or {}) | {"diskExclusionProperties": chosen}
        told = "; ".join(described(disk) for disk in over)
        return self.change(
            Operation.PUT_PROTECTION,
            item.id,
            what=f"exclude disks from the backup; from then on they have NO BACKUP: {told}",
            why=(*(self._judged(disk) for disk in over), *_PRICE, *cost),
            before={"disks": _choice(named, only_these)},
            after={"disks": _choice(wanted, only_these)},
            impact=Impact.PROTECTION,
            undo=undo_command(item),
            body=item_body(item, policyId=policy, extendedProperties=extended),
        )


def _choice(luns: Any, only_these: bool) -> str:
    listed = ", ".join(map(str, luns)) or "none"
    return f"only LUNs {listed}" if only_these else f"all but LUNs {listed}"


def undo_command(item: ProtectedItem) -> str:
    """The command that restores the present choice of disks."""
    named, only_these = item.disk_choice
    if not named:
        return az_protection(
            "update-for-vm", item.id, "--disk-list-setting", "resetexclusionsettings"
        )
    how = "include" if only_these else "exclude"
    luns = [str(lun) for lun in named]
    return az_protection("update-for-vm", item.id, "--disk-list-setting", how, "--diskslist", *luns)
