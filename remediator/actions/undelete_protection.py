"""Bring back a protection that was deleted a short time ago."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._protection import OnProtection, item_body
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import Facts, Known, Source


class UndeleteProtection(OnProtection):
    """Undelete the protected item and its recovery points.

    Then its protection is stopped, and its data is kept. This is possible while the vault still
    keeps the deleted data, at least 14 days.
    """

    needs: ClassVar = frozenset({Source.ITEM, Source.OTHER_ITEMS})
    changes: ClassVar = frozenset({"protection"})
    action: Literal["undelete-protection"] = "undelete-protection"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item, source = facts.item.value, facts.item.source
        if not item.deleted:
            yield self.unchanged(item.id, f"it is not deleted ({source})")
            return
        yield self.protected_elsewhere(facts, item.id) or self.change(
            Operation.PUT_PROTECTION,
            item.id,
            what=f"undelete the backup of {facts.job.vm_name or item.name}",
            why=(f"the protected item is deleted, and can still be brought back ({source})",),
            before={"protection": "deleted"},
            after={"protection": "ProtectionStopped", "data": "kept"},
            impact=Impact.PROTECTION,
            undo="not needed: the protection is then stopped, and its stored data is billed again",
            body=item_body(
                item, policyId="", protectionState="ProtectionStopped", isRehydrate=True
            ),
        )
