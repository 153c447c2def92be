"""The policy for protecting a VM: the one that it had, or that somebody chose for it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from remediator import ids
from remediator.facts import Fact, Known, PolicyChoice, Readings, Source, Thing, Unknown
from remediator.inspect.jobs import jobs_query, parse_job, parse_row
from remediator.inspect.policy import policies_query
from remediator.inspect.whose import is_of
from remediator.inspect.wire import text
from remediator.job.job import VaultRef
from remediator.reading import Api, Query, Reader

LOOK_BACK: Final = timedelta(days=90)
"""How far back to search for a job that configured the VM's backup. Vaults forget jobs in time."""


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[PolicyChoice]:
    """Read the vault's policies for VMs, and find the last policy of this VM.

    An item whose protection was stopped may name no policy any more. The job that configured its
    backup names the policy in its property bag (recorded).
    """
    vault = about.subject.vault
    if vault is None:
        return Unknown("no vault that protects this VM was found")
    query = policies_query(vault.id)
    (rows, answer), named = await asyncio.gather(
        reader.pages(query), _named(reader, about, vault, ask)
    )
    if isinstance(named, Unknown):
        return named
    policies = tuple(found for row in rows if (found := text(row, "id")))
    wanted, told = named
    chosen = next((policy for policy in policies if ids.same(policy, wanted)), None)
    if wanted and chosen is None:
        told = f"policy {wanted.rsplit('/', 1)[-1]} is no longer in the vault; {told}"
    return Known(
        PolicyChoice(chosen=chosen, because=told, policies=policies), str(query), answer.at
    )


async def _named(
    reader: Reader,
    about: Readings,
    vault: VaultRef,
    ask: Callable[[Source], Awaitable[Thing[Any]]],
) -> tuple[str | None, str] | Unknown:
    """The policy that the item names, else the last job that configured the backup. Why."""
    match await ask(Source.ITEM):
        case Unknown() as unknown:
            return unknown
        case Known(value=item, source=source) if item.policy_id:
            return item.policy_id, f"the protected item names it ({source})"
        case _:
            return await _configured(reader, about, vault)


async def _configured(reader: Reader, about: Readings, vault: VaultRef) -> tuple[str | None, str]:
    """The policy of the last job that configured this VM's backup, and the evidence."""
    subject = about.subject
    query = jobs_query(vault.id, subject.now - LOOK_BACK, operation="ConfigureBackup")
    rows, _ = await reader.pages(query)
    mine = [row for row in map(parse_row, rows) if is_of(row, subject)]
    mine.sort(key=lambda row: row.start or subject.since)
    if not mine:
        return None, f"no job of the last {LOOK_BACK.days} days configured its backup"
    last = mine[-1]
    if ids.same(last.id, subject.job_id):
        name = subject.policy_name
    else:
        one = Query(api=Api.BACKUP, path=last.id)
        name = parse_job(await reader.get(one), vault, str(one)).policy_name
    if name is None or not ids.is_segment(name):
        return None, f"job {last.name}, which configured its backup, names no policy"
    return f"{vault.id}/backupPolicies/{name}", f"job {last.name} configured its backup with it"
