"""What a plan says of its changes as a whole, besides what each change says of itself."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Step
from remediator.ids import group_name

EACH_DELETION: Final = timedelta(minutes=1)
"""The time for one restore point: its deletion, and two looks half a minute apart. Nobody documents
how long Azure takes."""

USUAL_TIMEOUT: Final = timedelta(hours=2)
"""The longest time of a run, if nobody sets another one."""

_DELETIONS: Final = (Operation.DELETE_POINT, Operation.DELETE_COLLECTION)


def notes_on(steps: Iterable[Step]) -> Iterator[str]:
    """The notes on a plan's changes. Changes that wait for consent count."""
    asked = (step.change if isinstance(step, Held) else step for step in steps)
    deletions = [c for c in asked if isinstance(c, Change) and c.operation in _DELETIONS]
    yield from _how_long(deletions)
    yield from _price(deletions)


def _how_long(deletions: list[Change]) -> Iterator[str]:
    """A warning if the deletions alone may take longer than a run has time."""
    points = [each for each in deletions if each.operation is Operation.DELETE_POINT]
    if (takes := len(points) * EACH_DELETION) > USUAL_TIMEOUT / 2:
        hours = -(-takes // timedelta(hours=1))
        yield (
            f"{len(points)} restore points are deleted one after another, which may take "
            f"{hours} hours: give --timeout {hours + 1}h, or run again for the rest"
        )


def _price(deletions: list[Change]) -> Iterator[str]:
    """What deleting restore points by hand may cost.

    Sources: "Get improved backup and restore performance with Azure Backup Instant Restore
    capability"; "Troubleshoot Azure Backup failure: issues with the agent or extension".
    """
    if not deletions:
        return
    yield (
        "deleting restore points by hand may disturb the consistency of later backups; a restore "
        "point without a copy in the vault is lost for ever"
    )
    yield (
        "if backups fail after the deletion, stop the protection, keep its data, and resume the "
        "protection with the same policy"
    )
    yield (
        "no history tells when a lock was taken off: if somebody took one off after the last "
        "backup, back up first, because Azure may clean up by itself now"
    )
    for group in dict.fromkeys(group_name(each.target) for each in deletions):
        yield (
            f"group {group} may hold restore point collections of other VMs too: never delete the "
            "group itself; this plan touches only what belongs to this VM"
        )
