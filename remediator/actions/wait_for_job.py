"""Wait until the job that is in the way has ended."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.facts import Facts, Source, Unknown
from remediator.moments import shown
from remediator.operations import Operation
from remediator.step import Impact, Step
from remediator.words.jobs import running_jobs


class WaitForJob(Action):
    """Look at the running job, in whichever vault it runs, until it ends. Changes nothing."""

    needs: ClassVar = frozenset({Source.JOBS, Source.OTHER_JOBS})
    action: Literal["wait-for-job"] = "wait-for-job"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One wait per running job."""
        running = running_jobs(facts)
        if isinstance(running, Unknown):
            yield self.held(facts.job.id, f"running jobs not known: {running.reason}")
            return
        if not running:
            yield self.unchanged(facts.job.id, "no job of this VM is running")
        for row in running:
            yield self.change(
                Operation.WAIT_FOR_JOB,
                row.id,
                what=f"wait for {row.operation} job {row.name} to end",
                why=(f"{row.operation} job {row.name} runs since {shown(row.start)}",),
                before={"job": row.name, "status": "InProgress"},
                after={"job": row.name, "status": "ended"},
                impact=Impact.READ_ONLY,
                undo="not needed: nothing is changed",
            )
