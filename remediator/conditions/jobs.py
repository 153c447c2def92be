"""Conditions about the VM's backup jobs: attempts, running jobs, successes."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from remediator import ids
from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Known, Readings, Source, Unknown
from remediator.job.job import JobRow
from remediator.moments import shown

STUCK_AFTER: Final = timedelta(hours=24)
"""A backup that still takes its snapshot after this time will not end by itself."""


_A_DAY: Final = timedelta(days=1)
"""How long before a backup a restore may have begun to which it may belong. Nobody documents it."""

TRIES: Final = ("none", "one", "two", "three", "many")
"""The words of `tries`, in the order in which attempts use them up."""


DECISIVE: Final = 5
"""So many attempts decide. No rung asks for a fifth one, and by default no guard does."""


def with_what_is_known(failed: Iterable[JobRow], about: Readings) -> tuple[JobRow, ...]:
    """The failed backups; the job in question tells what began it, because it was read in full."""
    subject = about.subject
    return tuple(
        row.model_copy(update={"on_demand": subject.job_on_demand})
        if ids.same(row.id, subject.job_id)
        else row
        for row in failed
    )


def worth_reading(
    failed: Sequence[JobRow], about: Readings
) -> tuple[frozenset[str], frozenset[str]]:
    """The failed backups whose details tell what began them, and the older ones that nobody reads.

    Only as many details are read as attempts are missing to `DECISIVE`, the newest first.

    Args:
        failed: the failed backups, oldest first, `with_what_is_known`.
        about: names the job in question, which was read in full already.

    Returns:
        The ids of both.
    """
    sure = sum(1 for row in failed if row.begun_on_demand)
    unknown = [
        row.id
        for row in failed
        if row.is_backup
        and row.begun_on_demand is None
        and not ids.same(row.id, about.subject.job_id)
    ]
    first = max(0, len(unknown) - max(0, DECISIVE - sure))
    return frozenset(unknown[first:]), frozenset(unknown[:first])


def backups_since_last_success(facts: Readings) -> tuple[JobRow, ...] | Unknown:
    """The VM's ended backup jobs after the last successful one, oldest first.

    If the job in question was to begin the VM's protection, jobs of this kind are returned instead:
    without protection there are no backups.
    """
    match facts.jobs:
        case Unknown() as unknown:
            return unknown
        case Known(value=rows):
            ended = sorted(
                (row for row in rows if _counts(row, facts) and row.start and not row.running),
                key=lambda row: row.start or facts.subject.now,
            )
            last = max((n for n, row in enumerate(ended) if row.succeeded), default=-1)
            since = ended[last].start if last >= 0 else None
            open_ = (row for row in rows if _may_count(row, facts))
            unsure = next((r for r in open_ if not (r.start and since and r.start < since)), None)
            return Unknown(_untold(unsure)) if unsure else tuple(ended[last + 1 :])


def _counts(row: JobRow, facts: Readings) -> bool:
    kind = row.configures if facts.subject.configures else row.is_backup
    return kind and not row.by_name


def _may_count(row: JobRow, facts: Readings) -> bool:
    """Whether an ended job may be one of the failed ones, but does not tell enough to be sure."""
    if row.running or row.succeeded or _is_itself(row, facts):
        return False
    if not row.operation:
        return True
    kind = row.configures if facts.subject.configures else row.is_backup
    return kind and (row.by_name or row.start is None)


def _is_itself(row: JobRow, facts: Readings) -> bool:
    return ids.same(row.id, facts.subject.job_id)


def _untold(row: JobRow) -> str:
    lacking = (
        "what it did"
        if not row.operation
        else "which VM it was for"
        if row.by_name
        else "its start"
    )
    return f"job {row.name} does not say {lacking}"


def newer_success(facts: Facts) -> JobRow | Unknown | None:
    """The latest backup of this VM that succeeded after the job in question.

    None if there is none.
    """
    match facts.jobs:
        case Unknown() as unknown:
            return unknown
        case Known(value=rows):
            began = facts.job.start
            if began is None:
                return Unknown("the job has no start time")
            # The end of the backup counts. An earlier backup that blocked this one counts once it
            # has succeeded.
            good = (r for r in rows if r.is_backup and r.succeeded and not r.by_name)
            later = [r for r in good if r.end and r.end > began]
            # The container says that the job is this VM's. But a name beside it must not say
            # otherwise.
            sure = [
                r for r in later if not r.vm_name or ids.same_name(r.vm_name, facts.job.vm_name)
            ]
            if later and not sure:
                told = f"job {later[0].name} names the container of this VM, and another VM"
                return Unknown(
                    f"cannot tell which VM this successful backup is of: {told}, {later[0].vm_name}"
                )
            return max(sure, key=lambda row: row.end or began, default=None)


def running_jobs(facts: Facts) -> tuple[JobRow, ...] | Unknown:
    """Jobs of this VM that have not ended: backups, restores and others, in every vault asked.

    The result is unknown as soon as one of those vaults did not answer.
    """
    if Source.OTHER_JOBS in facts.read() and isinstance(facts.other_jobs, Unknown):
        return facts.other_jobs
    return running_as_far_as_seen(facts)


def why_busy(facts: Facts) -> str | None:
    """Why no step may disturb a job of this VM. None while no job is running."""
    running = running_jobs(facts)
    if isinstance(running, Unknown):
        return f"not known whether a job is running: {running.reason}"
    if not running:
        return None
    first = running[0]
    perhaps = f", judged only by the name {first.vm_name}" if first.by_name else ""
    return f"{first.operation} job {first.name} is running{perhaps}"


def running_as_far_as_seen(facts: Facts) -> tuple[JobRow, ...] | Unknown:
    """Like `running_jobs`, but an unread vault is ignored.

    Use it where Azure itself refuses collisions.
    """
    match facts.jobs:
        case Unknown() as unknown:
            return unknown
        case Known(value=rows):
            others = facts.other_jobs.value if isinstance(facts.other_jobs, Known) else ()
            return tuple(row for row in (*rows, *others) if row.running)


def restores_before(facts: Facts) -> tuple[JobRow, ...] | Unknown:
    """Restores of this VM that began in the day before the job in question, oldest first.

    A restore that does not tell its start counts: only less is done because of it.
    """
    match facts.jobs, facts.job.start:
        case Unknown() as unknown, _:
            return unknown
        case _, None:
            return Unknown("the job has no start time")
        case Known(value=rows), began:
            found = (r for r in rows if r.is_restore and not _is_itself(r, facts))
            near = [r for r in found if not r.start or began - _A_DAY <= r.start <= began]
            return tuple(sorted(near, key=lambda row: row.start or began))


def _restore(facts: Facts) -> State | Unknown:
    restores = restores_before(facts)
    if isinstance(restores, Unknown):
        return restores
    if not restores:
        return State("none", "no restore of this VM began in the day before the job")
    return State("recent", ", ".join(f"{r.name} ({shown(r.start)})" for r in restores))


def _tries(facts: Facts) -> State | Unknown:
    match facts.attempts:
        case Unknown() as unknown:
            return unknown
        case Known(value=tried):
            names = ", ".join(f"{t.job.name} ({t.job.status}, {t.told})" for t in tried)
            because = f"{len(tried)} on-demand backups since the last success"
            because += f": {names}" if names else ""
            to = len(tried)
            if facts.climbed is not None:
                to = facts.climbed.to
                because += f"; {facts.climbed.because}"
            word = TRIES[min(to, len(TRIES) - 1)]
            because += f"; so the ladder goes on at {word}" if to != len(tried) else ""
            return State(word, because)


def _running_job(facts: Facts) -> State | Unknown:
    running = running_jobs(facts)
    if isinstance(running, Unknown):
        return running
    if not running:
        return State("none", "no job of this VM is running")
    told = ", ".join(f"{r.operation} {r.id} since {shown(r.start)}" for r in running)
    stuck = all(r.is_backup and r.start and facts.job.seen - r.start > STUCK_AFTER for r in running)
    return State("stuck" if stuck else "running", told)


CONDITIONS: Final = (
    Condition(
        "tries",
        TRIES,
        "How far up the ladder this VM already is, read from Azure's own job history: the failed "
        "on-demand backups since the last success, and what the scripts of this tool's own ones "
        "found.",
        frozenset({Source.JOBS, Source.ATTEMPTS}),
        _tries,
    ),
    Condition(
        "restore",
        ("none", "recent"),
        "Whether a restore of this VM began in the day before the job.",
        frozenset({Source.JOBS}),
        _restore,
    ),
    Condition(
        "running_job",
        ("none", "running", "stuck"),
        "A job of this VM that has not ended, in its vault or in another of the subscription; "
        "`stuck` after 24 hours.",
        frozenset({Source.JOBS, Source.OTHER_JOBS}),
        _running_job,
    ),
)
