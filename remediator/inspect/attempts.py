"""The attempts since the last success: the failed backups that were begun on demand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from remediator import ids
from remediator.conditions.jobs import backups_since_last_success
from remediator.errors import AzureError
from remediator.facts import Attempt, Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.jobs import read_in_full
from remediator.job.job import JobRow
from remediator.reading import Reader

DECISIVE: Final = 5
"""So many attempts decide. No rung asks for a fifth one, and by default no guard does. Only as many
details are read as are missing to this number. Older failed backups then count as scheduled
ones."""


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
    subject = about.subject
    told = tuple(
        row.model_copy(update={"on_demand": subject.job_on_demand})
        if ids.same(row.id, subject.job_id)
        else row
        for row in failed
    )
    sure = sum(1 for row in told if row.begun_on_demand)
    # The job in question was read in full already. A second look would tell nothing new.
    open_ = [
        row
        for row in told
        if row.is_backup and row.begun_on_demand is None and not ids.same(row.id, subject.job_id)
    ]
    first = max(0, len(open_) - max(0, DECISIVE - sure))
    asked, passed_over = ({row.id for row in part} for part in (open_[first:], open_[:first]))

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
    at = rows.at if isinstance(rows, Known) else subject.now
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
