"""Reading for a recording: all that a plan and a health check would read, and a little more.

The additional reads answer questions that need a live subscription: the details of jobs that ended
in different ways, the answers about missing resources, and the list of VMs with their states. Each
is a GET.
"""

from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from typing import Final

from remediator.checks import needed
from remediator.errors import AzureError, RemediateError
from remediator.facts import Facts, Known, Source
from remediator.facts.settings import Settings
from remediator.ids import ResourceId, same_name
from remediator.inspect import inspect, read_job
from remediator.inspect.jobs import jobs_query, parse_row
from remediator.job.failure import classify
from remediator.job.job import Job, JobRef, JobRow
from remediator.plan.checkup import check_up
from remediator.playbook.catalogue import Catalogue
from remediator.reading import Api, Query, Reader
from remediator.value import Value

DAYS: Final = 30
"""How many days back the vault's jobs are listed."""

_DETAILS: Final = 6
"""How many jobs of the VM are read in full.

They are the newest for each way in which a job ended.
"""

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_NOTHING: Final = "asked-for-by-remediate-record"


class Gathered(Value):
    """The facts about a recording that the person is told."""

    about: str
    """The id of the job or the VM."""
    unread: tuple[str, ...]
    """The failed reads, each with its reason."""


class _Tries:
    """Goes on after a failed read, and keeps the reason."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    async def all(self, *looks: Awaitable[object]) -> None:
        for look in looks:
            try:
                await look
            except RemediateError as error:
                # If Azure refused with a status, the refusal is among the answers and is told from
                # there.
                if not isinstance(error, AzureError) or error.status in (None, 200, 404):
                    self.failed.append(str(error))


async def gather_job(
    reader: Reader, ref: JobRef, catalogue: Catalogue, settings: Settings
) -> Gathered:
    """Read a job in any state, and all about its VM.

    Raises:
        AzureError: the job itself could not be read.
        JobNotRemediableError: the vault has no such job.
    """
    tries = _Tries()
    job = await read_job(reader, ref)
    if job.is_vm_job:
        vm = await _about(reader, job, catalogue, settings, tries)
        if vm:
            await tries.all(check_up(reader, vm, settings, job.vault.id))
            await tries.all(*_about_machines(reader, vm))
    await tries.all(_jobs(reader, job.vault.id, job.vm_name, job.seen, tries))
    await tries.all(*_about_vault(reader, job.vault.id))
    return Gathered(about=job.id, unread=tuple(dict.fromkeys(tries.failed)))


async def gather_vm(
    reader: Reader, vm: ResourceId, settings: Settings, vault: str | None
) -> Gathered:
    """Read all that a VM's backup depends on, and its jobs.

    Raises:
        AzureError: not even the vaults of the VM's subscription could be listed.
        BadInputError: there is no such vault.
    """
    tries = _Tries()
    found = await check_up(reader, vm, settings, vault)
    if found.vault:
        await tries.all(_jobs(reader, found.vault, vm.name, found.at, tries))
        await tries.all(*_about_vault(reader, found.vault))
    await tries.all(*_about_machines(reader, vm))
    return Gathered(about=str(vm), unread=tuple(dict.fromkeys((*found.notes, *tries.failed))))


async def _about(
    reader: Reader, job: Job, catalogue: Catalogue, settings: Settings, tries: _Tries
) -> ResourceId | None:
    """Read what a plan for this job would read. Return the job's VM, or None if it is not known."""
    failure = classify(job, catalogue)
    playbook = catalogue.find(failure.code) if failure.known else None
    wanted = {Source.JOBS, Source.VM, Source.ITEM, Source.POLICY, Source.RECOVERY_POINTS}
    if playbook:
        wanted |= playbook.may_read() | needed(playbook.checks)
    facts = await inspect(reader, Facts.of(job, failure, settings), wanted)
    vm_id = facts.vm.value.id if isinstance(facts.vm, Known) else job.vm_id
    try:
        return ResourceId.parse(vm_id or "")
    except ValueError:
        tries.failed.append(f"{job.id} does not say which VM it is about")
        return None


async def _jobs(reader: Reader, vault: str, vm_name: str, now: datetime, tries: _Tries) -> None:
    """List the vault's jobs of VMs, and read some jobs of this VM in full."""
    since, until = now - timedelta(days=DAYS), now + timedelta(days=1)
    rows, _ = await reader.pages(jobs_query(vault, since, until))
    mine = [row for row in map(parse_row, rows) if same_name(row.vm_name, vm_name)]
    await tries.all(*(_read(reader, Api.BACKUP, row.id) for row in _different(mine)))


def _different(rows: Iterable[JobRow]) -> list[JobRow]:
    """The newest job of each operation and status. Backups come first."""
    newest: dict[tuple[str, str], JobRow] = {}
    dated = [(row.start, row) for row in rows if row.start]
    for _, row in sorted(dated, key=lambda each: each[0], reverse=True):
        newest.setdefault((row.operation, row.status), row)
    return sorted(newest.values(), key=lambda row: not row.is_backup)[:_DETAILS]


def _about_vault(reader: Reader, vault: str) -> tuple[Awaitable[object], ...]:
    """Reads of things that the vault does not have, to record how it answers."""
    return (
        _read(reader, Api.BACKUP, f"{vault}/backupJobs/{_NOBODY}"),
        _read(reader, Api.BACKUP, f"{vault}/backupPolicies/{_NOTHING}"),
    )


def _about_machines(reader: Reader, vm: ResourceId) -> tuple[Awaitable[object], ...]:
    """A read of something that Compute does not have, and a list of VMs with their states.

    The first page of the list is enough.
    """
    collections = f"{vm.group_id}/providers/Microsoft.Compute/restorePointCollections"
    machines = f"/subscriptions/{vm.subscription}/providers/Microsoft.Compute/virtualMachines"
    return (
        _read(reader, Api.COMPUTE, f"{collections}/{_NOTHING}"),
        reader.get(Query(api=Api.COMPUTE, path=machines, params=(("statusOnly", "true"),))),
    )


async def _read(reader: Reader, api: Api, path: str) -> None:
    try:
        await reader.get(Query(api=api, path=path))
    except AzureError as error:
        if error.status != 404:
            raise
