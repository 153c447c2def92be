"""The VM's jobs: the running ones, the result of the last backup, and the durations."""

from datetime import timedelta
from shlex import quote
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed, unknown
from remediator.facts import Readings, Source, Unknown
from remediator.job.job import JobRow
from remediator.language import marked
from remediator.moments import shown

LONGEST_BACKUP: Final = timedelta(hours=12)
LONGEST_RESTORE: Final = timedelta(hours=6)
"""From "Troubleshoot backup errors with Azure virtual machines": longer jobs need a look."""


def _idle(about: Readings) -> Answer:
    own, others = about.jobs, about.other_jobs
    if isinstance(own, Unknown):
        return unknown(own.reason)
    if isinstance(others, Unknown):
        return unknown(others.reason)
    running = [row for row in (*own.value, *others.value) if row.running]
    if not running:
        return passed("no job of this VM is running, in any vault of the subscription", own.source)
    named = "; ".join(f"{row.operation} {row.id} since {shown(row.start)}" for row in running)
    return failed(
        "running: {jobs}",
        own.source,
        marked("Let it end, or cancel it while it takes its snapshot; only one runs at a time."),
        jobs=named,
    )


def _last(about: Readings) -> Answer:
    if isinstance(about.jobs, Unknown):
        return unknown(about.jobs.reason)
    source = about.jobs.source
    sure = [row for row in about.jobs.value if row.is_backup and not row.by_name]
    ended = [row for row in sure if row.start and not row.running]
    if not ended:
        return left_open("no backup has ended within the last three days", source)
    last = max(ended, key=lambda row: row.start or about.subject.now)
    told = {"job": last.name, "status": last.status, "at": shown(last.start)}
    if last.succeeded:
        return passed("job {job} of {at} ended {status}", source, **told)
    return failed(
        "job {job} of {at} ended {status}",
        source,
        marked("Let this tool diagnose it: remediate --job-id {id} --dry-run"),
        id=quote(last.id),
        **told,
    )


def _durations(about: Readings) -> Answer:
    if isinstance(about.jobs, Unknown):
        return unknown(about.jobs.reason)
    source = about.jobs.source
    slow = [row for row in about.jobs.value if _is_slow(row, about)]
    if not slow:
        return passed("no backup took over 12 hours, no restore over 6", source)
    named = "; ".join(f"{row.operation} {row.name} ({shown(row.start)})" for row in slow)
    return failed(
        "too long: {jobs}",
        source,
        marked(
            "Spread the VMs over several policies and hours; the first backup of a VM, and one "
            "with much changed data, takes long."
        ),
        jobs=named,
    )


def _is_slow(row: JobRow, about: Readings) -> bool:
    if row.start is None:
        return False
    took = (row.end or about.subject.now) - row.start
    return (row.is_backup and took > LONGEST_BACKUP) or (row.is_restore and took > LONGEST_RESTORE)


_JOBS: Final = frozenset({Source.JOBS})

CHECKS: Final = (
    Check("job-idle", Area.JOBS, "No job is in the way", _JOBS | {Source.OTHER_JOBS}, _idle),
    Check("last-backup", Area.JOBS, "The last backup succeeded", _JOBS, _last),
    Check("durations", Area.JOBS, "Jobs end in time", _JOBS, _durations),
)
