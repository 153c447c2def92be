"""The copies of single disks in the VM's instant restore points."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from remediator import ids
from remediator.facts import Absent, DiskPoint, Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[DiskPoint, ...]]:
    """Read the disk restore points of each restore point, one list each, at the same time."""
    match await ask(Source.POINTS):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source, at=at):
            return Known((), source, at)
        case Known(value=points, source=source, at=at):
            queries = [Query(api=Api.DISKS, path=f"{p.id}/diskRestorePoints") for p in points]
            answers = await asyncio.gather(*(reader.pages(query) for query in queries))
            named = (text(row, "name") for rows, _ in answers for row in rows)
            if odd := next((name for name in named if not ids.is_segment(name)), None):
                return Unknown(f"{odd!r} cannot be the name of a disk restore point ({source})")
            found = tuple(
                DiskPoint(
                    id=f"{point.id}/diskRestorePoints/{text(row, 'name')}",
                    name=text(row, "name"),
                    point_id=point.id,
                )
                for point, (rows, _) in zip(points, answers, strict=True)
                for row in rows
            )
            told = ", ".join(str(query) for query in queries) or source
            return Known(found, told, max((answer.at for _, answer in answers), default=at))
