"""The recovery point of the backup that a run triggered: how consistent it is."""

from datetime import timedelta
from enum import IntEnum
from typing import Final

from remediator.facts import Consistency, Facts, Known, PowerState, RecoveryPoint, Source
from remediator.job.job import Job
from remediator.run.run import NewPoint
from remediator.run.sight import Sight

_ALL: Final = frozenset({Source.RECOVERY_POINTS, Source.POLICY, Source.VM})
"""The sources that can explain a crash-consistent point. Other points need no explanation."""

_CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""A job and its recovery point are dated by different machines."""


class _Kind(IntEnum):
    """How consistent a point is, the least first. The names are those of `recoveryPointType`."""

    CRASHCONSISTENT = 1
    FILESYSTEMCONSISTENT = 2
    APPCONSISTENT = 3


_SAID: Final = {
    _Kind.CRASHCONSISTENT: "crash-consistent",
    _Kind.FILESYSTEMCONSISTENT: "file-system consistent",
    _Kind.APPCONSISTENT: "application-consistent",
}


_TOLD: Final = {
    _Kind.CRASHCONSISTENT: "its recovery point is crash-consistent",
    _Kind.FILESYSTEMCONSISTENT: "its recovery point is file-system consistent",
    _Kind.APPCONSISTENT: "its recovery point is application-consistent",
}


_BEFORE: Final = {
    _Kind.FILESYSTEMCONSISTENT: "the one before was file-system consistent",
    _Kind.APPCONSISTENT: "the one before was application-consistent",
}


async def new_point(sight: Sight, job: Job) -> NewPoint | None:
    """The recovery point of a backup job that succeeded. None if the vault does not tell it."""
    try:
        found = describe(await sight.read(frozenset({Source.RECOVERY_POINTS})), job)
        unexplained = found is not None and found.consistency == _SAID[_Kind.CRASHCONSISTENT]
        return describe(await sight.read(_ALL), job) if unexplained else found
    except Exception:  # noqa: BLE001 - the backup has succeeded, whatever this look meets
        return None


def describe(facts: Facts, job: Job) -> NewPoint | None:
    """What the vault's list says of the job's recovery point.

    A point that a missing agent or a failed VSS made only crash-consistent is a recovery point too,
    so it is told and counts as recovered ("About agentless multi-disk crash-consistent backup").
    """
    if not isinstance(facts.recovery_points, Known) or job.start is None:
        return None
    since = job.start - _CLOCKS_DIFFER
    points = sorted(facts.recovery_points.value, key=lambda point: point.time)
    new = next((_kind(p) for p in points if p.time >= since), None)
    before = next((_kind(p) for p in reversed(points) if p.time < since), None)
    if new is None:
        return None
    told = _TOLD[new]
    if new is not _Kind.CRASHCONSISTENT:
        return NewPoint(consistency=_SAID[new], told=told)
    worse = before is not None and before > new
    if why := _explanation(facts):
        return NewPoint(consistency=_SAID[new], told=f"{told}, {why}")
    if not worse or before is None or not _wants_more(facts):
        return NewPoint(consistency=_SAID[new], told=told)
    warning = (
        f"WARNING: {_BEFORE[before]}: look at the VM agent, and at VSS in a "
        "Windows guest or at freezing in a Linux one"
    )
    return NewPoint(consistency=_SAID[new], told=f"{told}; {warning}", worse=True)


def _kind(point: RecoveryPoint) -> _Kind | None:
    """The kind of a point. None for a word that is not known."""
    return _Kind.__members__.get(point.consistency.upper())


def _explanation(facts: Facts) -> str | None:
    """Why a point can only be crash-consistent. None when nothing known explains it."""
    policy = facts.policy.value if isinstance(facts.policy, Known) else None
    if policy and policy.consistency is Consistency.CRASH:
        return "as the policy asks"
    vm = facts.vm.value if isinstance(facts.vm, Known) else None
    if vm and vm.power in (PowerState.STOPPED, PowerState.DEALLOCATED) and not facts.started:
        return "because the VM is off"
    return None


def _wants_more(facts: Facts) -> bool:
    """Whether the policy is known to ask for more than crash-consistent points."""
    policy = facts.policy.value if isinstance(facts.policy, Known) else None
    return policy is not None and policy.consistency is Consistency.APPLICATION
