"""The attempts since the last success: the failed backups that were begun on demand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from remediator.conditions.jobs import backups_since_last_success, with_what_is_known, worth_reading
from remediator.errors import AzureError
from remediator.facts import Attempt, Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.jobs import read_in_full
from remediator.job.job import JobRow
from remediator.reading import Reader


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Attempt, ...]]:
    """Find the attempts among the failed backups, oldest first.

    The activity ids in the list identify this tool's own backups. Of the others, the newest are
    read in full. If a backup cannot be read, or does not tell what began it, it counts as an
    attempt. The attempt then says so.
    """
    rows: Any = await ask(Source.JOBS)
    failed = backups_since_last_success(replace(about, jobs=rows))
    if isinstance(failed, Unknown):
        return failed
    told = with_what_is_known(failed, about)
    asked, passed_over = worth_reading(told, about)

    async def look_at(row: JobRow) -> Attempt | None:
        if row.id not in asked:
            return _attempt(row)
        try:
            return _attempt(*(await read_in_full(reader, (row,), asked)))
        except AzureError as error:
            return Attempt(
                job=row, told=f"counted as an attempt, because its detail cannot be read: {error}"
            )

    found = await asyncio.gather(*(look_at(row) for row in told if row.id not in passed_over))
    source = rows.source if isinstance(rows, Known) else "the job list"
    at = rows.at if isinstance(rows, Known) else about.subject.now
    return Known(tuple(each for each in found if each), source, at)


def _attempt(row: JobRow) -> Attempt | None:
    """A failed job as an attempt. None for a backup that the schedule began.

    If the jobs were to begin a protection, only this tool's own jobs are attempts. The jobs of
    other people are the failures to be remedied.
    """
    if row.begun_by_tool:
        return Attempt(job=row, told="begun by this tool")
    if not row.is_backup:
        return None
    match row.on_demand:
        case True:
            return Attempt(job=row, told="begun on demand")
        case False:
            return None
        case None:
            return Attempt(
                job=row, told="counted as an attempt, because nothing says what began it"
            )
