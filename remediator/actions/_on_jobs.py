"""The first check of every action on running jobs: which jobs of this VM are running, if known."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from remediator.actions import Action
from remediator.change.step import Step
from remediator.conditions.jobs import running_jobs
from remediator.facts import Facts, Source, Unknown
from remediator.job.job import JobRow


class OnJobs(Action):
    """An action whose targets are the VM's running jobs, in any vault."""

    needs: ClassVar = frozenset({Source.JOBS, Source.OTHER_JOBS})

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One step per running job, if the running jobs are known."""
        running = running_jobs(facts)
        if isinstance(running, Unknown):
            yield self.held(facts.job.id, f"running jobs not known: {running.reason}")
            return
        if not running:
            yield self.unchanged(facts.job.id, "no job of this VM is running")
        for row in running:
            yield self.on(row, facts)

    @abstractmethod
    def on(self, row: JobRow, facts: Facts) -> Step:
        """The step for one running job."""
