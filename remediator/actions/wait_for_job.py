"""Wait until the job that is in the way has ended."""

from typing import ClassVar, Literal

from remediator.actions._on_jobs import OnJobs
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import Facts
from remediator.job.job import JobRow
from remediator.moments import shown


class WaitForJob(OnJobs):
    """Look at the running job, in any vault, until it ends. Changes nothing."""

    changes: ClassVar = frozenset({"running_job"})
    action: Literal["wait-for-job"] = "wait-for-job"

    def on(self, row: JobRow, _facts: Facts) -> Step:
        """One wait per running job."""
        return self.change(
            Operation.WAIT_FOR_JOB,
            row.id,
            what=f"wait for {row.operation} job {row.name} to end",
            why=(f"{row.operation} job {row.name} runs since {shown(row.start)}",),
            before={"job": row.name, "status": "InProgress"},
            after={"job": row.name, "status": "ended"},
            impact=Impact.READ_ONLY,
            undo="not needed: nothing is changed",
        )
