"""A former run, with what the history counts of it: from its report, or from its record alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime

from remediator.job.job import Job
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.run.run import Began, Concluded, Ended, Entry, JobFollowed, Outcome, Refused
from remediator.run.verdict import Ending

CodeOf = Callable[[Job], str | None]
"""The code of a failed job."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """The backup job that a run began."""

    id: str
    at: datetime
    """When it began. If that is not known: when it was seen first."""
    known: bool
    """Whether the beginning is known."""
    failed: bool
    code: str | None
    ended: datetime | None
    """When it succeeded, by Azure's own clock. None if that is not known, or if it failed."""


@dataclass(frozen=True, slots=True)
class Told:
    """A run."""

    run_id: str
    began: datetime
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    ending: Ending | None = None
    """None if the run has no verdict."""
    ended: datetime | None = None
    stale: bool = False
    """Whether nothing was done, because the subscription had changed."""
    new_job: NewJob | None = None


def of_report(report: Report, code_of: CodeOf) -> Told:
    """A run with a report."""
    job = report.new_job
    return Told(
        run_id=report.run_id,
        began=report.started,
        plan=report.plan,
        outcomes=report.outcomes,
        ending=report.verdict.ending,
        ended=report.ended,
        new_job=_of_job(job, report, code_of) if job is not None else None,
    )


def of_entries(run_id: str, plan: Plan, began: AwareDatetime, entries: Sequence[Entry]) -> Told:
    """A run without a report, from its entries. Of its job they tell when something was seen."""
    concluded = next((each for each in entries if isinstance(each, Concluded)), None)
    ending = _ending(concluded.verdict) if concluded else None
    return Told(
        run_id=run_id,
        began=began,
        plan=plan,
        outcomes=tuple(each.outcome for each in entries if isinstance(each, Ended)),
        ending=ending,
        ended=concluded.at if concluded else None,
        stale=any(isinstance(each, Refused) for each in entries),
        new_job=_followed(entries, plan, ending),
    )


def of_record(began: Began, entries: Sequence[Entry]) -> Told:
    """A run of which only the record is left."""
    return of_entries(began.run_id, began.plan, began.at, entries)


def _of_job(job: Job, report: Report, code_of: CodeOf) -> NewJob:
    failed = report.verdict.ending in (Ending.SAME, Ending.NEW)
    return NewJob(
        id=job.id,
        at=job.start or job.seen,
        known=job.start is not None,
        failed=failed,
        code=code_of(job) if failed else None,
        ended=job.end if job.succeeded else None,
    )


def _followed(entries: Sequence[Entry], plan: Plan, ending: Ending | None) -> NewJob | None:
    seen = [each for each in entries if isinstance(each, JobFollowed) and each.ours]
    if not seen:
        return None
    return NewJob(
        id=seen[-1].job_id,
        at=seen[0].at,
        known=False,
        failed=ending in (Ending.SAME, Ending.NEW),
        code=plan.failure.code if ending is Ending.SAME else None,
        ended=None,
    )


def _ending(said: str) -> Ending | None:
    try:
        return Ending(said)
    except ValueError:
        return None
