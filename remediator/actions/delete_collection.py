"""Delete the VM's restore point collections of Azure Backup, whole."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from remediator.actions import Action
from remediator.actions._points import NEEDS, why_not_now
from remediator.facts import Facts, Known, Provisioning
from remediator.operations import Operation
from remediator.step import Impact, Step
from remediator.vaulted import lost_with, proved_in_vault


class DeleteCollection(Action):
    """The article's last step: delete the collection; the next backup makes a new one.

    It deletes the instant restore points, not the data in the vault. Points without a proved copy
    there are named, and need --allow-data-loss.
    """

    needs: ClassVar = NEEDS
    action: Literal["delete-collection"] = "delete-collection"
    which: Literal["all", "marked"] = Field(
        default="all",
        description="All of the VM's collections, or those that are marked for deletion already.",
    )

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per collection of this VM."""
        reason = why_not_now(facts)
        if reason or not isinstance(facts.points, Known):
            yield self.held(facts.job.vm_id or facts.job.id, reason or "points not known")
            return
        found = facts.collections.value if isinstance(facts.collections, Known) else ()
        marked = tuple(c for c in found if c.state is Provisioning.DELETING)
        collections = found if self.which == "all" else marked
        recovery = facts.recovery_points.value if isinstance(facts.recovery_points, Known) else ()
        if not collections:
            yield self.unchanged(
                facts.job.vm_id or facts.job.id,
                "the VM has no restore point collection"
                if self.which == "all"
                else "none of the VM's restore point collections is marked for deletion",
            )
        for collection in collections:
            points = tuple(p for p in facts.points.value if p.collection_id == collection.id)
            proved = proved_in_vault(points, recovery)
            yield self.change(
                Operation.DELETE_COLLECTION,
                collection.id,
                what=f"delete collection {collection.name} with {len(points)} restore points",
                why=(
                    (
                        "Azure's own clean-up failed, and few points are left to delete singly: "
                        if self.which == "all"
                        else "it is marked for deletion, and has not gone; asked again: "
                    )
                    + f"{len(points)} remain ({facts.points.source})",
                    f"{len(proved)} of them have a valid copy in the vault",
                ),
                before={"collection": collection.name, "points": [p.name for p in points]},
                after={"collection": None},
                impact=Impact.DESTRUCTIVE,
                undo="none: instant restore points do not come back; copies in the vault stay",
                loses=tuple(lost_with(point) for point in points if point.id not in proved),
            )
