"""Several jobs in one call: each job is planned, then several VMs are treated at a time."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from remediator.errors import (
    LockOffError,
    PlanFileError,
    RemediateError,
    StalePlanError,
    UnwrittenError,
    VmBusyError,
    first_line,
)
from remediator.flow.admission import check_terms, check_with_azure, through_gate
from remediator.flow.applying import Runs
from remediator.flow.events import Admitted, Finished
from remediator.flow.overlap import overlap
from remediator.flow.planning import plan_again, plan_each
from remediator.flow.ports import Cloud, Means
from remediator.flow.queueing import Queueing
from remediator.flow.requests import Terms, Times, Wanted
from remediator.flow.trail import audit_refusal
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.inspect.shared import SharedReader
from remediator.plan.plan import Plan
from remediator.redaction import redacted
from remediator.report.batch import (
    Batch,
    Standing,
    Target,
    no_more,
    one_for_each_vm,
    standing,
    unapplied,
    within,
)

_FAILED: Final = (Standing.NOT_FIXED, Standing.NOT_CHECKED)
"""The standings that count as errors. If one VM cannot be read now, the next may fail too."""
_MORE: Final = "the change would now be more than you consented to; nothing was changed: run again"
_CUT_SHORT: Final = (
    "interrupted; if its run had begun, its record says how far it got: remediate runs list"
)


@dataclass(frozen=True, slots=True)
class Planned:
    """Several jobs and their plans."""

    started: datetime
    plans: tuple[Plan, ...]
    """One plan for each VM. Plans beyond the command's limits are held."""
    others: tuple[Target, ...]
    """Jobs without a plan, and jobs whose VM is already planned for another job."""

    @property
    def wanting(self) -> bool:
        """Whether some change is planned, or would be if no guard refused it."""
        return any(plan.changes or plan.refused for plan in self.plans)

    def as_they_are(self) -> Batch:
        """How the jobs stand when nothing was applied."""
        return standing(self.started, self.plans, self.others)


async def plan_jobs(cloud: Cloud, jobs: Sequence[str], wanted: Wanted, times: Times) -> Planned:
    """Plan each job.

    Raises:
        BadInputError: the text for one of the jobs cannot be understood.
    """
    started = datetime.now(UTC)
    made, unread = await plan_each(cloud, jobs, wanted, times)
    plans, others = one_for_each_vm(made)
    return Planned(started, tuple(within(plans, wanted.limits)), (*others, *unread))


def saved_plans(means: Means, saved: Sequence[Plan], terms: Terms) -> Planned:
    """Saved plans for several VMs. Plans that are refused in any case are not asked about."""
    started = datetime.now(UTC)
    plans, others = one_for_each_vm(saved)
    if not means.asker.beforehand:
        known = [(plan, _refused_unasked(means, plan, terms)) for plan in plans]
        plans = [plan for plan, refused in known if refused is None]
        others = [*others, *(refused for _, refused in known if refused is not None)]
    return Planned(started, tuple(within(plans, terms.limits)), tuple(others))


def _refused_unasked(means: Means, plan: Plan, terms: Terms) -> Target | None:
    """The target of a saved plan that is refused no matter what Azure answers. Else None."""
    if not plan.changes:
        return None
    try:
        check_terms(means.listener, plan, terms)
    except PlanFileError as error:
        return Target.of(plan, Standing.REFUSED, str(error))
    return None


async def apply_several(
    means: Means, planned: Planned, terms: Terms, wanted: Wanted | None = None
) -> Batch | None:
    """Ask for consent if needed, and treat the plans that were consented to.

    Args:
        means: the cloud, the engine, who is asked for consent, and who is told.
        planned: the plans to apply.
        terms: the terms.
        wanted: how to plan a job again when its turn comes. The treatment of one VM may have left
            less to do for the next, such as a lock that was in the way of both. None for plans that
            must be applied exactly as approved.

    Returns:
        How each job stands. None if nobody consented, so that nothing was changed.
    """
    pending = [plan for plan in planned.plans if plan.changes]
    asking = bool(pending) and not means.asker.beforehand
    if asking and not await means.asker.to_apply(planned.plans, planned.others):
        for plan in pending:
            await audit_refusal(means, plan, terms.state, "not approved at the terminal")
        return None

    async with Runs(means, terms, alone=False) as runs, Queueing(means, terms) as queue:
        treating = _Treating(means, terms, runs, queue, wanted)
        targets = await treating.all(planned.plans)
    return Batch(
        started=planned.started,
        ended=datetime.now(UTC),
        targets=(*targets, *planned.others),
        interrupted=treating.interrupted,
    )


@dataclass(slots=True)
class _Treating:
    """Applies plans, several at a time, until a limit or a person stops it."""

    means: Means
    terms: Terms
    runs: Runs
    queue: Queueing
    wanted: Wanted | None
    interrupted: bool = False
    """Whether a person stopped it."""
    unwritten: bool = False
    """Whether some run could not write down what it does."""
    _tally: Tally = NOTHING_YET
    _under_way: dict[asyncio.Task[Target], Plan] = field(default_factory=dict)
    _ended: dict[str, Target] = field(default_factory=dict)

    async def all(self, plans: Sequence[Plan]) -> list[Target]:
        """How each job stands, in the order of the plans.

        Jobs that were not begun are listed too.
        """
        for plan in plans:
            await self._until(partial(self._free, plan))
            if self.interrupted or self.unwritten:
                self._ended[plan.plan_id] = self._not_reached(plan)
                continue
            admitted = await self._turn(plan)
            if isinstance(admitted, Target):
                self._take(plan, admitted)
                continue
            made, terms = admitted
            task = asyncio.create_task(self._applied(made, terms))
            self._under_way[task] = plan
        await self._until(lambda: not self._under_way)
        return [self._ended[plan.plan_id] for plan in plans]

    def _free(self, plan: Plan) -> bool:
        """Whether a plan may begin now.

        If a limit of errors is set, running runs count as if they will fail.
        """
        if not self._under_way or not plan.changes:
            return True
        if self.terms.to_queue:  # runs are queued one after the other, worst first
            return False
        limits = [each.max_errors for each in (self.terms.limits, plan.limits)]
        most = min((limit for limit in limits if limit is not None), default=None)
        if most is not None and self._tally.failed + len(self._under_way) > most:
            return False
        if len(self._under_way) >= self.terms.at_a_time:
            return False
        return not any(overlap(plan, other) for other in self._under_way.values())

    async def _until(self, there: Callable[[], bool]) -> None:
        """Wait for runs to end until the condition holds."""
        while not there():
            try:
                done, _rest = await asyncio.wait(
                    self._under_way, return_when=asyncio.FIRST_COMPLETED
                )
            except asyncio.CancelledError:
                self._interrupt()
                continue
            for task in done:
                self._take(self._under_way.pop(task), task.result())

    def _interrupt(self) -> None:
        """Stop all runs and let them put back what they owe.

        The second time: leave them at once.
        """
        if task := asyncio.current_task():
            task.uncancel()
        self.interrupted = True
        for under_way in self._under_way:
            under_way.cancel()

    def _take(self, plan: Plan, target: Target) -> None:
        """Note the result of a plan and count it for the limits."""
        self._ended[plan.plan_id] = target
        if target.standing in (*_FAILED, Standing.FIXED, Standing.QUEUED):
            self._tally = self._tally.begin()
        if target.standing in _FAILED:
            self._tally = self._tally.fail()
        if target.report is not None and target.report.interrupted:
            self.interrupted = True

    def _not_reached(self, plan: Plan) -> Target:
        if not plan.changes:
            return unapplied(plan)
        because = "the run before was cut short" if self.unwritten else "interrupted"
        return Target.of(plan, Standing.NOT_REACHED, f"not reached: {because}")

    async def _turn(self, plan: Plan) -> tuple[Plan, Terms] | Target:
        """The plan and its terms if it may be applied now. Else its target."""
        admitting = asyncio.ensure_future(self._admitted(plan))
        try:
            return await asyncio.shield(admitting)
        except asyncio.CancelledError:
            admitting.cancel()
            with suppress(asyncio.CancelledError):
                await admitting
            self._interrupt()
            return self._not_reached(plan)

    async def _admitted(self, plan: Plan) -> tuple[Plan, Terms] | Target:
        if not (plan.changes or plan.refused):
            return unapplied(plan)
        means = self.means
        # The lists of the new plan serve the gate right after it. The run reads its own.
        turn = SharedReader(means.cloud.reader, shared=False)
        try:
            if self.wanted and plan.changes:
                consented, job, times = plan, plan.job.id, self.terms.times
                plan = await plan_again(means.cloud, turn, job, self.wanted, times)
                if not (means.asker.beforehand or no_more(plan, consented)):
                    return Target.of(plan, Standing.REFUSED, _MORE)
                if not (plan.changes or plan.refused):
                    return unapplied(plan)
            terms = check_terms(means.listener, plan, self.terms)
            await check_with_azure(means, plan, terms)
            tally = replace(self._tally, begun=self._tally.begun + len(self._under_way))
            made = await through_gate(means, plan, terms, tally, turn)
        except PlanFileError as error:
            return Target.of(plan, Standing.REFUSED, str(error))
        except RemediateError as error:
            return Target.of(plan, Standing.NOT_CHECKED, str(error))
        except Exception as error:  # noqa: BLE001 - other VMs are being treated, with locks off
            return Target.of(plan, Standing.NOT_CHECKED, _internal(error))
        return unapplied(made) if made.refused else (made, terms)

    async def _applied(self, plan: Plan, terms: Terms) -> Target:
        """Apply a plan or leave it to a worker. Return its target."""
        try:
            if terms.to_queue:
                run_id = await self.queue.put(plan, terms)
                return Target.of(plan, Standing.QUEUED, f"run {run_id}", run_id)
            self.means.listener.hear(Admitted(plan))
            report = await self.runs.begin(plan, terms)
        except asyncio.CancelledError:
            return Target.of(plan, Standing.NOT_FIXED, _CUT_SHORT)
        except (StalePlanError, VmBusyError) as error:
            return Target.of(plan, Standing.REFUSED, str(error))
        except LockOffError as error:
            self.unwritten = True
            return Target.of(plan, Standing.LOCK_OFF, str(error))
        except UnwrittenError as error:
            self.unwritten = True
            return Target.of(plan, Standing.NOT_FIXED, str(error))
        except RemediateError as error:
            return Target.of(plan, Standing.NOT_FIXED, str(error))
        except Exception as error:  # noqa: BLE001 - other VMs are being treated, with locks off
            return Target.of(plan, Standing.NOT_FIXED, _internal(error))
        self.means.listener.hear(Finished(report))
        return Target.reported(report)


def _internal(error: Exception) -> str:
    """An unforeseen error, in one line. It ends the turn of one VM only."""
    return redacted(f"internal error: {type(error).__name__}: {first_line(error)}")
