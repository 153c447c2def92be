"""The instant restore points that have a proved copy in the vault."""

from datetime import timedelta
from typing import Final

from remediator.change.step import Lost
from remediator.facts import Point, RecoveryPoint

SAME_MOMENT: Final = timedelta(minutes=10)
"""How far apart the two records of one snapshot may be: Compute's timeCreated and the vault's
recoveryPointTime. No id links them. Compute makes at most three points of a kind in an hour
("Virtual machine restore points"). If the window still holds two of them, neither is proved."""


def proved_in_vault(
    points: tuple[Point, ...], recovery_points: tuple[RecoveryPoint, ...]
) -> dict[str, RecoveryPoint]:
    """The points whose copy in the vault is proved valid, by id.

    A point counts only under three conditions. Exactly one recovery point is of the same moment. No
    other restore point claims this recovery point. And this recovery point itself reports both a
    valid snapshot and a valid copy. A recovery point without a snapshot belongs to another
    snapshot, which is gone; it proves nothing about a snapshot that was never copied. Each doubtful
    point is left out, and so it is kept.
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
    """The data that deleting this point loses for ever."""
    return Lost(point=point.name, created=point.created, consistency=point.consistency)
