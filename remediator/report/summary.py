"""Summary: one row for each VM, whatever was done: a plan, a run, several jobs, or a scan.

Every form that has a row for each VM is made from it, so that all of them tell the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from remediator.errors import BadInputError
from remediator.ids import group_name, subscription_of
from remediator.job.job import JobRef, VaultRef
from remediator.plan.plan import Plan
from remediator.report.batch import (
    Batch,
    Standing,
    Target,
    correlations,
    impacts,
    next_command,
    truly,
    unapplied,
)
from remediator.report.details import Details, details_of
from remediator.report.estate import Estate, EstateTarget, NotScanned
from remediator.report.report import Report
from remediator.report.runs import RunState, Story
from remediator.run.leases import owed_by

WELL: Final = (Standing.FIXED, Standing.NOTHING_TO_DO)
"""The standings of a VM whose backups work again."""

_WORST: Final = (
    Standing.LOCK_OFF,
    Standing.NOT_FIXED,
    Standing.HUMAN,
    Standing.NOT_REMEDIABLE,
    Standing.NOT_CHECKED,
    Standing.CONSENT,
    Standing.REFUSED,
    Standing.NOT_REACHED,
    Standing.PENDING,
    Standing.QUEUED,
    Standing.NOTHING_TO_DO,
    Standing.FIXED,
    Standing.SAME_VM,
)
"""The standings, the worst first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One VM, or one place that could not be read. An empty text or None: not known."""

    vm: str
    """The VM's name. Empty if the row tells a place, or if the job names no VM."""
    standing: Standing
    why: str
    """The reason for the standing, in one sentence."""
    vm_id: str | None = None
    subscription: str = ""
    group: str = ""
    vault: str = ""
    """The ARM id of the vault."""
    job: str = ""
    """The ARM id of the failed job. If the job was not found, the text that was typed."""
    failed_at: datetime | None = None
    code: str | None = None
    remedy: str | None = None
    """The title of the remedy."""
    impacts: tuple[str, ...] = ()
    """The impact classes of the changes that are planned or held, each once."""
    opt_ins: tuple[str, ...] = ()
    """The missing flags of consent."""
    next: tuple[str, ...] = ()
    """What to do now: commands, or a sentence."""
    unsure: bool = False
    """Whether it is not known that the lock is off which should be on."""
    last_good: datetime | None = None
    """When the newest recovery point was made. Only a scan reads it for each VM."""
    run_id: str | None = None
    correlation_ids: tuple[str, ...] = ()
    """Azure's ids of the requests that the run has sent."""
    details: Details | None = None
    """The evidence and the changes. None if no plan was made or kept."""
    overdue_hours: float | None = None
    """Hours since the newest recovery point, beyond the time between two backups that the policy
    promises. Negative if there is time left. Only a scan knows it."""
    plan: Plan | None = None
    """The whole plan. A scan keeps none."""
    report: Report | None = None
    """The report of the run."""

    @property
    def name(self) -> str:
        """The VM's name. Without one, the most exact other name that the row has."""
        return self.vm or self.job or self.vault or self.subscription

    @property
    def counts(self) -> bool:
        """Whether the row tells about a VM that no other row tells about."""
        return self.standing is not Standing.SAME_VM

    @property
    def well(self) -> bool:
        """Whether nothing is wrong with what the row tells about."""
        return self.standing in WELL or not self.counts


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers that are read first. Each VM is in exactly one of them, except `failed`."""

    failed: int
    """VMs whose backups are not known to work again."""
    fixable: int
    """VMs whose planned changes were not made yet."""
    needs_consent: int
    needs_human: int
    not_fixed: int
    """VMs that a run has not fixed."""
    refused: int
    """VMs that a guard or a limit leaves alone."""
    not_read: int
    """VMs, subscriptions and vaults that could not be read."""
    recovered: int
    """VMs whose backups work again."""
    fixed: int
    """VMs among the recovered ones that this command has fixed."""
    places: int
    """Subscriptions and vaults among those that could not be read."""
    without_job: int
    """VMs without a failed job. Their backup is late, or they are not protected."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All rows of one command."""

    started: datetime
    ended: datetime
    rows: tuple[Row, ...]
    interrupted: bool = False

    @property
    def counts(self) -> Counts:
        """The numbers of the rows."""
        seen = [row for row in self.rows if row.counts]

        def count(*standings: Standing) -> int:
            return sum(row.standing in standings for row in seen)

        return Counts(
            failed=sum(not row.well for row in seen if row.vm or row.job),
            fixable=count(Standing.PENDING, Standing.QUEUED),
            needs_consent=count(Standing.CONSENT),
            needs_human=count(Standing.HUMAN, Standing.NOT_REMEDIABLE),
            not_fixed=count(Standing.NOT_FIXED, Standing.LOCK_OFF),
            refused=count(Standing.REFUSED, Standing.NOT_REACHED),
            not_read=count(Standing.NOT_CHECKED),
            recovered=count(*WELL),
            fixed=count(Standing.FIXED),
            places=sum(not row.vm and not row.job for row in seen),
            without_job=sum(not row.well and bool(row.vm) and not row.job for row in seen),
        )


def of_plan(plan: Plan) -> Summary:
    """The summary of a plan that was not applied."""
    return Summary(plan.created, plan.created, (_of_target(unapplied(plan)),))


def of_report(report: Report) -> Summary:
    """The summary of one run."""
    row = _of_target(Target.reported(report))
    return Summary(report.started, report.ended, (row,), report.interrupted)


def of_queued(plan: Plan, run_id: str) -> Summary:
    """The summary of a plan that was left to a worker."""
    row = _of_target(Target.of(plan, Standing.QUEUED, f"run {run_id}", run_id))
    return Summary(plan.created, plan.created, (row,))


def of_story(story: Story) -> Summary:
    """The summary of a former run, whether or not it has a report."""
    if story.report is not None:
        return of_report(story.report)
    standing, why = _without_report(story)
    row = _of_target(Target.of(story.plan, standing, why, story.run_id))
    return Summary(story.began, story.touched, (row,))


def _without_report(story: Story) -> tuple[Standing, str]:
    """The standing of a run without a report, and its reason."""
    if owed := owed_by(story.entries, story.plan).owed:
        locks = ", ".join(f"{lock.name} ({lock.level}) on {lock.scope}" for lock in owed)
        return Standing.LOCK_OFF, f"a lock is off that should be on: {locks}"
    match story.state:
        case RunState.WAITING:
            return Standing.QUEUED, f"run {story.run_id}"
        case RunState.ENDED:
            return Standing.REFUSED, story.error or "the run ended without a report"
        case RunState.UNFINISHED | RunState.OWING | RunState.BROKEN | RunState.FOREIGN:
            return Standing.NOT_FIXED, story.error or f"the run is {story.state}"


def of_batch(batch: Batch) -> Summary:
    """The summary of several jobs, the worst first."""
    rows = sorted(map(_of_target, batch.targets), key=lambda row: _WORST.index(row.standing))
    return Summary(batch.started, batch.ended, tuple(rows), batch.interrupted)


def of_estate(estate: Estate, details: Mapping[str, Details] = MappingProxyType({})) -> Summary:
    """The summary of a scan. The places that could not be read come first.

    Args:
        estate: the result of the scan.
        details: the details of the VMs' plans, by the plan's id.
    """
    places = map(_of_place, estate.not_scanned)
    vms = (
        replace(_of_vm(each), details=details.get(each.plan_id or "")) for each in estate.targets
    )
    rows = (*places, *vms)
    return Summary(estate.started, estate.ended, rows, estate.interrupted)


def _of_target(target: Target) -> Row:
    standing, why = truly(target)
    plan = target.report.plan if target.report else target.plan
    if plan is None:
        ref = _ref(target.job)
        return Row(
            vm=target.vm or "",
            standing=standing,
            why=why,
            subscription=ref.subscription if ref else "",
            vault=ref.id if ref else "",
            job=target.job,
            code=target.code,
        )
    return replace(
        _planned(plan, standing, why),
        next=tuple(_next(target, plan, standing)),
        unsure=target.report is not None and not target.report.locks_off,
        run_id=target.run_id,
        correlation_ids=correlations(target.report) if target.report else (),
        details=details_of(plan, target.report),
        plan=plan,
        report=target.report,
    )


def _planned(plan: Plan, standing: Standing, why: str) -> Row:
    """The row of a job with a plan. The VM's id tells its place, otherwise the vault's."""
    job = plan.job
    return Row(
        vm=job.vm_name,
        standing=standing,
        why=why,
        vm_id=job.vm_id,
        subscription=job.subject.subscription,
        group=(group_name(job.vm_id) or "") if job.vm_id else "",
        vault=job.vault.id,
        job=job.id,
        failed_at=job.start,
        code=plan.failure.code,
        remedy=plan.ladder.title if plan.ladder else None,
        impacts=impacts(plan),
        opt_ins=plan.opt_ins,
    )


def _next(target: Target, plan: Plan, standing: Standing) -> Iterator[str]:
    if target.report is not None:
        yield from target.report.next
    elif target.run_id is not None:
        yield f"remediate runs show {target.run_id}"
    elif standing not in (*WELL, Standing.SAME_VM):
        yield next_command(plan)


def _of_vm(target: EstateTarget) -> Row:
    return Row(
        vm=target.vm,
        standing=target.standing,
        why=target.text,
        vm_id=target.vm_id,
        subscription=target.subscription,
        group=target.group,
        vault=target.vault,
        job=target.job or "",
        failed_at=target.failed_at,
        code=target.code,
        remedy=target.remedy,
        impacts=target.impacts,
        opt_ins=target.opt_ins,
        next=_each(target.next),
        last_good=target.last_good,
        overdue_hours=target.overdue_hours,
        run_id=target.run_id,
        correlation_ids=target.correlation_ids,
    )


def _of_place(place: NotScanned) -> Row:
    """The row of a subscription or vault that could not be read."""
    return Row(
        vm="",
        standing=Standing.NOT_CHECKED,
        why=f"not scanned: {place.why}",
        subscription=_subscription(place.where),
        vault=place.where if group_name(place.where) else "",
    )


def _each(found: str | None) -> tuple[str, ...]:
    return (found,) if found else ()


def _ref(job: str) -> VaultRef | None:
    """The vault that a job's id names. None if the text is no such id."""
    try:
        return JobRef.parse(job).vault
    except BadInputError:
        return None


def _subscription(where: str) -> str:
    try:
        return subscription_of(where)
    except ValueError:
        return where
