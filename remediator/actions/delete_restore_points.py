"""Delete single restore points, oldest first.

Points without a proved copy in the vault come last.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions._points import OnPoints, is_expired, of_a_former_vm, why_not_now
from remediator.change.operations import Operation
from remediator.change.step import Change, Impact, Lost, Step
from remediator.conditions.points import restore_point_limit
from remediator.facts import Facts, Known, Point, Unknown
from remediator.facts.vaulted import lost_with, proved_in_vault
from remediator.moments import shown


class DeleteRestorePoints(OnPoints):
    """Make room for the next snapshot without losing anything.

    The points that the policy no longer keeps are deleted first, then the oldest ones, until one
    place is free. The newest point always stays. Points of a former VM of the same name are named
    and stay. Points that exist nowhere else stay too. If room can be made only by losing one of
    these, its change says so and needs --allow-data-loss.
    """

    changes: ClassVar = frozenset({"restore_points"})
    action: Literal["delete-restore-points"] = "delete-restore-points"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per point to delete, one unchanged step per point without a proved copy."""
        reason = why_not_now(facts)
        if reason or not isinstance(facts.points, Known):
            yield self.held(facts.job.vm_id or facts.job.id, reason or "points not known")
            return
        points, theirs = facts.points.value, of_a_former_vm(facts)
        own = [p for p in points if isinstance(theirs, Unknown) or p not in theirs]
        dated = sorted((p for p in own if p.created), key=lambda p: p.created or facts.job.seen)
        recovery = facts.recovery_points.value if isinstance(facts.recovery_points, Known) else ()
        proved = proved_in_vault(points, recovery)
        older = dated[:-1]
        safe = [point for point in older if point.id in proved]
        expired = [point for point in safe if is_expired(point, facts)]
        excess = len(points) - len(expired) - (restore_point_limit(facts)[0] - 1)
        kept_by_policy = [point for point in safe if point not in expired]
        doomed = expired + kept_by_policy[: max(excess, 0)]
        excess -= len(kept_by_policy)
        alone = [point for point in older if point.id not in proved]
        sacrificed = alone[: max(excess, 0)]
        undated = [point for point in own if not point.created]
        alone += undated
        for point in (p for p in dated if p in doomed):
            yield self._delete(point, facts, ())
        for point in alone:
            if point in sacrificed:
                yield self._delete(point, facts, (lost_with(point),))
            else:
                yield self.unchanged(
                    point.id,
                    f"point of {shown(point.created)} ({point.consistency}) is kept: no valid "
                    "copy of it in the vault is proved",
                )
        for point in () if isinstance(theirs, Unknown) else theirs:
            yield self.unchanged(
                point.id,
                f"point of {shown(point.created)} is kept: it belongs to a former VM of this "
                f"name with the vmId {point.vm_unique_id}",
            )
        if doomed or sacrificed:
            return
        target = facts.job.vm_id or facts.job.id
        if undated:
            told = f"not known when {len(undated)} of {len(points)} restore points were made"
            yield self.held(target, told)
        else:
            yield self.unchanged(
                target,
                f"of {len(points)} restore points, none is both unneeded and safe to delete",
            )

    def _delete(self, point: Point, facts: Facts, loses: tuple[Lost, ...]) -> Change:
        source = facts.points.source if isinstance(facts.points, Known) else ""
        safety = (
            "NO valid copy in the vault is proved: it would be lost for ever"
            if loses
            else "its copy in the vault is valid"
        )
        return self.change(
            Operation.DELETE_POINT,
            point.id,
            what=f"delete restore point {point.name} of {shown(point.created)}",
            why=(
                f"Azure's own clean-up failed and the collection is full ({source})",
                f"point of {shown(point.created)} ({point.consistency}): {safety}",
            ),
            before={
                "point": point.name,
                "created": str(point.created),
                "consistency": point.consistency,
                "copy in the vault": not loses,
            },
            after={"point": None},
            impact=Impact.DESTRUCTIVE,
            undo="none: an instant restore point does not come back"
            + ("" if loses else "; the copy in the vault stays"),
            loses=loses,
        )
