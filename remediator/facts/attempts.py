"""Attempts: on-demand backups that failed after the last success."""

from dataclasses import dataclass

from remediator.job.job import JobRow
from remediator.job.request_ids import Evidence, evidence_of
from remediator.value import Value


class Attempt(Value):
    """A backup that counts as an attempt to get the VM's backups going again."""

    job: JobRow
    told: str
    """The end of a sentence: how the attempt is known, or that the backup is only counted as an
    attempt."""

    @property
    def evidence(self) -> Evidence | None:
        """Which rung was taken, and what its script found.

        None if another program or a person began the backup, or a version of this tool that told
        nothing.
        """
        return evidence_of(self.job.activity_id)


@dataclass(frozen=True, slots=True)
class Climbed:
    """How far up a ladder the evidence of the attempts leads."""

    to: int
    """The place among the words of `tries`: so many of them are used up, by all attempts."""
    asked: str | None
    """The rung that the script of the latest own attempt asked for."""
    because: str
