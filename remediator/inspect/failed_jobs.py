"""The failed backup jobs of a vault, each in full."""

import asyncio
from datetime import datetime, timedelta

from remediator.inspect.jobs import jobs_query, parse_row, read_job
from remediator.job.job import Job, JobRef, VaultRef
from remediator.reading import Reader


async def failed_jobs(
    reader: Reader, vault: VaultRef, since: timedelta, now: datetime
) -> tuple[Job, ...]:
    """Backup jobs of VMs that did not end well, newest first.

    A job that lost its copy to the vault ends as `CompletedWithWarnings`. The status Failed alone
    would miss it.

    Raises:
        AzureError: the vault's jobs could not be read.
    """
    rows, _ = await reader.pages(jobs_query(vault.id, now - since))
    ended = [
        row
        for row in map(parse_row, rows)
        if row.is_backup and row.status.lower() in ("failed", "completedwithwarnings")
    ]
    ended.sort(key=lambda row: row.start or now, reverse=True)
    refs = [JobRef(vault=vault, name=row.name) for row in ended]
    return tuple(await asyncio.gather(*(read_job(reader, ref) for ref in refs)))
