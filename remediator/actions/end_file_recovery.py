"""End file recoveries that were left open on the VM's recovery points."""

import shlex
from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator import ids
from remediator.actions._protection import OnProtection
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import Facts, Known, RecoveryPoint, Source, Unknown
from remediator.moments import shown


class EndFileRecovery(OnProtection):
    """End every file recovery that is open on a recovery point of this VM.

    Azure detaches the disks of the recovery. Whoever still copies files from them loses them, so
    this is never done without consent to changes of protection: who allows a restart does not mean
    somebody's restore. No data of a backup is lost. A recovery from a point of another VM is not
    seen, although its disks may be mounted in this one.
    """

    changes: ClassVar = frozenset({"file_recovery"})
    needs: ClassVar = frozenset({Source.ITEM, Source.RECOVERY_POINTS})
    action: Literal["end-file-recovery"] = "end-file-recovery"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per point with an open recovery, or the reason for no change."""
        yield from self.unread(facts)
        if not isinstance(facts.item, Known):
            return
        item = facts.item.value
        match facts.recovery_points:
            case Unknown(reason=reason):
                yield self.held(item.id, f"not known which file recoveries are open: {reason}")
            case Known(value=points, source=source):
                opened = [point for point in points if point.in_use]
                yield from (self._end(item.id, point, source) for point in opened)
                if not opened:
                    told = f"no file recovery is open on its {len(points)} points ({source})"
                    yield self.unchanged(item.id, told)

    def _end(self, item_id: str, point: RecoveryPoint, source: str) -> Step:
        when = shown(point.time)
        if point.id is None or not ids.covers(item_id, point.id):
            return self.held(item_id, f"the point of {when} is listed without its id ({source})")
        return self.change(
            Operation.END_FILE_RECOVERY,
            point.id,
            what=f"end the file recovery from the point of {when}; its disks are detached from "
            "the machine that uses them",
            why=(f"a file recovery from the point of {when} is open ({source})",),
            before={"file recovery": "open"},
            after={"file recovery": "ended"},
            impact=Impact.PROTECTION,
            undo=f"begin a new file recovery from the point: {_again(point.id)}",
        )


def _again(point_id: str) -> str:
    """The command that begins a file recovery anew."""
    at = ids.ResourceId.parse(point_id)
    vault, _, container, item, point = at.names
    words = ["az", "backup", "restore", "files", "mount-rp", "--subscription", at.subscription]
    words += ["--resource-group", at.group, "--vault-name", vault]
    words += ["--container-name", container, "--item-name", item, "--rp-name", point]
    return shlex.join(words)
