"""Tells which VM a job belongs to: by its container, or by other proof if it has none.

Every job of a VM recorded since 2020 names its container. Older jobs name only the VM, and another
group of the same vault may have a VM of that name.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from remediator import ids
from remediator.inspect.wire import text
from remediator.job.job import Job, JobRow, Subject

_KIND = "iaasvmcontainerv2"


def is_of(row: JobRow, about: Job | Subject, last_backup: datetime | None = None) -> bool | None:
    """Whether a job is about the same VM. None when only the VM's bare name fits.

    Args:
        row: the job.
        about: the VM, or another job of it.
        last_backup: the start of the last backup, according to the VM's protected item. It equals
            the start of that job to the ten-millionth of a second (recorded). No other job has it.
    """
    if _is_itself(row, about):
        return True
    if row.container and about.container:
        return ids.same_name(row.container, about.container)
    named, place = _place(row), _place(about)
    if named and place:
        return named == place
    if not (row.vm_name or row.container):
        return None  # the job does not tell its VM at all
    if not ids.same_name(row.vm_name, about.vm_name):
        return False
    proved = row.is_backup and row.start is not None and row.start == last_backup
    return True if proved else None


def only_of(
    rows: Iterable[JobRow], about: Subject, last_backup: datetime | None = None
) -> list[JobRow]:
    """The jobs of a VM, and possible ones. A possible one is marked as known by name alone."""
    found = []
    for row in rows:
        fits = is_of(row, about, last_backup)
        if fits is not False:
            found.append(row.model_copy(update={"by_name": fits is None}))
    return found


def names_in(row: dict[str, Any]) -> Iterator[str]:
    """The keys of a job in a list: the names that it gives its VM, and its own name.

    A job that tells no VM has the empty key. It may be about any VM.
    """
    container = text(row, "properties", "containerName")
    vm_name = text(row, "properties", "entityFriendlyName")
    yield ids.folded(text(row, "name") or text(row, "id").rsplit("/", 1)[-1])
    if not (container or vm_name):
        yield ""
    yield from (ids.folded(name) for name in (container.rsplit(";", 1)[-1], vm_name) if name)


def names_of(about: Subject) -> frozenset[str]:
    """The keys of the jobs that `is_of` may take for the VM's jobs."""
    told = (
        about.vm_name,
        (about.container or "").rsplit(";", 1)[-1],
        (about.vm_id or "").rsplit("/", 1)[-1],
        (about.job_id or "").rsplit("/", 1)[-1],
    )
    return frozenset(("", *map(ids.folded, told)))


def _is_itself(row: JobRow, about: Job | Subject) -> bool:
    own = about.job_id if isinstance(about, Subject) else about.id
    return ids.same(row.id, own)


def _place(about: JobRow | Subject) -> tuple[str, str] | None:
    """The VM's group and name, in comparable form. None when they are not told."""
    match (about.container or "").split(";"):
        case [*_, kind, group, name] if ids.same_name(kind, _KIND):
            return ids.folded(group), ids.folded(name)
        case _:
            pass
    vm_id = about.vm_id if isinstance(about, Job | Subject) else None
    if vm_id is None:
        return None
    return ids.folded(ids.group_name(vm_id) or ""), ids.folded(vm_id.rsplit("/", 1)[-1])
