"""Wait some hours for a fault of the service that disappears by itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from remediator.actions import Action
from remediator.change.step import Step
from remediator.facts import Facts
from remediator.moments import shown


class WaitHours(Action):
    """Do nothing until so many hours after the job ended. A later visit finds the time over."""

    needs: ClassVar = frozenset()
    action: Literal["wait-hours"] = "wait-hours"
    hours: int = Field(description="Counted from the end of the failed job.")

    def plan(self, facts: Facts) -> Iterator[Step]:
        """Held, with the time to look again. Unchanged once the hours are over."""
        job = facts.job
        target, ended = job.vm_id or job.id, job.end or job.start
        if ended is None:
            yield self.held(target, f"job {job.name} does not say when it ended")
            return
        due = ended + timedelta(hours=self.hours)
        told = f"job {job.name} ended {shown(ended)}, and {self.hours} hours later is {shown(due)}"
        if job.seen < due:
            yield self.held(target, f"{told}: look again then")
        else:
            yield self.unchanged(target, told)
