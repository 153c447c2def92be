"""The backup policy of the protected item."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from remediator import ids
from remediator.errors import AzureError
from remediator.facts import (
    Absent,
    Consistency,
    Known,
    Policy,
    ProtectedItem,
    Readings,
    Source,
    Thing,
    Unknown,
)
from remediator.inspect.policy_schedule import hourly, run_days, run_times
from remediator.inspect.wire import dig, text
from remediator.reading import Api, Query, Reader

_ENHANCED: Final = "SimpleSchedulePolicyV2"
"""The kind of schedule that only Enhanced policies have (specified; recorded in 2025)."""


async def look(
    reader: Reader, about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Thing[Policy]:
    """Read the policy that the item names.

    Only the item tells which one. So the vault's list of policies is read at the same time as the
    item, unless the item is known already. If the list lacks the policy, or cannot be read, the
    policy itself is asked for.
    """
    vault = about.subject.vault
    listing = vault is not None and (reader.shared or Source.ITEM not in about.read())
    item: Thing[ProtectedItem]
    item, rows = await asyncio.gather(
        ask(Source.ITEM), listed(reader, vault.id) if vault and listing else _nothing()
    )
    match item:
        case Unknown() as unknown:
            return unknown
        case Absent() as absent:
            return absent
        case Known(value=found, source=source, at=at):
            if found.policy_id is None:
                return Absent(source, at)
            return await read(reader, found.policy_id, rows)


def policies_query(vault_id: str) -> Query:
    """The query for a vault's policies for VMs. Its rows are whole policies."""
    return Query(
        api=Api.BACKUP,
        path=f"{vault_id}/backupPolicies",
        params=(("$filter", "backupManagementType eq 'AzureIaasVM'"),),
    )


async def listed(reader: Reader, vault_id: str) -> dict[str, Known[Policy]]:
    """A vault's policies, by their ids in comparable form. Empty if they cannot be listed.

    A row counts only if it tells the kind of its schedule and no other row has its id. No list of
    the years with Enhanced policies is recorded: one might leave out `policyType`.
    """
    query = policies_query(vault_id)
    try:
        rows, answer = await reader.pages(query)
    except AzureError:
        return {}
    policies = [(ids.normal(text(row, "id")), row) for row in rows if text(row, "id")]
    often = Counter(key for key, _ in policies)
    return {
        key: Known(parse(row), str(query), answer.at)
        for key, row in policies
        if tells_kind(row) and often[key] == 1
    }


def tells_kind(row: dict[str, Any]) -> bool:
    """Whether a policy tells the kind of its schedule, as all recorded ones do."""
    return bool(_kind(dig(row, "properties")))


async def _nothing() -> dict[str, Known[Policy]]:
    return {}


async def read(
    reader: Reader, policy_id: str, rows: Mapping[str, Known[Policy]]
) -> Known[Policy] | Absent:
    """A policy: from a list, or from a request of its own if the list lacks it.

    Raises:
        AzureError: it could not be read.
    """
    if known := rows.get(ids.normal(policy_id)):
        return known
    query = Query(api=Api.BACKUP, path=policy_id)
    answer = await reader.get(query)
    if answer.body is None:
        return Absent(str(query), answer.at)
    return Known(parse(answer.body), str(query), answer.at)


def parse(body: dict[str, Any]) -> Policy:
    """A backup policy. One that tells neither its type nor a new kind of schedule is Standard.

    Recorded in 2024 and 2025: V2, V1 or nothing; a policy with V2 has `SimpleSchedulePolicyV2`.
    """
    properties = dig(body, "properties")
    schedule = dig(properties, "schedulePolicy")
    days = dig(properties, "instantRpRetentionRangeInDays")
    return Policy(
        id=text(body, "id"),
        enhanced=text(properties, "policyType").upper() == "V2" or _kind(properties) == _ENHANCED,
        frequency=text(schedule, "scheduleRunFrequency") or None,
        hourly=hourly(schedule),
        run_times=run_times(schedule),
        run_days=run_days(schedule),
        in_utc=text(properties, "timeZone").upper() == "UTC",
        consistency=_consistency(dig(properties, "snapshotConsistencyType")),
        instant_retention_days=days if isinstance(days, int) else None,
        group_prefix=text(properties, "instantRPDetails", "azureBackupRGNamePrefix") or None,
        group_suffix=text(properties, "instantRPDetails", "azureBackupRGNameSuffix") or None,
    )


def _kind(properties: object) -> str:
    return text(properties, "schedulePolicy", "schedulePolicyType")


def _consistency(told: object) -> Consistency | None:
    """What the policy asks for. Most policies do not tell it: then the usual one is meant."""
    if told in (None, ""):
        return Consistency.APPLICATION
    only_crash = isinstance(told, str) and told.lower() == "onlycrashconsistent"
    return Consistency.CRASH if only_crash else None
