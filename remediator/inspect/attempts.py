"""The attempts since the last success, each read in full: only so a job tells its error."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from remediator.errors import AzureError
from remediator.facts import Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.jobs import parse_job
from remediator.job import Job, JobRow, VaultRef
from remediator.reading import Api, Query, Reader
from remediator.words.jobs import tried_since_last_success


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Job, ...]]:
    """Read the user-triggered backups that have failed since the last success."""
    rows: Any = await ask(Source.JOBS)
    tried = tried_since_last_success(replace(about, jobs=rows))
    vault = about.subject.vault
    if isinstance(tried, Unknown):
        return tried
    if vault is None:
        return Unknown("no vault that protects this VM was found")
    jobs = await asyncio.gather(*(_read(reader, row, vault) for row in tried))
    told = ", ".join(row.name for row in tried) or "no attempts"
    return Known(tuple(jobs), f"GET {vault.id}/backupJobs of {told}", about.subject.now)


async def _read(reader: Reader, row: JobRow, vault: VaultRef) -> Job:
    query = Query(api=Api.BACKUP, path=row.id)
    answer = await reader.get(query)
    if answer.body is None:
        raise AzureError(f"{query}: the job is gone", code="ResourceNotFound", status=404)
    return parse_job(answer, vault, str(query))
