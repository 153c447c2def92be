"""Backup jobs: the job in question, the VM's recent jobs, and running jobs in other vaults."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, Final

from remediator import ids
from remediator.errors import JobNotRemediableError
from remediator.facts import Fact, Known, Readings, Source, Thing, Unknown
from remediator.inspect.error_details import error_details
from remediator.inspect.whose import is_of, names_in, names_of, only_of
from remediator.inspect.wire import dig, items, moment, text
from remediator.job.job import (
    ON_DEMAND_PER_DAY,
    Job,
    JobRef,
    JobRow,
    Subject,
    Task,
    VaultRef,
)
from remediator.job.restore_needs import RestoreTarget
from remediator.reading import Answer, Api, Query, Reader
from remediator.redaction import redacted

HISTORY: Final = timedelta(days=3)
"""How far back the VM's jobs are read, for earlier attempts and for today's use of the daily
limit."""

TRIED: Final = timedelta(days=30)
"""How far back failed backups are read if no backup of `HISTORY` succeeded. If they were forgotten
after a few days, a nightly run would begin the same remedies again for ever."""

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
            f"no such job: {ref.id}; a vault keeps jobs only for some time, so check the vault "
            "in the id and the job's age"
        )
    return parse_job(answer, ref.vault, str(query), ref.id)


def parse_job(answer: Answer, vault: VaultRef, source: str, asked: str = "") -> Job:
    """A job as the vault tells it in full.

    Args:
        answer: the vault's answer.
        vault: the vault.
        source: the request, as evidence.
        asked: the id in the request, used if the job does not tell its own.
    """
    properties = dig(answer.body, "properties")
    common = _common(answer.body or {}, asked)
    bag = dig(properties, "extendedInfo", "propertyBag")
    return Job(
        **common,
        vault=vault,
        management_type=text(properties, "backupManagementType"),
        dynamic_error_message=redacted(text(properties, "extendedInfo", "dynamicErrorMessage"))
        or None,
        seen=answer.at,
        source=source,
        restore=_target(bag) if common["operation"].lower() == "restore" else None,
        policy_name=text(bag, "Policy Name") or None,
        vm_subscription=_segment(text(bag, "VM Subscription ID")),
    )


def _segment(said: str) -> str | None:
    """A text of a job, if it can be one part of an id. The text will be put into an id."""
    return said if ids.is_segment(said) else None


def _on_demand(properties: object) -> bool | None:
    """Whether a request began a backup, according to its detail. See `JobRow.on_demand`."""
    bag = dig(properties, "extendedInfo", "propertyBag")
    if not isinstance(bag, dict) or text(properties, "operation").lower() != "backup":
        return None
    return bool(text(bag, "Recovery Point Expiry Time in UTC"))


def _target(bag: object) -> RestoreTarget:
    """The target of a restore.

    The keys come from Microsoft's article on restoring disks by the command line, with the blank at
    the end of one key. The time carries no zone and is taken as UTC.
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


def rows_of(query: Query, rows: Iterable[dict[str, Any]]) -> Iterator[JobRow]:
    """The jobs of a list.

    If a job does not tell its id, the list's path and its name make the id.
    """
    for row in rows:
        name = text(row, "name")
        yield parse_row(row, f"{query.path}/{name}" if name else "")


def parse_row(row: dict[str, Any], asked: str = "") -> JobRow:
    """A job as a list shows it. `asked` is its id if the job does not tell the id itself."""
    return JobRow(**_common(row, asked))


def _common(row: dict[str, Any], asked: str) -> dict[str, Any]:
    properties = dig(row, "properties")
    actions = dig(properties, "actionsInfo")
    return {
        "id": (named := text(row, "id") or asked),
        "name": text(row, "name") or named.rsplit("/", 1)[-1],
        "operation": text(properties, "operation"),
        "status": text(properties, "status"),
        "start": moment(properties, "startTime"),
        "end": moment(properties, "endTime"),
        "vm_name": text(properties, "entityFriendlyName"),
        "container": text(properties, "containerName") or None,
        "activity_id": text(properties, "activityId") or None,
        "errors": error_details(properties),
        "on_demand": _on_demand(properties),
        "tasks": tuple(
            Task(name=text(task, "taskId"), status=text(task, "status"))
            for task in items(properties, "extendedInfo", "tasksList")
        ),
        # Recorded: the integer until 2021, the word since 2024.
        "offers_cancel": isinstance(actions, list)
        and any(action in (1, "Cancellable") for action in actions),
    }


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[JobRow, ...]]:
    """Read the VM's recent jobs in its own vault. Running jobs are read in full, for their stages.

    If so many backups began today that the daily limit may be reached, these are read in full too:
    only the detail tells whether a backup counts.
    """
    subject = about.subject
    if subject.vault is None:
        return Unknown("no vault that protects this VM was found")
    since = history_since(min(subject.now, subject.since + HISTORY - timedelta(days=1)))
    query = jobs_query(subject.vault.id, since)
    rows, answer = await reader.pages_with(query, names_in, names_of(subject))
    mine = only_of(rows_of(query, rows), subject)
    last = await _last_backup(ask) if any(row.by_name for row in mine) else None
    mine = only_of(mine, subject, last)
    if not _is_settled(mine, subject):
        mine = await _failed_before(reader, about, ask, since) + mine
    today = [r for r in mine if r.is_backup and r.start and r.start.date() == answer.at.date()]
    decide = today if len(today) >= ON_DEMAND_PER_DAY else []
    full = frozenset(r.id for r in mine if r.running or (r in decide and not r.begun_by_tool))
    told = only_of(await read_in_full(reader, mine, full), subject, last)
    return Known(tuple(told), str(query), answer.at)


def _is_settled(rows: Iterable[JobRow], subject: Subject) -> bool:
    """Whether no failed backup before the history matters.

    A backup of the history has succeeded; or the job was to restore, or to begin the protection,
    and failed backups are no attempts at that.
    """
    if subject.restore is not None or subject.configures:
        return True
    return any(row.is_backup and row.succeeded and not row.by_name for row in rows)


async def _last_backup(ask: Callable[[Source], Awaitable[Thing[Any]]]) -> datetime | None:
    """When the VM's last backup began, according to its protected item."""
    item = await ask(Source.ITEM)
    found: datetime | None = item.value.last_backup if isinstance(item, Known) else None
    return found


async def _failed_before(
    reader: Reader,
    about: Readings,
    ask: Callable[[Source], Awaitable[Thing[Any]]],
    until: datetime,
) -> list[JobRow]:
    """The VM's failed backups of `TRIED` before the history, after its newest recovery point.

    Only failed backups are requested: a vault has few of them, and very many successful ones. If a
    backup succeeded in between, its recovery point shows that.
    """
    subject, item = about.subject, await ask(Source.ITEM)
    last = item.value.last_point if isinstance(item, Known) else None
    if subject.vault is None or (last is not None and last >= until):
        return []
    query = jobs_query(subject.vault.id, until - TRIED, until, "Backup", "Failed")
    rows, _ = await reader.pages_with(query, names_in, names_of(subject))
    return [
        row
        for row in rows_of(query, rows)
        if is_of(row, subject)
        and row.start
        and row.start < until
        and (last is None or row.start > last)
    ]


async def vaults_near(reader: Reader, subject: Subject) -> tuple[str, ...]:
    """The vaults that may protect the VM: in its subscription and in its vault's subscription."""
    near = [subject.subscription]
    if subject.vault and not ids.same_name(subject.vault.subscription, subject.subscription):
        near.append(subject.vault.subscription)
    listed = await asyncio.gather(*(reader.vaults(each) for each in near))
    return tuple(vault for each in listed for vault in each)


async def look_elsewhere(
    reader: Reader, about: Readings, _ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[JobRow, ...]]:
    """Read the running jobs of this VM in the subscription's other vaults.

    The backup may have been configured anew. Then a job in the old vault is in the way. A vault
    that cannot be read makes the answer unknown.
    """
    listed = about.subject.vaults
    if listed is None:
        listed = await vaults_near(reader, about.subject)
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
    wanted = names_of(about.subject)
    pages = await asyncio.gather(*(reader.pages_with(query, names_in, wanted) for query in queries))
    listed_rows = (
        row
        for query, (found, _) in zip(queries, pages, strict=True)
        for row in rows_of(query, found)
    )
    rows = only_of(listed_rows, about.subject)
    told = ", ".join(str(query) for query in queries) or "no other vault"
    running_ones = frozenset(row.id for row in rows if row.running)
    full = only_of(await read_in_full(reader, rows, running_ones), about.subject)
    return Known(tuple(full), told, about.subject.now)


def history_since(now: datetime) -> datetime:
    """The beginning of a VM's history: a midnight, so that all VMs of a vault share one list."""
    return (now - HISTORY).replace(hour=0, minute=0, second=0, microsecond=0)


def jobs_query(
    vault_id: str,
    since: datetime,
    until: datetime | None = None,
    operation: str | None = None,
    status: str | None = None,
) -> Query:
    """The query for a vault's VM jobs that started since a moment, if wanted of one kind only.

    Without `until` the list has no upper end. A run may look days after its plan was made. It must
    still see a job that begins later than expected.
    """
    only = f" and operation eq '{operation}'" if operation else ""
    only += f" and status eq '{status}'" if status else ""
    # The service accepts times only in this 12-hour form (Azure Backup REST documentation).
    form = "%Y-%m-%d %I:%M:%S %p"
    ends = f" and endTime eq '{until.strftime(form)}'" if until else ""
    return Query(
        api=Api.BACKUP,
        path=f"{vault_id}/backupJobs",
        params=(
            (
                "$filter",
                (f"{_VM_JOBS}{only} and startTime eq '{since.strftime(form)}'{ends}"),
            ),
        ),
    )


_TOLD_TWICE: Final = ("operation", "status", "start", "vm_name", "container", "activity_id")
"""The fields that both the list and the detail of a job tell."""


async def read_in_full(
    reader: Reader, rows: Iterable[JobRow], wanted: AbstractSet[str]
) -> tuple[JobRow, ...]:
    """The rows. The rows with wanted ids are replaced by their details.

    Raises:
        AzureError: a detail could not be read. A job that is gone stays as the list showed it.
    """

    async def full(row: JobRow) -> JobRow:
        if row.id not in wanted or not row.id:
            return row
        answer = await reader.get(Query(api=Api.BACKUP, path=row.id))
        if answer.body is None:
            return row
        detail = parse_row(answer.body, row.id)
        # If the detail leaves out a field, the value from the list stays.
        lacking = {name: getattr(row, name) for name in _TOLD_TWICE if not getattr(detail, name)}
        return detail.model_copy(update=lacking)

    return tuple(await asyncio.gather(*(full(row) for row in rows)))
