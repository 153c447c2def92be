"""Batch: several jobs of one command, VM after VM, and the result for each job."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from shlex import quote
from typing import Final, Literal

from pydantic import AwareDatetime

from remediator import ids
from remediator.change.step import Change, Held
from remediator.guards.limits import Limits
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.guards.targets import over
from remediator.language import marked
from remediator.plan.gate import with_refusals
from remediator.plan.plan import Plan, fingerprint
from remediator.report.report import Report
from remediator.value import Value

SCHEMA_VERSION: Final = "1"


class Standing(StrEnum):
    """The state of a job when the command has ended."""

    FIXED = marked("fixed")
    """The VM's backup is proved to work again, or nothing is left to do."""
    NOT_FIXED = marked("not-fixed")
    """A run began, and its report says how it ended."""
    LOCK_OFF = marked("lock-off")
    """A lock is off that should be on: its run was cut short without a report. In a scan, also if
    the report says that the lock could not be put back."""
    NOTHING_TO_DO = marked("nothing-to-do")
    """The VM has recovered meanwhile."""
    PENDING = marked("pending")
    """Changes are planned but none was made: it was a dry run, or nobody consented."""
    QUEUED = marked("queued")
    """Left to a worker."""
    CONSENT = marked("needs-consent")
    """Every possible change needs a flag that was not given."""
    HUMAN = marked("needs-human")
    """Nothing can be changed without a person."""
    REFUSED = marked("refused")
    """A guard refused the plan, or the plan was too old."""
    NOT_REACHED = marked("not-reached")
    """The command had stopped before this job's turn came."""
    SAME_VM = marked("same-vm")
    """Another job of the same VM stands for this one: a VM is treated once."""
    NOT_REMEDIABLE = marked("not-remediable")
    """It is not a failed job of an Azure VM."""
    NOT_CHECKED = marked("could-not-check")
    """The job could not be read, so nothing is known about it."""


class Target(Value):
    """One of the jobs."""

    job: str
    """The job's ARM id. If the job was not found, the text that was typed."""
    vm: str | None = None
    """The VM's name."""
    code: str | None = None
    standing: Standing
    text: str = ""
    """The reason for the standing, in one sentence."""
    run_id: str | None = None
    """The id of the run that was begun or left to a worker."""
    plan: Plan | None = None
    """The plan. None if a report holds it, or if there is no plan."""
    report: Report | None = None

    @classmethod
    def of(cls, plan: Plan, standing: Standing, text: str, run_id: str | None = None) -> "Target":
        """A job that was planned and not applied."""
        return cls(
            job=plan.job.id,
            vm=plan.job.vm_name,
            code=plan.failure.code,
            standing=standing,
            text=text,
            run_id=run_id,
            plan=plan,
        )

    @classmethod
    def reported(cls, report: Report) -> "Target":
        """A job whose plan was applied."""
        return cls(
            job=report.plan.job.id,
            vm=report.plan.job.vm_name,
            code=report.plan.failure.code,
            standing=Standing.FIXED if report.fixed else Standing.NOT_FIXED,
            text=report.verdict.text,
            run_id=report.run_id,
            report=report,
        )


class Batch(Value):
    """The result of one command."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    started: AwareDatetime
    ended: AwareDatetime
    targets: tuple[Target, ...]
    interrupted: bool = False

    def count(self, standing: Standing) -> int:
        """How many jobs have this standing."""
        return sum(target.standing is standing for target in self.targets)

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports of the runs that were begun."""
        return tuple(target.report for target in self.targets if target.report)

    @property
    def owes(self) -> bool:
        """Whether some lock or some VM's power was not put back."""
        return any(report.locks_owed or report.power_owed for report in self.reports)


def unapplied(plan: Plan) -> Target:
    """The target of a plan that was not applied."""
    if plan.changes:
        changes = len(plan.changes)
        told = "1 change is planned" if changes == 1 else f"{changes} changes are planned"
        return Target.of(plan, Standing.PENDING, told)
    if held := next((s for s in plan.steps if isinstance(s, Held) and s.guard), None):
        limit = held.guard in ("max-targets", "max-errors")
        return Target.of(plan, Standing.NOT_REACHED if limit else Standing.REFUSED, held.why[0])
    if plan.pending:
        return Target.of(plan, Standing.CONSENT, f"needs {' '.join(plan.opt_ins)}")
    why = next((step.why[0] for step in plan.steps if step.why), "")
    return Target.of(plan, Standing.NOTHING_TO_DO if plan.settled else Standing.HUMAN, why)


def guard_of(plan: Plan) -> str | None:
    """The guard or limit that holds a plan. None if none does."""
    return next((s.guard for s in plan.steps if isinstance(s, Held) and s.guard), None)


def truly(target: Target) -> tuple[Standing, str]:
    """The standing of a job and its reason, with what its run did not put back.

    A VM whose backup works again is not well if a lock is off that should be on.
    """
    report = target.report
    if report is None:
        return target.standing, target.text
    if report.locks_owed:
        locks = ", ".join(
            f"{lock.name} ({lock.level}) on {lock.scope}" for lock in report.locks_owed
        )
        off = (
            "a lock is off that should be on"
            if report.locks_off
            else "it is not known whether a lock is on that should be on"
        )
        return Standing.LOCK_OFF, f"{off}: {locks}; {target.text}"
    if report.power_owed:
        vms = ", ".join(owed.vm_id for owed in report.power_owed)
        return Standing.NOT_FIXED, f"a VM's power is not as it was: {vms}; {target.text}"
    return target.standing, target.text


def impacts(plan: Plan) -> tuple[str, ...]:
    """The impact classes of the changes that a plan makes or holds, each once."""
    found: dict[str, None] = {}
    for step in plan.steps:
        change = step.change if isinstance(step, Held) else step
        if isinstance(change, Change):
            found[change.impact.value] = None
    return tuple(found)


def correlations(report: Report) -> tuple[str, ...]:
    """Azure's correlation ids of a run, each once."""
    told = (outcome.correlation_id for outcome in report.outcomes)
    return tuple(dict.fromkeys(filter(None, told)))


def next_command(plan: Plan, options: tuple[str, ...] = ()) -> str:
    """The command that treats a plan's job, with the consent that is missing.

    Args:
        plan: the plan of the failed job.
        options: options that every command needs, such as the endpoint.
    """
    return " ".join(("remediate", "--job-id", quote(plan.job.id), *plan.opt_ins, *options))


def standing(started: datetime, plans: Iterable[Plan], others: Iterable[Target]) -> Batch:
    """How several jobs stand when nothing was applied."""
    targets = (*map(unapplied, plans), *others)
    return Batch(started=started, ended=datetime.now(UTC), targets=targets)


def one_for_each_vm(plans: Sequence[Plan]) -> tuple[list[Plan], list[Target]]:
    """The plan of each VM's newest job, in the given order, and the other jobs of these VMs."""
    newest: dict[str, Plan] = {}
    for plan in plans:
        vm = ids.normal(plan.job.vm_id or plan.job.id)
        other = newest.get(vm)
        if other is None or (plan.job.start or plan.job.seen) > (other.job.start or other.job.seen):
            newest[vm] = plan
    chosen = list(newest.values())
    rest = [
        Target.of(plan, Standing.SAME_VM, f"job {stands.job.name} of the same VM is newer")
        for plan in plans
        if (stands := newest[ids.normal(plan.job.vm_id or plan.job.id)]) is not plan
    ]
    return chosen, rest


def no_more(now: Plan, approved: Plan) -> bool:
    """Whether a plan makes only changes that an approved plan would have made."""
    known = [fingerprint((change,)) for change in approved.changes]
    return all(fingerprint((change,)) in known for change in now.changes)


def within(plans: Iterable[Plan], limits: Limits) -> list[Plan]:
    """The plans, as if each run succeeds. Plans beyond the command's limits are held."""
    tally, found = NOTHING_YET, []
    for plan in plans:
        kept = stopped(plan, limits, tally)
        if kept.changes:
            tally = tally.begin()
        found.append(kept)
    return found


def stopped(plan: Plan, limits: Limits, tally: Tally) -> Plan:
    """The plan. It is held if the command has reached its limits."""
    refusal = over(limits, tally, plan.job.vm_id or plan.job.id)
    return with_refusals(plan, (refusal,)) if refusal and plan.changes else plan
