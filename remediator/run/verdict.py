"""Verdict: what the new backup, followed to its end, proved."""

from enum import StrEnum

from remediator.change.operations import Operation
from remediator.job.failure import Failure
from remediator.run.run import Applied, Result
from remediator.value import Value


class Ending(StrEnum):
    """How it ended for the VM."""

    RECOVERED = "recovered"
    SAME = "failed-again-same-code"
    NEW = "failed-with-new-code"
    RUNNING = "still-running"
    HUMAN = "needs-human"
    SETTLED = "settled"
    """No backup was due: what was to be done is done, and seen."""


class Verdict(Value):
    """The ending, and what it rests on."""

    ending: Ending
    text: str


def judge(applied: Applied, failure: Failure | None) -> Verdict:
    """The verdict of a run.

    Args:
        applied: what was done.
        failure: the classified failure of the new job, when that failed.
    """
    job = applied.new_job
    if job is None:
        if applied.recovered_by:
            return Verdict(
                ending=Ending.RECOVERED,
                text=f"backup job {applied.recovered_by} has succeeded meanwhile",
            )
        if applied.job_unread:
            return Verdict(ending=Ending.HUMAN, text=applied.job_unread)
        stop = next((o for o in applied.outcomes if o.result not in _FINE), None)
        if _is_settled(applied):
            done = "; ".join(outcome.text for outcome in applied.outcomes)
            return Verdict(ending=Ending.SETTLED, text=done)
        return Verdict(
            ending=Ending.HUMAN,
            text=stop.text if stop else "no backup was triggered to prove a fix",
        )
    if job.running:
        stages = ", ".join(f"{task.name} {task.status}" for task in job.tasks)
        return Verdict(
            ending=Ending.RUNNING, text=f"backup job {job.name} is {job.status}: {stages}"
        )
    if job.succeeded:
        return Verdict(ending=Ending.RECOVERED, text=f"backup job {job.name} ended {job.status}")
    code = failure.code if failure else None
    told = f"backup job {job.name} ended {job.status} with {code or 'no code'}"
    if code and code == applied.plan.failure.code:
        return Verdict(ending=Ending.SAME, text=told)
    return Verdict(ending=Ending.NEW, text=told)


def _is_settled(applied: Applied) -> bool:
    """Whether the plan was one without a backup, of changes that a read shows, and all are seen.

    A protection that a failed job was to begin, and that has begun, shows that what came before it
    has helped.
    """
    changes = applied.plan.changes
    protects = bool(changes) and changes[-1].operation is Operation.PUT_PROTECTION
    shown = all(change.operation in _SEEN for change in changes)
    return (
        bool(applied.outcomes)
        and (shown or (applied.plan.job.configures and protects))
        and all(o.result in (Result.APPLIED, Result.UNNEEDED) for o in applied.outcomes)
    )


_FINE = (Result.APPLIED, Result.UNNEEDED, Result.UNSETTLED)
_SEEN = (Operation.PUT_PROTECTION, Operation.REFRESH_CONTAINERS, Operation.CANCEL_JOB)
