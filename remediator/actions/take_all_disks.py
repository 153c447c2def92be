"""Back up every disk again."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._protection import OnProtection, item_body
from remediator.actions.exclude_disks import undo_command
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.protection import is_protected
from remediator.facts import Facts, Known, Source


class TakeAllDisks(OnProtection):
    """Remove the choice of disks from the protection: from then on every disk is backed up.

    The first backup of a disk that was left out takes longer, and its stored data is billed.
    """

    needs: ClassVar = frozenset({Source.ITEM})
    changes: ClassVar = frozenset({"disk_count", "disk_exclusion", "large_disks", "shared_disks"})
    action: Literal["take-all-disks"] = "take-all-disks"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item, source = facts.item.value, facts.item.source
        named, only_these = item.disk_choice
        if not named and not only_these:
            yield self.unchanged(item.id, f"every disk is backed up ({source})")
        elif not is_protected(item) or item.policy_id is None:
            yield self.held(item.id, f"protection is {item.state} ({source})")
        else:
            how = "only these LUNs are backed up" if only_these else "LUNs are excluded"
            listed = ", ".join(map(str, named)) or "none"
            yield self.change(
                Operation.PUT_PROTECTION,
                item.id,
                what="back up every disk of the VM again",
                why=(f"{how}: {listed} ({source})",),
                before={"disks": f"{how}: {listed}"},
                after={"disks": "all"},
                impact=Impact.PROTECTION,
                undo=undo_command(item),
                body=item_body(
                    item,
                    policyId=item.policy_id,
                    extendedProperties=(item.extended or {}) | {"diskExclusionProperties": None},
                ),
            )
