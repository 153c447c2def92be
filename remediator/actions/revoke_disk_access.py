"""End the shared access to the disks of old instant restore points."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from remediator.actions import Action
from remediator.actions._points import is_expired, of_a_former_vm
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.jobs import why_busy
from remediator.conditions.locks import locks_on
from remediator.facts import Absent, DiskPoint, Facts, Known, Source, Unknown


class RevokeDiskAccess(Action):
    """Revoke the shared access signatures of the disks in restore points that are to be deleted.

    Azure deletes no point while such an access is open, and does not tell to which point. So the
    access is ended for the points that the policy no longer keeps. If the policy keeps every point,
    the access is ended for all of them. Any reader that uses such an address is cut off, another
    product for example.
    """

    needs: ClassVar = frozenset(
        {
            Source.DISK_POINTS,
            Source.POINTS,
            Source.POLICY,
            Source.LOCKS,
            Source.JOBS,
            Source.VM,
        }
    )
    needs_late: ClassVar = frozenset({Source.VM})
    action: Literal["revoke-disk-access"] = "revoke-disk-access"
    which: Literal["old", "all"] = Field(
        default="old",
        description="The points that the policy no longer keeps, or all of a collection to delete.",
    )

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per disk."""
        target = facts.job.vm_id or facts.job.id
        if busy := why_busy(facts):
            yield self.held(target, f"{busy}; a running job may read the disks")
            return
        match facts.points, facts.disk_points:
            case (Unknown(reason=reason), _) | (_, Unknown(reason=reason)):
                yield self.held(target, f"disks of the restore points not known: {reason}")
            case _ if self.which == "old" and (unclear := _retention_unclear(facts)):
                yield self.held(target, f"not known which points the policy still keeps: {unclear}")
            case _ if isinstance(theirs := of_a_former_vm(facts), Unknown):
                yield self.held(
                    target, f"cannot tell to which VM the restore points belong: {theirs.reason}"
                )
            case Known(value=points), Known(value=every, source=source):
                stay = {point.id for point in theirs}
                disks = [disk for disk in every if disk.point_id not in stay]
                expired = {point.id for point in points if is_expired(point, facts)}
                old = [disk for disk in disks if disk.point_id in expired]
                for disk in old if old and self.which == "old" else disks:
                    yield self._forbidden(disk, facts) or self._revoke(
                        disk, source, kept=disk not in old
                    )
                if not disks:
                    yield self.unchanged(target, f"the restore points have no disks ({source})")

    def _forbidden(self, disk: DiskPoint, facts: Facts) -> Step | None:
        locks = locks_on(facts, disk.id)
        if isinstance(locks, Unknown):
            return self.held(disk.id, f"locks not known: {locks.reason}")
        for lock in locks:
            if lock.read_only:
                return self.held(disk.id, f"ReadOnly lock {lock.name} on {lock.scope} forbids it")
        return None

    def _revoke(self, disk: DiskPoint, source: str, *, kept: bool) -> Step:
        point = disk.point_id.rsplit("/", 1)[-1]
        rule = (
            "Azure does not delete a restore point while somebody has shared access to one of "
            f"its disks. It does not say to which disk ({source})"
        )
        return self.change(
            Operation.REVOKE_DISK_POINT,
            disk.id,
            what=f"end shared access to disk {disk.name} of restore point {point}",
            why=(
                rule,
                f"the policy keeps {point}, but Azure does not say which point blocks the "
                "deletion, or all are to be deleted"
                if kept
                else f"the policy no longer keeps {point}, which is to be deleted",
            ),
            before={"shared access": "not told by Azure"},
            after={"shared access": None},
            impact=Impact.SECURITY,
            undo=(
                "none: the shared address stops working; a user who needs access must ask for a "
                "new one"
            ),
        )


def _retention_unclear(facts: Facts) -> str | None:
    """Why the retention of the points is not known. None when the policy tells it."""
    match facts.policy:
        case Unknown(reason=reason):
            return reason
        case Absent(source=source):
            return f"there is no policy ({source})"
        case Known(value=policy, source=source):
            return None if policy.instant_retention_days else f"it does not say ({source})"
