"""The condition about Azure's own clean-up of restore points, judged from the VM's job history."""

from datetime import datetime, timedelta
from typing import Final

from remediator import ids
from remediator.conditions.condition import Condition, State
from remediator.conditions.jobs import backups_since_last_success, with_what_is_known, worth_reading
from remediator.conditions.points import restore_point_limit
from remediator.conditions.protection import is_protected
from remediator.facts import Absent, Attempt, Facts, Known, Source, Unknown
from remediator.job.job import JobRow
from remediator.moments import shown

SOONEST: Final = timedelta(hours=4)
"""A scheduled backup that begins earlier after the on-demand backup says nothing of the clean-up.

It takes "few hours" ("Troubleshoot Azure Backup failure: issues with the agent or extension").
Under an hourly policy, a scheduled backup may begin minutes later.
"""

LATEST: Final = timedelta(hours=24)
"""Azure deletes an expired snapshot within this time ("Get improved backup and restore performance
with Azure Backup Instant Restore capability")."""


def _clean_up(facts: Facts) -> State | Unknown:
    """How far Azure's own clean-up is.

    An on-demand backup starts it. There are two proofs that it has failed: a scheduled backup that
    failed hours later with the same error; or `LATEST` is over, and there is still no room.

    The history does not tell when a lock was taken off, and Azure cleans up nothing below a lock.
    So this condition counts only together with `backup_lock: none`.
    """
    match facts.attempts:
        case Unknown() as unknown:
            return unknown
        case Known(value=()):
            return State("not-started", "no on-demand backup since the last success")
        case Known(value=tried):
            return _after(tried, facts)


def _after(tried: tuple[Attempt, ...], facts: Facts) -> State | Unknown:
    last, now = tried[-1].job, facts.job.seen
    if last.start is None:
        return Unknown(f"job {last.name} does not say when it began")
    begun = f"on-demand backup {last.name} began {shown(last.start)} ({tried[-1].told})"
    match facts.item:
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return State("unproved", f"{begun}; the vault does not protect this VM ({source})")
        case Known(value=item, source=source) if not is_protected(item):
            idle = f"protection is {item.state}, so no scheduled backup runs ({source})"
            return State("unproved", f"{begun}; {idle}")
        case Known():
            pass
    failed = _scheduled_failure(tried, last.start + SOONEST, facts)
    if isinstance(failed, Unknown):
        return failed
    if failed:
        proof = f"scheduled backup {failed.name} of {shown(failed.start)} failed again"
        return State("failed", f"{begun}, and {proof}")
    if (due := last.start + LATEST) > now:
        told = f"look again after the next scheduled backup, or after {shown(due)}"
        return State("under-way", f"{begun}, and Azure has {_HOURS} hours; {told}")
    if _has_room(facts):
        told = f"there is room now, and no scheduled backup has failed since {shown(last.start)}"
        return State("unproved", f"{begun}; {told}")
    return State("failed", f"{begun}, and the clean-up was due by {shown(due)}")


_HOURS: Final = LATEST // timedelta(hours=1)


def _scheduled_failure(
    tried: tuple[Attempt, ...], since: datetime, facts: Facts
) -> JobRow | Unknown | None:
    """The latest backup that the schedule began since then, and that failed like the job."""
    failed = backups_since_last_success(facts)
    if isinstance(failed, Unknown):
        return failed
    attempts = {ids.normal(each.job.id) for each in tried}
    told = with_what_is_known(failed, facts)
    # A backup that was read and is no attempt was begun by the schedule.
    read, _unread = worth_reading(told, facts)
    return next(
        (
            row
            for row in reversed(told)
            if row.is_backup
            and ids.normal(row.id) not in attempts
            and row.start is not None
            and row.start >= since
            and (row.id in read or row.begun_on_demand is False)
            and (ids.same(row.id, facts.job.id) or row.codes & facts.job.codes)
        ),
        None,
    )


def _has_room(facts: Facts) -> bool:
    """Whether the VM is known to have fewer restore points than it may have."""
    points = facts.points.value if isinstance(facts.points, Known) else None
    return points is not None and len(points) < restore_point_limit(facts)[0]


CONDITIONS: Final = (
    Condition(
        "clean_up",
        ("not-started", "under-way", "unproved", "failed"),
        "How far Azure's own clean-up of restore points is after an on-demand backup: `failed` "
        f"when a scheduled backup failed hours later, or when {_HOURS} hours are over and there is "
        "no room; `unproved` while the VM is not protected, or if there is room by then.",
        frozenset({Source.JOBS, Source.ATTEMPTS, Source.ITEM, Source.POINTS, Source.POLICY}),
        _clean_up,
    ),
)
