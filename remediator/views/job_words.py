"""How a job ended, with Azure's words for it in the chosen language."""

from typing import Final

from remediator.job.job import Job
from remediator.language import _, marked

_KNOWN: Final = (
    marked("Backup"),
    marked("Restore"),
    marked("ConfigureBackup"),
    marked("DeleteBackupData"),
    marked("Failed"),
    marked("Completed"),
    marked("CompletedWithWarnings"),
    marked("InProgress"),
    marked("Cancelling"),
    marked("Cancelled"),
)
"""The operations and statuses that have a translation. Another one is shown as Azure sends it."""


def ended(job: Job) -> str:
    """The sentence. Without an end, the status alone."""
    status = _(job.status)
    if job.end is None:
        return status
    told = _("{operation} ended {status} at {at}")
    return told.format(operation=_(job.operation), status=status, at=f"{job.end:%F %R}Z")
