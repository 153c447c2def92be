"""Cancel a backup job that is in the way and will not end."""

from typing import ClassVar, Literal

from remediator.actions._on_jobs import OnJobs
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.facts import Facts
from remediator.job.job import JobRow
from remediator.moments import shown


class CancelJob(OnJobs):
    """Cancel running backup jobs of the VM. Azure allows it only while the snapshot is taken."""

    changes: ClassVar = frozenset({"running_job"})
    action: Literal["cancel-job"] = "cancel-job"

    def on(self, row: JobRow, facts: Facts) -> Step:
        """A change for a backup job that can be cancelled. Other jobs are held, so they can end."""
        if not row.is_backup:
            return self.held(row.id, f"a {row.operation} job is never cancelled by this tool")
        if row.by_name:
            told = (
                f"it may be the job of another VM: only the name {row.vm_name} says to which VM "
                "it belongs"
            )
            return self.held(row.id, told)
        if not _was_in_the_way(row, facts):
            told = f"it began {shown(row.start)}, after the failed job, so it is not cancelled"
            return self.held(row.id, told)
        if not row.cancellable:
            stages = ", ".join(f"{task.name} {task.status}" for task in row.tasks) or "unknown"
            return self.held(row.id, f"Azure cancels only while the snapshot is taken ({stages})")
        return self.change(
            Operation.CANCEL_JOB,
            row.id,
            what=f"cancel backup job {row.name}",
            why=(f"backup job {row.name} is taking its snapshot since {shown(row.start)}",),
            before={"job": row.name, "status": "InProgress"},
            after={"job": row.name, "status": "Cancelled"},
            impact=Impact.PROTECTION,
            undo="none: the cancelled job makes no recovery point; a new backup follows",
        )


def _was_in_the_way(row: JobRow, facts: Facts) -> bool:
    """Whether a job was there when the job in question ended. A later job did not block it."""
    ended = facts.job.end or facts.job.start
    return row.start is not None and ended is not None and row.start <= ended
