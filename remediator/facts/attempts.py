"""Attempts: backups on demand that have failed since the last success."""

from remediator.job.job import JobRow
from remediator.value import Value


class Attempt(Value):
    """A backup that counts as an attempt to get the VM's backups going again."""

    job: JobRow
    told: str
    """How it is known to be one, or that it is only counted as one, for a sentence's end."""
