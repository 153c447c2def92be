"""The restore points that a change loses for ever, told in the same words everywhere."""

from collections.abc import Iterator

from remediator.change.step import Change
from remediator.language import _, _n
from remediator.moments import shown


def loss(count: int) -> str:
    """How many restore points are lost."""
    told = _n(
        "LOSES {count} RESTORE POINT FOR EVER", "LOSES {count} RESTORE POINTS FOR EVER", count
    )
    return told.format(count=count)


def losses(change: Change) -> Iterator[str]:
    """Each restore point that a change loses."""
    for gone in change.loses:
        yield _("{point} of {at}, {consistency}: exists nowhere else").format(
            point=gone.point, at=shown(gone.created), consistency=gone.consistency
        )
