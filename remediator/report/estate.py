"""Estate: the failed backups of all subscriptions in scope, as data. One small record for each VM.

A whole plan is not kept here: ten thousand of them would not fit into memory. The plan's id, its
remedy and the next command are.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

from pydantic import AwareDatetime

from remediator.ids import covers, normal
from remediator.plan.plan import Plan
from remediator.report.batch import (
    Standing,
    Target,
    correlations,
    guard_of,
    impacts,
    next_command,
    truly,
    unapplied,
)
from remediator.value import Value

SCHEMA_VERSION: Final = "1"


class EstateTarget(Value):
    """One VM whose backups need a look.

    There may be ten thousand of them. Pydantic notes for each value which fields were given, and
    this note takes half of a target's memory. Nobody reads it here, so all targets share one.
    """

    subscription: str
    """The VM's subscription. If nothing tells it, the vault's."""
    group: str
    """The VM's resource group. Empty if nothing tells it."""
    vm: str
    """The VM's name."""
    vm_id: str | None
    """The VM's ARM id. None if nothing tells it."""
    vault: str
    """The ARM id of the vault."""
    job: str | None
    """The ARM id of the newest failed job. None if no job failed in the time asked about."""
    failed_at: AwareDatetime | None
    code: str | None
    """The code of the failure. None if it is not known, or if no job failed."""
    last_good: AwareDatetime | None
    """When the newest recovery point was made. None if the vault does not tell one."""
    overdue_hours: float | None
    """Hours since the newest recovery point, beyond the time between two backups that the policy
    promises. Negative if there is time left. None if the point or the promise is not known."""
    standing: Standing
    text: str
    """The reason for the standing, in one sentence."""
    guard: str | None = None
    """The guard or limit that leaves the VM alone. None if none does."""
    playbook: str | None = None
    rung: str | None = None
    remedy: str | None = None
    """The title of the remedy."""
    impacts: tuple[str, ...] = ()
    """The impact classes of the changes that are planned or held, each once."""
    opt_ins: tuple[str, ...] = ()
    """The missing flags of consent. Empty if something else holds the remedy."""
    changes: int = 0
    """How many changes the plan makes with the consent given."""
    plan_id: str | None = None
    plan_file: str | None = None
    """Where the plan was saved."""
    run_id: str | None = None
    correlation_ids: tuple[str, ...] = ()
    """Azure's ids of the requests that the run has sent."""
    next: str | None = None
    """The next command for this VM. None if there is nothing to do."""
    compared: Literal["new", "still"] | None = None
    """Whether the VM stood in the scan that this one was compared with."""

    def model_post_init(self, _context: Any, /) -> None:
        """Share the note."""
        object.__setattr__(self, "__pydantic_fields_set__", _GIVEN)

    def changed(self, **values: Any) -> "EstateTarget":
        """The target with other values in some fields."""
        return EstateTarget.model_construct(_GIVEN, **(vars(self) | values))

    @property
    def key(self) -> str:
        """Which VM this is, in comparable form."""
        return normal(self.vm_id or f"{self.vault}/{self.group}/{self.vm}")

    @property
    def open(self) -> bool:
        """Whether the VM's backups are not known to work again."""
        return self.standing not in (Standing.FIXED, Standing.NOTHING_TO_DO, Standing.SAME_VM)


_GIVEN: Final = set(EstateTarget.model_fields)
"""The note that all targets share. A target is frozen, so nothing changes it."""


class RunningJob(Value):
    """A job that has not ended."""

    job: str
    vm: str
    operation: str
    start: AwareDatetime | None


class NotScanned(Value):
    """A subscription or a vault that could not be read. Nothing is known about its backups."""

    where: str
    """Its ARM id."""
    why: str


class Gone(Value):
    """A VM of the earlier scan that this scan does not name any more."""

    vm: str
    job: str | None
    code: str | None


class Head(Value):
    """The numbers that are read first."""

    failed: int
    """VMs with a failed backup that did not recover, or without the point that is promised."""
    fixable: int
    """VMs whose plan makes changes as it is. A plan that was left to a worker counts too."""
    not_fixed: int
    """VMs whose plan was applied without curing them."""
    needs_consent: int
    needs_human: int
    recovered: int
    """VMs whose later backup succeeded, or that this command has fixed."""
    refused: int
    """VMs that a guard or a limit leaves alone."""
    not_read: int
    """VMs whose job could not be read."""
    not_scanned: int
    """Subscriptions and vaults that could not be read."""
    late_without_job: int
    """VMs without a failed job whose protection is in trouble, or whose newest point is too old."""


class Estate(Value):
    """The result of one scan."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    started: AwareDatetime
    ended: AwareDatetime
    since_hours: float
    """Jobs that failed in this time before the scan count."""
    subscriptions: tuple[str, ...]
    """The subscriptions in scope."""
    vaults: int
    """How many vaults were read."""
    protected: int
    """How many VMs these vaults protect."""
    head: Head
    targets: tuple[EstateTarget, ...]
    """The VMs that need a look, worst first."""
    running: tuple[RunningJob, ...]
    not_scanned: tuple[NotScanned, ...]
    gone: tuple[Gone, ...] = ()
    """VMs of the earlier scan that are not named any more. Filled only in a comparison."""
    interrupted: bool = False
    """Whether the scan was cut short. Then the report tells what was known by then."""


def pieces_of(estate: Estate) -> Iterator[str]:
    """The JSON of a scan, VM by VM."""
    head = estate.model_copy(update={"targets": ()}).model_dump_json()
    before, empty, after = head.partition('"targets":[]')
    yield before + empty[:-1]
    for number, target in enumerate(estate.targets):
        yield ("," if number else "") + target.model_dump_json()
    yield empty[-1:] + after


_FIXABLE: Final = (Standing.PENDING, Standing.QUEUED)
_REFUSED: Final = (Standing.REFUSED, Standing.NOT_REACHED)


def head_of(targets: Iterable[EstateTarget], not_scanned: int) -> Head:
    """The numbers of a scan."""
    seen = tuple(targets)

    def count(*standings: Standing) -> int:
        return sum(1 for each in seen if each.standing in standings)

    return Head(
        failed=sum(1 for each in seen if each.open),
        fixable=count(*_FIXABLE),
        not_fixed=count(Standing.NOT_FIXED, Standing.LOCK_OFF),
        needs_consent=count(Standing.CONSENT),
        needs_human=count(Standing.HUMAN, Standing.NOT_REMEDIABLE),
        recovered=count(Standing.NOTHING_TO_DO, Standing.FIXED),
        refused=count(*_REFUSED),
        not_read=count(Standing.NOT_CHECKED),
        not_scanned=not_scanned,
        late_without_job=sum(1 for each in seen if each.job is None),
    )


def worst_first(targets: Iterable[EstateTarget]) -> tuple[EstateTarget, ...]:
    """The targets, the VM that lacks a recovery point for the longest time first.

    A VM without any known point comes before all others: it has nothing to restore. VMs that have
    recovered come last.
    """

    def rank(target: EstateTarget) -> tuple[bool, bool, float, str]:
        over = target.overdue_hours
        if over is None and target.last_good is not None and target.failed_at is not None:
            over = (target.failed_at - target.last_good).total_seconds() / 3600
        return not target.open, target.last_good is not None, -(over or 0.0), target.key

    return tuple(sorted(targets, key=rank))


def planned(target: EstateTarget, plan: Plan, options: tuple[str, ...] = ()) -> EstateTarget:
    """A target with what its plan says.

    Args:
        target: the VM, as its vault tells it.
        plan: the plan of its failed job.
        options: options that every next command needs, such as the endpoint.
    """
    found = unapplied(plan)
    return target.changed(
        job=plan.job.id,
        vm_id=plan.job.vm_id or target.vm_id,
        code=plan.failure.code,
        standing=found.standing,
        text=found.text,
        guard=guard_of(plan),
        playbook=plan.playbook and plan.playbook.name,
        rung=plan.ladder and plan.ladder.rung,
        remedy=plan.ladder and plan.ladder.title,
        impacts=impacts(plan),
        opt_ins=plan.opt_ins,
        changes=len(plan.changes),
        plan_id=plan.plan_id,
        next=None if found.standing is Standing.NOTHING_TO_DO else next_command(plan, options),
    )


def applied(target: EstateTarget, result: Target) -> EstateTarget:
    """A target after its plan was applied, or was left alone."""
    standing, text = truly(result)
    done = standing in (Standing.FIXED, Standing.NOTHING_TO_DO)
    run_id = result.run_id
    shown = f"remediate runs show {run_id}" if run_id else target.next
    return target.changed(
        standing=standing,
        text=text,
        guard=guard_of(result.plan) if result.plan else None,
        run_id=run_id,
        correlation_ids=correlations(result.report) if result.report else (),
        next=None if done else shown,
    )


def compared(now: Estate, before: Estate) -> Estate:
    """The scan, with what is new, what was there before, and what is gone since an earlier one.

    A VM whose place was not read now is not known to be gone.
    """
    known = {target.key for target in before.targets if target.open}
    here = {target.key for target in now.targets if target.open}
    targets = tuple(
        target.changed(compared="still" if target.key in known else "new")
        if target.open
        else target
        for target in now.targets
    )
    gone = tuple(
        Gone(vm=target.vm, job=target.job, code=target.code)
        for target in before.targets
        if target.open and target.key not in here and _was_read(now, target)
    )
    return now.model_copy(update={"targets": targets, "gone": gone})


def _was_read(now: Estate, target: EstateTarget) -> bool:
    """Whether a scan has read the place of a VM that an earlier scan has named."""
    seen = any(covers(f"/subscriptions/{each}", target.vault) for each in now.subscriptions)
    if now.interrupted or not seen:
        return False
    return not any(covers(place.where, target.vault) for place in now.not_scanned)
