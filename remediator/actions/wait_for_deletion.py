"""Wait until a restore point collection that is being deleted is gone."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.collection import being_deleted
from remediator.facts import Facts, Known, Source, Unknown


class WaitForDeletion(Action):
    """Look at the VM's collections until none is marked for deletion any more. Changes nothing."""

    needs: ClassVar = frozenset({Source.COLLECTIONS})
    changes: ClassVar = frozenset({"collection", "restore_points"})
    action: Literal["wait-for-deletion"] = "wait-for-deletion"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One wait per collection."""
        target = facts.job.vm_id or facts.job.id
        deleting = being_deleted(facts)
        if isinstance(deleting, Unknown):
            yield self.held(target, f"collections not known: {deleting.reason}")
            return
        source = facts.collections.source if isinstance(facts.collections, Known) else ""
        if not deleting:
            yield self.unchanged(target, f"no collection of this VM is being deleted ({source})")
        for collection in deleting:
            yield self.change(
                Operation.WAIT_FOR_DELETION,
                collection.id,
                what=f"wait until collection {collection.name} has gone",
                why=(f"collection {collection.name} is marked for deletion ({source})",),
                before={"collection": collection.name},
                after={"collection": None},
                impact=Impact.READ_ONLY,
                undo="not needed: nothing is changed",
            )
