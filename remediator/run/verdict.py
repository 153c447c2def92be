"""Verdict: what the new backup proved when it had been followed to its end."""

from enum import StrEnum

from remediator.change.operations import Operation
from remediator.job.failure import Failure
from remediator.run.run import Applied, Result
from remediator.value import Value


class Ending(StrEnum):
    """How the run ended for the VM."""

    RECOVERED = "recovered"
    SAME = "failed-again-same-code"
    NEW = "failed-with-new-code"
    RUNNING = "still-running"
    HUMAN = "needs-human"
    SETTLED = "settled"
    """No backup was due. The changes were made, and their effect was seen."""


class Verdict(Value):
    """The ending and its reason."""

    ending: Ending
    text: str


def judge(applied: Applied, failure: Failure | None) -> Verdict:
    """The verdict of a run.

    Args:
        applied: what the run did.
        failure: the classified failure of the new job, if that job failed.
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
        of_point = f"; {applied.new_point.told}" if applied.new_point else ""
        return Verdict(
            ending=Ending.RECOVERED, text=f"backup job {job.name} ended {job.status}{of_point}"
        )
    code = failure.code if failure else None
    told = f"backup job {job.name} ended {job.status} with {code or 'no code'}"
    if code and code == applied.plan.failure.code:
        return Verdict(ending=Ending.SAME, text=told)
    return Verdict(ending=Ending.NEW, text=told)


def _is_settled(applied: Applied) -> bool:
    """Whether a run without a backup has settled: each change is applied or unneeded.

    Reads must be able to show every change of the plan. A plan also counts if its last change
    begins the protection that the failed job was to begin: a protection that has begun shows that
    the changes before it have helped.
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
