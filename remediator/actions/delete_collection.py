"""Delete the VM's whole restore point collections of Azure Backup."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from remediator.actions._points import OnPoints, of_a_former_vm, why_not_now
from remediator.change.operations import Operation
from remediator.change.step import Held, Impact, Step
from remediator.facts import Collection, Facts, Known, Point, Provisioning, Source, Unknown
from remediator.facts.vaulted import lost_with, proved_in_vault


class DeleteCollection(OnPoints):
    """The article's last step: delete the collection. The next backup makes a new one.

    This deletes the instant restore points, not the data in the vault. Points without a proved copy
    in the vault are named, and need --allow-data-loss. A collection that shows no point stays,
    because only one answer says that it is empty. A collection with points of a former VM of this
    name stays too.
    """

    needs_to_send: ClassVar = frozenset({Source.OTHER_JOBS})
    changes: ClassVar = frozenset({"collection", "restore_points"})
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
        if not collections:
            yield self.unchanged(
                facts.job.vm_id or facts.job.id,
                "the VM has no restore point collection"
                if self.which == "all"
                else "none of the VM's restore point collections is marked for deletion",
            )
        for collection in collections:
            points = tuple(p for p in facts.points.value if p.collection_id == collection.id)
            yield self._why_it_stays(collection, points, facts) or self._delete(
                collection, points, facts, facts.points.source
            )

    def _why_it_stays(
        self, collection: Collection, points: tuple[Point, ...], facts: Facts
    ) -> Held | None:
        if not points:
            source = facts.points.source if isinstance(facts.points, Known) else ""
            told = "no restore point is shown in it, but nothing proves that it is empty"
            return self.held(
                collection.id, f"{told} ({source})", "look at it, and delete it by hand"
            )
        former = of_a_former_vm(facts)
        theirs = [p for p in points if not isinstance(former, Unknown) and p in former]
        if not theirs:
            return None
        named = ", ".join(f"{p.name} (vmId {p.vm_unique_id})" for p in theirs)
        return self.held(
            collection.id, f"it holds restore points of a former VM of this name: {named}"
        )

    def _delete(
        self, collection: Collection, points: tuple[Point, ...], facts: Facts, source: str
    ) -> Step:
        recovery = facts.recovery_points.value if isinstance(facts.recovery_points, Known) else ()
        every = facts.points.value if isinstance(facts.points, Known) else points
        proved = set(proved_in_vault(every, recovery)) & {point.id for point in points}
        return self.change(
            Operation.DELETE_COLLECTION,
            collection.id,
            what=f"delete collection {collection.name} with {len(points)} restore points",
            why=(
                f"Azure's own clean-up failed, and only few points can be deleted one by one: "
                f"{len(points)} remain ({source})"
                if self.which == "all"
                else f"it is marked for deletion but still there, so its deletion is asked for "
                f"again: {len(points)} remain ({source})",
                f"{len(proved)} of them have a valid copy in the vault",
            ),
            before={"collection": collection.name, "points": [p.name for p in points]},
            after={"collection": None},
            impact=Impact.DESTRUCTIVE,
            undo="none: instant restore points do not come back; copies in the vault stay",
            loses=tuple(lost_with(point) for point in points if point.id not in proved),
        )
