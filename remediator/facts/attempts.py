"""Attempts: on-demand backups that failed after the last success."""

from remediator.job.job import JobRow
from remediator.value import Value


class Attempt(Value):
    """A backup that counts as an attempt to get the VM's backups going again."""

    job: JobRow
    told: str
    """The end of a sentence: how the attempt is known, or that the backup is only counted as an
    attempt."""
