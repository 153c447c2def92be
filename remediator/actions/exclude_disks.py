"""Exclude from the backup the disks that Azure Backup cannot back up."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from remediator.actions._protection import OnProtection, az_protection, item_body
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.disks import described, disks_taken_along, is_shared, too_large
from remediator.conditions.protection import is_protected
from remediator.facts import Disk, Facts, Known, ProtectedItem, Source, Unknown

_TRAITS: Final[dict[str, Callable[[Disk], bool | None]]] = {
    "too-large": too_large,
    "shared": is_shared,
}


class ExcludeDisks(OnProtection):
    """Exclude data disks that are over a limit, so that the others are backed up again.

    An excluded disk has no backup. The system disk is never excluded. Disks that are excluded
    already stay excluded.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.VM, Source.DISKS})
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
            yield self.unchanged(item.id, f"no disk in the backup is {self.which} ({source})")
        elif not is_protected(item) or item.policy_id is None:
            yield self.held(item.id, f"protection is {item.state} ({source})")
        else:
            yield self._exclude(item, item.policy_id, over)

    def _exclude(self, item: ProtectedItem, policy: str, over: list[Disk]) -> Step:
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
            why=tuple(f"{described(disk)} is {self.which}" for disk in over),
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
