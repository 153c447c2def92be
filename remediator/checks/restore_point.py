"""The recovery point that a failed restore was to read."""

from datetime import timedelta
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, not_there, passed
from remediator.facts import Readings, RecoveryPoint, Source, Unknown
from remediator.language import marked
from remediator.moments import shown

_SHOWN: Final = 5
"""How many of the newest recovery points are named."""

_NEAR: Final = timedelta(seconds=1)
"""A job tells the time of its recovery point to the second."""


def _point(about: Readings) -> Answer:
    if isinstance(about.recovery_points, Unknown):
        return not_there(about.recovery_points, "recovery point")
    source = about.recovery_points.source
    points = sorted(about.recovery_points.value, key=lambda point: point.time, reverse=True)
    newest = "; ".join(map(_told, points[:_SHOWN])) or "-"
    at = about.subject.restore.point if about.subject.restore else None
    if at is None:
        return left_open(
            "the job names no recovery point; the newest: {points}", source, points=newest
        )
    wanted = next((point for point in points if abs(point.time - at) < _NEAR), None)
    if wanted is None:
        return failed(
            "the vault lists no recovery point of {at} any more",
            source,
            marked("Restore from another recovery point; the newest: {points}"),
            at=shown(at),
            points=newest,
        )
    if not wanted.valid:
        return failed(
            "the vault lists it without a valid copy: {point}",
            source,
            marked("Restore from another recovery point; the newest: {points}"),
            point=_told(wanted),
            points=newest,
        )
    return passed("{point}", source, point=_told(wanted))


def _told(point: RecoveryPoint) -> str:
    return f"{shown(point.time)} {', '.join(sorted(point.valid)) or '-'}"


CHECKS: Final = (
    Check(
        "restore-point",
        Area.RESTORE,
        "The recovery point is still there",
        frozenset({Source.RECOVERY_POINTS}),
        _point,
        of_restore=True,
    ),
)
