"""Backup jobs: the one in question, the VM's recent history, and what runs in other vaults."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from remediator import ids
from remediator.errors import JobNotRemediableError
from remediator.facts import Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.error_details import error_details
from remediator.inspect.wire import dig, items, moment, text
from remediator.job import Job, JobRef, JobRow, Subject, Task, VaultRef
from remediator.reading import Answer, Api, Query, Reader
from remediator.redaction import redacted
from remediator.restore_needs import RestoreTarget

HISTORY: Final = timedelta(days=3)
"""How far back the VM's jobs are looked at: what was tried, and what of today's limit is used."""

TRIED: Final = timedelta(days=30)
"""How far back failed backups are looked for where none of `HISTORY` succeeded. Were they forgotten
after days, a nightly run would begin the same remedies anew for ever."""

_VM_JOBS: Final = "backupManagementType eq 'AzureIaasVM'"


async def read_job(reader: Reader, ref: JobRef) -> Job:
    """Read one job in full.

    Raises:
        AzureError: it could not be read.
        JobNotRemediableError: the vault has no such job.
    """
    query = Query(api=Api.BACKUP, path=ref.id)
    answer = await reader.get(query)
    if answer.body is None:
        raise JobNotRemediableError(
            f"no such job: {ref.id}; the id names the vault, and a vault keeps jobs only for a time"
        )
    return parse_job(answer, ref.vault, str(query))


def parse_job(answer: Answer, vault: VaultRef, source: str) -> Job:
    """A job as the vault tells it in full."""
    properties = dig(answer.body, "properties")
    common = _common(answer.body or {})
    bag = dig(properties, "extendedInfo", "propertyBag")
    return Job(
        **common,
        vault=vault,
        management_type=text(properties, "backupManagementType"),
        errors=error_details(properties),
        dynamic_error_message=redacted(text(properties, "extendedInfo", "dynamicErrorMessage"))
        or None,
        activity_id=text(properties, "activityId") or None,
        seen=answer.at,
        source=source,
        restore=_target(bag) if common["operation"].lower() == "restore" else None,
        policy_name=text(bag, "Policy Name") or None,
    )


def _target(bag: object) -> RestoreTarget:
    """Where a restore was to go.

    The keys are those of Microsoft's article on restoring disks by the command line, the blank at
    the end of one included. Its time carries no zone and is taken for UTC.
    """
    told = text(bag, "Recovery point time ")
    try:
        point = datetime.strptime(f"{told} +0000", "%m/%d/%Y %I:%M:%S %p %z")
    except ValueError:
        point = None
    return RestoreTarget(
        storage_account=text(bag, "Target Storage Account Name") or None,
        group=text(bag, "Target resource group") or None,
        point=point,
    )


def parse_row(row: dict[str, Any]) -> JobRow:
    """A job as a list shows it."""
    return JobRow(**_common(row))


def _common(row: dict[str, Any]) -> dict[str, Any]:
    properties = dig(row, "properties")
    user = dig(properties, "isUserTriggered")
    actions = dig(properties, "actionsInfo")
    return {
        "id": text(row, "id"),
        "name": text(row, "name"),
        "operation": text(properties, "operation"),
        "status": text(properties, "status"),
        "start": moment(properties, "startTime"),
        "end": moment(properties, "endTime"),
        "user_triggered": user if isinstance(user, bool) else None,
        "vm_name": text(properties, "entityFriendlyName"),
        "container": text(properties, "containerName") or None,
        "tasks": tuple(
            Task(name=text(task, "taskId"), status=text(task, "status"))
            for task in items(properties, "extendedInfo", "tasksList")
        ),
        # 1 by the order of the specification's enum; real traffic carries the integer.
        "offers_cancel": isinstance(actions, list)
        and any(action in (1, "Cancellable") for action in actions),
    }


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[JobRow, ...]]:
    """Read the VM's recent jobs in its own vault; running ones in full, for their stages."""
    subject = about.subject
    if subject.vault is None:
        return Unknown("no vault that protects this VM was found")
    since = min(subject.now - HISTORY, subject.since - timedelta(days=1))
    query = jobs_query(subject.vault.id, since, subject.now + timedelta(days=1))
    rows, answer = await reader.pages(query)
    mine = [row for row in map(parse_row, rows) if is_of(row, about.subject)]
    if not any(row.is_backup and row.succeeded for row in mine):
        mine = await _failed_before(reader, about, ask, since) + mine
    return Known(await _in_full(reader, mine), str(query), answer.at)


async def _failed_before(
    reader: Reader,
    about: Readings,
    ask: Callable[[Source], Awaitable[Thing[Any]]],
    until: datetime,
) -> list[JobRow]:
    """The VM's failed backups of `TRIED` before the history, after its newest recovery point.

    Only failed ones are asked for: a vault has few of them, and very many that succeeded. That one
    succeeded in between, the recovery point tells that it left.
    """
    subject, item = about.subject, await ask(Source.ITEM)
    last = item.value.last_point if isinstance(item, Known) else None
    if subject.vault is None or (last is not None and last >= until):
        return []
    query = jobs_query(subject.vault.id, until - TRIED, until, "Backup", "Failed")
    rows, _ = await reader.pages(query)
    return [
        row
        for row in map(parse_row, rows)
        if is_of(row, subject)
        and row.start
        and row.start < until
        and (last is None or row.start > last)
    ]


async def look_elsewhere(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[JobRow, ...]]:
    """Read what runs for this VM in the subscription's other vaults.

    Backup may have been configured anew, and the old vault's job is then in the way. A vault that
    cannot be read makes the answer unknown.
    """
    listed = about.subject.vaults
    if listed is None:
        listed = tuple(await reader.vaults(about.subject.subscription))
    vaults = [
        vault
        for vault in listed
        if about.subject.vault is None or not ids.same(vault, about.subject.vault.id)
    ]
    running = f"{_VM_JOBS} and status eq 'InProgress'"
    queries = [
        Query(api=Api.BACKUP, path=f"{vault}/backupJobs", params=(("$filter", running),))
        for vault in vaults
    ]
    pages = await asyncio.gather(*(reader.pages(query) for query in queries))
    rows = [row for found, _ in pages for row in map(parse_row, found) if is_of(row, about.subject)]
    told = ", ".join(str(query) for query in queries) or "no other vault"
    return Known(await _in_full(reader, rows), told, about.subject.now)


def jobs_query(
    vault_id: str,
    since: datetime,
    until: datetime,
    operation: str | None = None,
    status: str | None = None,
) -> Query:
    """The VM jobs of a vault that started between two moments, perhaps of one kind only."""
    only = f" and operation eq '{operation}'" if operation else ""
    only += f" and status eq '{status}'" if status else ""
    # The service takes times only in this 12-hour form (Azure Backup REST documentation).
    form = "%Y-%m-%d %I:%M:%S %p"
    return Query(
        api=Api.BACKUP,
        path=f"{vault_id}/backupJobs",
        params=(
            (
                "$filter",
                (
                    f"{_VM_JOBS}{only} and startTime eq '{since.strftime(form)}' "
                    f"and endTime eq '{until.strftime(form)}'"
                ),
            ),
        ),
    )


def is_of(row: JobRow, about: JobRow | Subject) -> bool:
    """Whether a job is about the same VM; by container, which a name alone cannot replace."""
    if row.container and about.container:
        return row.container.lower() == about.container.lower()
    return row.vm_name.lower() == about.vm_name.lower()


async def _in_full(reader: Reader, rows: list[JobRow]) -> tuple[JobRow, ...]:
    async def full(row: JobRow) -> JobRow:
        if not row.running:
            return row
        answer = await reader.get(Query(api=Api.BACKUP, path=row.id))
        return parse_row(answer.body) if answer.body is not None else row

    return tuple(await asyncio.gather(*(full(row) for row in rows)))
