"""Cancel a backup job that is in the way and will not end."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.facts import Facts, Source, Unknown
from remediator.job import JobRow
from remediator.moments import shown
from remediator.operations import Operation
from remediator.step import Impact, Step
from remediator.words.jobs import running_jobs


class CancelJob(Action):
    """Cancel running backup jobs of the VM, where Azure would: only while the snapshot is taken."""

    needs: ClassVar = frozenset({Source.JOBS, Source.OTHER_JOBS})
    action: Literal["cancel-job"] = "cancel-job"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change per backup job that can be cancelled; others are left to end."""
        running = running_jobs(facts)
        if isinstance(running, Unknown):
            yield self.held(facts.job.id, f"running jobs not known: {running.reason}")
            return
        if not running:
            yield self.unchanged(facts.job.id, "no job of this VM is running")
        for row in running:
            if not row.is_backup:
                yield self.held(row.id, f"a {row.operation} job is never cancelled by this tool")
            elif not _was_in_the_way(row, facts):
                yield self.held(
                    row.id,
                    f"it began {shown(row.start)}, after the job that failed: leave it alone",
                )
            elif not row.cancellable:
                stages = ", ".join(f"{task.name} {task.status}" for task in row.tasks)
                yield self.held(
                    row.id,
                    f"Azure cancels only while the snapshot is taken ({stages or 'unknown'})",
                )
            else:
                yield self.change(
                    Operation.CANCEL_JOB,
                    row.id,
                    what=f"cancel backup job {row.name}",
                    why=(f"backup job {row.name} is taking its snapshot since {shown(row.start)}",),
                    before={"job": row.name, "status": "InProgress"},
                    after={"job": row.name, "status": "Cancelled"},
                    impact=Impact.PROTECTION,
                    undo="none: that run's recovery point is not made; a new backup follows",
                )


def _was_in_the_way(row: JobRow, facts: Facts) -> bool:
    """Whether a job was there when the job in question ended; a later one is none of its matter."""
    ended = facts.job.end or facts.job.start
    return row.start is not None and ended is not None and row.start <= ended
