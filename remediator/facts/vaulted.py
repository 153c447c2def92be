"""Which instant restore points are proved to have a copy in the vault."""

from datetime import timedelta
from typing import Final

from remediator.change.step import Lost
from remediator.facts import Point, RecoveryPoint

SAME_MOMENT: Final = timedelta(minutes=10)
"""How far apart the two records of one snapshot may be: Compute's timeCreated and the vault's
recoveryPointTime. No id links them; an app-consistent point takes at least 20 minutes' distance
from the next (three an hour), so the window cannot take in two."""


def proved_in_vault(
    points: tuple[Point, ...], recovery_points: tuple[RecoveryPoint, ...]
) -> dict[str, RecoveryPoint]:
    """The points whose copy in the vault is proved valid, by id.

    A point counts only when exactly one recovery point is of its moment, no other restore point
    claims the same one, and this recovery point says itself that it has both a valid snapshot and
    a valid copy: one without a snapshot is another's, whose snapshot has gone, and says nothing of
    a snapshot that was never copied. Every doubt leaves a point out, and so leaves it alive.
    """
    claims: dict[str, list[RecoveryPoint]] = {
        point.id: [
            recovery
            for recovery in recovery_points
            if point.created and abs(recovery.time - point.created) <= SAME_MOMENT
        ]
        for point in points
    }
    claimed = [id(recovery) for found in claims.values() for recovery in found]
    return {
        point_id: found[0]
        for point_id, found in claims.items()
        if len(found) == 1 and claimed.count(id(found[0])) == 1 and found[0].in_both
    }


def lost_with(point: Point) -> Lost:
    """What deleting this point loses for ever."""
    return Lost(point=point.name, created=point.created, consistency=point.consistency)
