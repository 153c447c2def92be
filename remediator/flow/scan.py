"""The whole estate: every failed backup of the subscriptions in scope, found and planned.

One slow, forbidden or broken subscription holds up no other. It is named as not scanned: what could
not be read is never called clean.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Final

from remediator import ids
from remediator.errors import AzureError, JobNotRemediableError, RemediateError, first_line
from remediator.flow.events import Scanned
from remediator.flow.ports import Cloud, Listener
from remediator.flow.requests import Times, Wanted
from remediator.inspect.estate import VaultStory, VmStory, late, troubled, vault_story
from remediator.inspect.shared import SharedReader
from remediator.inspect.subscriptions import subscriptions_in
from remediator.job.job import JobRef, VaultRef
from remediator.plan.plan import Plan
from remediator.plan.planning import plan_job
from remediator.playbook.catalogue import Catalogue, read_catalogue
from remediator.redaction import redacted
from remediator.report.batch import Standing
from remediator.report.details import Details, details_of
from remediator.report.estate import (
    Estate,
    EstateTarget,
    NotScanned,
    RunningJob,
    head_of,
    planned,
    worst_first,
)

SUBSCRIPTIONS_AT_A_TIME: Final = 17
"""What was read of a subscription is kept until its jobs are planned, so this limits the memory."""

JOBS_AT_A_TIME: Final = 128
"""How many jobs are planned at the same time. The subscriptions of the scan share them, so that a
slow subscription cannot take the places of the others."""

FEWEST: Final = 6
MOST: Final = 64
"""The least and the greatest share of one subscription."""


@dataclass(frozen=True, slots=True)
class ScanScope:
    """What to scan."""

    subscriptions: tuple[str, ...] = ()
    """Ids or names. If empty, all that the identity sees."""
    management_groups: tuple[str, ...] = ()
    """All subscriptions below these groups."""
    since: timedelta = timedelta(hours=24)
    """How far back a failed backup counts."""
    vaults: tuple[str, ...] = ()
    """Only these vaults, by ARM id or name. If empty, all."""
    groups: tuple[str, ...] = ()
    """Only VMs, or vaults, of these resource groups. If empty, all."""
    vms: tuple[str, ...] = ()
    """Only these VMs, by ARM id or name. If empty, all."""
    codes: tuple[str, ...] = ()
    """Only failures of these codes. If empty, all."""
    keep: bool = False
    """Whether the plans that change something are kept, to be saved or applied."""
    details: bool = False
    """Whether the details of each plan are kept, to be shown."""
    options: tuple[str, ...] = ()
    """Options that the shown next commands need, such as the endpoint."""

    def has_vault(self, vault: VaultRef) -> bool:
        """Whether a vault is to be scanned."""
        return not self.vaults or any(
            ids.same(name, vault.id) if name.startswith("/") else ids.same_name(name, vault.name)
            for name in self.vaults
        )

    def has_vm(self, story: VmStory) -> bool:
        """Whether a VM is to be looked at."""
        vm_id = story.item.vm_id if story.item else None
        named = not self.vms or any(
            ids.same(name, vm_id) if name.startswith("/") else ids.same_name(name, story.vm_name)
            for name in self.vms
        )
        placed = not self.groups or any(
            ids.same_name(group, story.group) or ids.same_name(group, story.vault.group)
            for group in self.groups
        )
        return named and placed


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan's result, and the plans that were kept, in the order of the estate."""

    estate: Estate
    plans: tuple[Plan, ...]
    details: dict[str, Details]
    """The details that were kept, by the plan's id."""


async def scan(
    cloud: Cloud, listener: Listener, asked: ScanScope, wanted: Wanted, times: Times
) -> Scan:
    """Find every failed backup in scope, and plan its fix. Changes nothing.

    If it is interrupted, the result tells what was known by then.

    Args:
        cloud: where to look.
        listener: is told of each VM as it is known.
        asked: what to scan.
        wanted: how each job is planned.
        times: how long the reading of one subscription may take.

    Raises:
        BadInputError: a name in scope is no subscription, or a value cannot be used.
        AzureError: the subscriptions could not be listed.
    """
    catalogue = read_catalogue(wanted.playbooks)
    subscriptions, _ = await asyncio.gather(
        subscriptions_in(cloud.reader, asked.subscriptions, asked.management_groups),
        asyncio.to_thread(catalogue.get_ready),
    )
    scanning = _Scanning(cloud, listener, asked, wanted, times, catalogue, subscriptions)
    await scanning.all()
    return scanning.found()


@dataclass(slots=True)
class _Scanning:
    """The state of a scan. A small record is kept for each VM."""

    cloud: Cloud
    listener: Listener
    asked: ScanScope
    wanted: Wanted
    times: Times
    catalogue: Catalogue
    subscriptions: Sequence[str]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    interrupted: bool = False
    targets: list[EstateTarget] = field(default_factory=list)
    running: list[RunningJob] = field(default_factory=list)
    unread: list[NotScanned] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)
    details: dict[str, Details] = field(default_factory=dict)
    vaults: int = 0
    protected: int = 0
    known: int = 0
    """How many VMs were found that need a look."""
    done: int = 0
    """How many subscriptions are done."""

    async def all(self) -> None:
        """Scan the subscriptions, several at a time."""
        reader = SharedReader(self.cloud.reader)
        free = asyncio.Semaphore(SUBSCRIPTIONS_AT_A_TIME)

        async def one(subscription: str) -> None:
            async with free:
                with self.times.begin().bounding(can_wait=True):
                    await self._subscription(reader, subscription)
                reader.forget(subscription)
                self.done += 1
                self._tell(None)

        tasks = [asyncio.create_task(one(each)) for each in self.subscriptions]
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            self.interrupted = True
            if task := asyncio.current_task():
                task.uncancel()
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _subscription(self, reader: SharedReader, subscription: str) -> None:
        try:
            listed = await reader.vaults(subscription)
            vaults = [each for each in map(VaultRef.parse, listed) if self.asked.has_vault(each)]
        except RemediateError as error:
            self._not_scanned(f"/subscriptions/{subscription}", str(error))
            return
        told = await asyncio.gather(*(self._vault(reader, vault) for vault in vaults))
        share = JOBS_AT_A_TIME // len(self.subscriptions)
        free = asyncio.Semaphore(min(MOST, max(FEWEST, share)))

        async def one(story: VmStory, now: datetime) -> None:
            async with free:
                target = await self._target(reader, story, now)
            if target is not None:
                self.targets.append(target)
                self._tell(target)

        await asyncio.gather(*(one(story, each.at) for each in told if each for story in each.vms))

    async def _vault(self, reader: SharedReader, vault: VaultRef) -> VaultStory | None:
        """A vault's VMs that are in scope. None if the vault cannot be read."""
        try:
            told = await vault_story(reader, vault, self.asked.since, datetime.now(UTC))
        except RemediateError as error:
            self._not_scanned(vault.id, str(error))
            return None
        except Exception as error:  # noqa: BLE001 - one odd answer must not end the whole scan
            self._not_scanned(vault.id, _internal(error))
            return None
        self.vaults += 1
        self.protected += told.protected
        kept = replace(told, vms=tuple(vm for vm in told.vms if self.asked.has_vm(vm)))
        self.known += len(kept.vms)
        self.running += [
            RunningJob(
                job=vm.running.id,
                vm=vm.vm_name,
                operation=vm.running.operation,
                start=vm.running.start,
            )
            for vm in kept.vms
            if vm.running
        ]
        return kept

    async def _target(
        self, reader: SharedReader, story: VmStory, now: datetime
    ) -> EstateTarget | None:
        """The record of a VM. None if its failure has none of the codes that are asked for."""
        bare = _bare(story, now, self.asked.options)
        if story.failed is None:
            return None if self.asked.codes else bare
        if story.recovered is not None:
            return None if self.asked.codes else bare
        try:
            plan = await self._plan(reader, JobRef(vault=story.vault, name=story.failed.name))
        except AzureError as error:
            return _left(bare, Standing.NOT_CHECKED, str(error))
        except JobNotRemediableError as error:
            return _left(bare, Standing.NOT_REMEDIABLE, str(error))
        except Exception as error:  # noqa: BLE001 - one odd answer must not end the whole scan
            return _left(bare, Standing.NOT_CHECKED, _internal(error))
        if self.asked.codes and not _has_code(plan, self.asked.codes):
            return None
        if self.asked.keep and (plan.changes or plan.refused):
            self.plans[plan.plan_id] = plan
        if self.asked.details:
            self.details[plan.plan_id] = details_of(plan)
        return planned(bare, plan, self.asked.options)

    async def _plan(self, reader: SharedReader, job: JobRef) -> Plan:
        given = self.wanted.given
        return await plan_job(
            reader,
            job,
            self.catalogue,
            said_code=given.said_code,
            consent=given.consent,
            settings=given.settings(self.cloud.backup_app_id),
            limits=self.wanted.limits,
            for_later=self.asked.keep,
            checked=False,
            endpoint=self.cloud.endpoint,
            addressed=self.cloud.addressed,
            now=datetime.now(UTC),
        )

    def _not_scanned(self, where: str, why: str) -> None:
        self.unread.append(NotScanned(where=where, why=why))

    def _tell(self, target: EstateTarget | None) -> None:
        self.listener.hear(
            Scanned(
                target=target,
                done=len(self.targets),
                known=self.known,
                subscriptions_done=self.done,
                subscriptions=len(self.subscriptions),
            )
        )

    def found(self) -> Scan:
        """The result, as far as it is known."""
        targets = worst_first(self.targets)
        if self.interrupted:
            left = len(self.subscriptions) - self.done
            self.unread.append(
                NotScanned(where="/", why=f"interrupted; {left} subscriptions were not finished")
            )
        estate = Estate(
            started=self.started,
            ended=datetime.now(UTC),
            since_hours=self.asked.since.total_seconds() / 3600,
            subscriptions=tuple(self.subscriptions),
            vaults=self.vaults,
            protected=self.protected,
            head=head_of(targets, len(self.unread)),
            targets=targets,
            running=tuple(sorted(self.running, key=lambda job: job.job)),
            not_scanned=tuple(sorted(self.unread, key=lambda each: each.where)),
            interrupted=self.interrupted,
        )
        kept = (self.plans.get(target.plan_id or "") for target in targets)
        return Scan(estate, tuple(plan for plan in kept if plan is not None), self.details)


def _internal(error: Exception) -> str:
    """An unforeseen error, in one line."""
    return redacted(f"internal error: {type(error).__name__}: {first_line(error)}")


def _bare(story: VmStory, now: datetime, options: tuple[str, ...]) -> EstateTarget:
    """What the vault's lists alone say of a VM."""
    vm_id = story.item.vm_id if story.item else None
    well = story.recovered is not None and not (troubled(story) or late(story, now))
    if story.recovered is not None and well:
        standing = Standing.NOTHING_TO_DO
        text = f"recovered: backup {story.recovered.name} succeeded"
    else:
        standing = Standing.HUMAN
        text = troubled(story) or _lateness(story, now)
    over = None
    if story.last_good is not None and story.promised is not None:
        over = round((now - story.last_good - story.promised).total_seconds() / 3600, 1)
    return EstateTarget(
        subscription=ids.subscription_of(vm_id) if vm_id else story.vault.subscription,
        group=story.group,
        vm=story.vm_name,
        vm_id=vm_id,
        vault=story.vault.id,
        job=story.failed.id if story.failed else None,
        failed_at=story.failed.start if story.failed else None,
        code=None,
        last_good=story.last_good,
        overdue_hours=over,
        standing=standing,
        text=text,
        next=" ".join(("remediate check --vm", quote(vm_id), *options))
        if vm_id and not well
        else None,
    )


def _lateness(story: VmStory, now: datetime) -> str:
    over = late(story, now)
    if over is None:
        return "its last backup failed"
    hours = int(over.total_seconds() // 3600)
    return f"its newest recovery point is {hours} hours older than its policy promises"


def _left(bare: EstateTarget, standing: Standing, text: str) -> EstateTarget:
    return bare.changed(standing=standing, text=text)


def _has_code(plan: Plan, codes: Sequence[str]) -> bool:
    told = {ids.folded(plan.failure.code or ""), *plan.job.codes}
    return any(ids.folded(code) in told for code in codes)
