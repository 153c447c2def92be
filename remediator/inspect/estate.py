"""What a vault says of all its VMs: failed backups, what came after them, and late protection."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from remediator import ids
from remediator.facts import Hourly, Known, Policy, ProtectedItem
from remediator.inspect.item import items_query, parse
from remediator.inspect.jobs import HISTORY, history_since, jobs_query, rows_of
from remediator.inspect.policy import listed, read
from remediator.job.job import JobRow, VaultRef
from remediator.reading import Reader

_FAILED: Final = ("failed", "completedwithwarnings")
"""A backup that lost its copy to the vault ends as `CompletedWithWarnings` (recorded)."""

_TROUBLED: Final = ("protectionerror", "protectionpaused", "backupssuspended")


@dataclass(frozen=True, slots=True)
class VmStory:
    """The recent backups of one VM, as its vault lists them."""

    vault: VaultRef
    vm_name: str
    group: str
    """The VM's resource group. Empty when nothing tells it."""
    failed: JobRow | None
    """The newest backup, or attempt to begin protection, that failed in the time asked about."""
    recovered: JobRow | None
    """A backup that succeeded after it."""
    running: JobRow | None
    """A job of the VM that has not ended."""
    item: ProtectedItem | None
    promised: timedelta | None
    """The longest time between two backups, as the policy says. None when it is not known."""

    @property
    def last_good(self) -> datetime | None:
        """When the newest recovery point was made. None when the vault does not tell one."""
        return self.item.last_point if self.item else None


@dataclass(frozen=True, slots=True)
class VaultStory:
    """A vault's VMs that need a look, and the number of VMs that it protects."""

    vms: tuple[VmStory, ...]
    protected: int
    at: datetime
    """The time of the answer, by Azure's own clock."""


async def vault_story(
    reader: Reader, vault: VaultRef, since: timedelta, now: datetime
) -> VaultStory:
    """Read a vault's jobs, items and policies, one list each, at the same time.

    Args:
        reader: reads Azure. If it is shared, the plans of the vault's jobs use the same lists.
        vault: the vault.
        since: how far back a failed backup counts.
        now: the time, before Azure has told its own.

    Raises:
        AzureError: one of the lists could not be read.
    """
    query = jobs_query(vault.id, min(history_since(now), history_since(now - since + HISTORY)))
    (rows, answer), (protected, _), policies = await asyncio.gather(
        reader.pages(query), reader.pages(items_query(vault.id)), listed(reader, vault.id)
    )
    items = [item for item in map(parse, protected) if not item.deleted]
    promises = await _promises(reader, items, policies)
    by_vm: dict[tuple[str, str], list[JobRow]] = defaultdict(list)
    for row in rows_of(query, rows):
        if row.vm_name or row.container:
            by_vm[_of_job(row)].append(row)
    of_vm = {_of_item(item): item for item in items}
    found = []
    for key in sorted(by_vm.keys() | of_vm.keys()):
        item = of_vm.get(key)
        promised = promises.get(ids.normal(item.policy_id or "")) if item else None
        jobs = by_vm.get(key, ())
        failed = newest_failed(jobs, answer.at - since)
        story = VmStory(
            vault=vault,
            vm_name=failed.vm_name if failed and failed.vm_name else _name(item, key),
            group=key[0],
            failed=failed,
            recovered=_success_after(failed, jobs),
            running=next((row for row in jobs if row.running), None),
            item=item,
            promised=promised,
        )
        if failed or late(story, answer.at) or troubled(story):
            found.append(story)
    return VaultStory(tuple(found), len(items), answer.at)


def newest_failed(jobs: Iterable[JobRow], since: datetime) -> JobRow | None:
    """The newest failed job that was to back up a VM, or to begin its protection."""
    bad = (
        row
        for row in jobs
        if (row.is_backup or row.configures)
        and row.status.lower() in _FAILED
        and row.start
        and row.start >= since
    )
    return max(bad, key=lambda row: row.start or since, default=None)


def late(story: VmStory, now: datetime) -> timedelta | None:
    """How long the VM has been without the recovery point that its policy promises.

    A backup takes hours, so half of the time between two backups is allowed on top. None if the
    point is there in time, or if the point or the promise is not known.
    """
    if story.last_good is None or story.promised is None:
        return None
    over = now - story.last_good - story.promised
    return over if over > story.promised / 2 else None


def troubled(story: VmStory) -> str | None:
    """What is wrong with the VM's protection, as its item says. None if nothing is."""
    if story.item is None:
        return None
    state = story.item.state.lower()
    if state in _TROUBLED:
        return f"its protection is in the state {story.item.state}"
    if state == "irpending" and story.item.last_point is None and story.item.last_backup:
        return "its first backup never succeeded"
    return None


async def _promises(
    reader: Reader, items: Iterable[ProtectedItem], policies: Mapping[str, Known[Policy]]
) -> dict[str, timedelta | None]:
    named = sorted({item.policy_id for item in items if item.policy_id})
    answers = await asyncio.gather(*(read(reader, policy, policies) for policy in named))
    return {
        ids.normal(policy): _promise(answer.value)
        for policy, answer in zip(named, answers, strict=True)
        if isinstance(answer, Known)
    }


def _promise(policy: Policy) -> timedelta | None:
    """The longest time between two backups of a policy. None when it does not tell it."""
    match (policy.frequency or "").lower(), policy.hourly:
        case "hourly", Hourly(interval=interval, runs_a_day=runs):
            return timedelta(hours=max(interval, 24 - (runs - 1) * interval))
        case "hourly" | "daily", _:
            return timedelta(days=1)
        case "weekly", _:
            return timedelta(days=7)
        case _:
            return None


def _success_after(failed: JobRow | None, jobs: Iterable[JobRow]) -> JobRow | None:
    if failed is None or failed.start is None:
        return None
    began = failed.start
    good = (row for row in jobs if row.is_backup and row.succeeded and row.end and row.end > began)
    return max(good, key=lambda row: row.end or began, default=None)


def _of_job(row: JobRow) -> tuple[str, str]:
    return _key(row.container or "", row.vm_name)


def _of_item(item: ProtectedItem) -> tuple[str, str]:
    return _key(item.name, item.name)


def _key(container: str, vm_name: str) -> tuple[str, str]:
    """The VM's group and name, in comparable form. The group is empty when it is not told."""
    parts = container.split(";")
    if len(parts) >= 3:
        return ids.folded(parts[-2]), ids.folded(parts[-1])
    return "", ids.folded(vm_name)


def _name(item: ProtectedItem | None, key: tuple[str, str]) -> str:
    return item.vm_id.rsplit("/", 1)[-1] if item and item.vm_id else key[1]
