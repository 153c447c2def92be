"""Several jobs by one command: each is planned, then one VM after the other is treated."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.console import Console

from remediator.cli import Exit
from remediator.cli.approval import (
    audit_refusal,
    check_anew_here,
    check_endpoint,
    refusals_audited,
    signed_and_given,
)
from remediator.cli.asking import approved, can_ask
from remediator.cli.limiting import through_gate
from remediator.cli.output import say, stderr, stdout
from remediator.cli.plan_code import plan_code
from remediator.cli.running import begin
from remediator.errors import (
    AzureError,
    BadInputError,
    JobNotRemediableError,
    LockOffError,
    PlanFileError,
    RemediateError,
    StalePlanError,
    UnwrittenError,
    VmBusyError,
)
from remediator.guards.tally import NOTHING_YET, Tally
from remediator.json_text import json_text
from remediator.patience import Patience
from remediator.plan.plan import Plan
from remediator.report.batch import (
    Batch,
    Standing,
    Target,
    no_more,
    one_for_each_vm,
    unapplied,
    within,
)
from remediator.views.batch_text import show_batch
from remediator.views.plan_text import show_plan, show_plan_briefly
from remediator.views.report_text import show_report

if TYPE_CHECKING:
    from remediator.azure.session import Session
    from remediator.cli.options.applying import ApplyOptions
    from remediator.cli.options.job import JobOptions
    from remediator.cli.options.limits import GateOptions
    from remediator.cli.options.output import OutputOptions

PLANNED_AT_A_TIME: Final = 8
"""Jobs. Their reads share the budget of the session, whatever their number."""

_FAILED: Final = (Standing.NOT_FIXED, Standing.NOT_CHECKED)
"""What counts as an error once a VM's turn has come: what may not be read now may not be next."""
_UNPLANNED: Final = {Standing.NOT_REMEDIABLE, Standing.NOT_CHECKED}
_UNFIXED: Final = {Standing.NOT_FIXED, Standing.CONSENT, Standing.HUMAN, *_UNPLANNED}
_MORE: Final = "it would now be more than what was consented to; nothing was changed: run again"
_CUT_SHORT: Final = (
    "interrupted; had its run begun, its record says how far it came: remediate runs list"
)


Again = Callable[[Plan], Awaitable[Plan]]
"""Makes the plan of a job anew."""


class Screen:
    """Shows what is done. That nobody can be shown it any more keeps no VM from its fix."""

    def __init__(self, show: "OutputOptions") -> None:
        self._show = show
        self.lost = False
        """Whether something could not be shown."""

    def text(self, draw: Callable[[Console], None]) -> None:
        """Show something where a person reads along."""
        if self._show.format == "text":
            self._draw(draw)

    def end(self, batch: Batch) -> None:
        """Show what it all came to."""
        self._draw(lambda console: _print(console, batch, self._show))

    def _draw(self, draw: Callable[[Console], None]) -> None:
        try:
            with stdout(self._show) as console:
                draw(console)
        except (OSError, BadInputError) as error:
            problem = str(error) or type(error).__name__
            say(f"cannot be shown ({problem}): remediate runs list tells what was done")
            self.lost = True


@dataclass(frozen=True, slots=True)
class Admitted:
    """A plan that nothing speaks against now."""

    plan: Plan
    how: "ApplyOptions"
    """With the key that signed this plan."""


async def run_jobs(
    session: "Session",
    jobs: Sequence[str],
    wanted: "JobOptions",
    how: "ApplyOptions",
    limits: "GateOptions",
    show: "OutputOptions",
    *,
    dry_run: bool,
) -> int:
    """Plan each job; then, with one consent for all, fix one VM after the other, and report.

    Raises:
        BadInputError: what was typed for one of them is of no use; nothing was changed.
    """
    started = datetime.now(UTC)
    found = await _plan_each(session, jobs, wanted, how, limits)
    unread = [target for target in found if isinstance(target, Target)]
    plans, others = one_for_each_vm([plan for plan in found if isinstance(plan, Plan)])
    plans, others = within(plans, limits.limits()), [*others, *unread]
    wanting = any(plan.changes or plan.refused for plan in plans) and not dry_run
    unasked = wanting and not how.yes and not can_ask()
    if unasked:
        say("not applied: no terminal to ask on, and no --yes")
    if unasked or not wanting:
        _show_plans(plans, show)
        batch = _batch(started, [*map(unapplied, plans), *others])
        _tell(batch, show)
        if dry_run:
            return _code_of_plans(batch, plans, show)
        return code_of(batch) or (Exit.REFUSED if unasked else Exit.OK)

    async def again(plan: Plan) -> Plan:
        from remediator.cli.work import make_plan

        return await make_plan(session, plan.job.id, wanted, limits.limits())

    return await _consented(session, started, plans, others, how, limits, show, again)


async def apply_plans(
    session: "Session",
    saved: Sequence[Plan],
    how: "ApplyOptions",
    limits: "GateOptions",
    show: "OutputOptions",
) -> int:
    """Apply saved plans, one after the other, with one consent for all, and report."""
    started = datetime.now(UTC)
    plans, others = one_for_each_vm(saved)
    if not how.yes:  # nobody is asked about what is refused in any case
        known = [(plan, _refused_unasked(plan, how)) for plan in plans]
        plans = [plan for plan, refused in known if refused is None]
        others = [*others, *(refused for _, refused in known if refused is not None)]
    plans = within(plans, limits.limits())
    if any(plan.changes for plan in plans) and not how.yes and not can_ask():
        say("not applied: no terminal to ask on, and no --yes")
        _tell(_batch(started, [*map(unapplied, plans), *others]), show)
        return Exit.REFUSED
    return await _consented(session, started, plans, others, how, limits, show, None)


def _refused_unasked(plan: Plan, how: "ApplyOptions") -> Target | None:
    """Why a saved plan is refused whatever Azure would answer; None where it is not."""
    if not plan.changes:
        return None
    try:
        with refusals_audited(plan, how.state):
            signed_and_given(plan, how)
    except PlanFileError as error:
        return Target.of(plan, Standing.REFUSED, str(error))
    return None


async def _plan_each(
    session: "Session",
    jobs: Sequence[str],
    wanted: "JobOptions",
    how: "ApplyOptions",
    limits: "GateOptions",
) -> list[Plan | Target]:
    """Each job's plan; one that cannot be read does not keep the others from theirs."""
    from remediator.cli.work import make_plan, seconds

    free = asyncio.Semaphore(PLANNED_AT_A_TIME)

    async def one(job: str) -> Plan | Target:
        async with free:
            patience = Patience(poll=how.poll_interval, timeout=seconds(how.timeout))
            try:
                with patience.bounding():  # each planning has as much time as a run
                    return await make_plan(session, job, wanted, limits.limits())
            except AzureError as error:
                return Target(job=job, standing=Standing.NOT_CHECKED, text=str(error))
            except JobNotRemediableError as error:
                return Target(job=job, standing=Standing.NOT_REMEDIABLE, text=str(error))

    return await asyncio.gather(*map(one, dict.fromkeys(jobs)))


async def _consented(
    session: "Session",
    started: datetime,
    plans: Sequence[Plan],
    others: Sequence[Target],
    how: "ApplyOptions",
    limits: "GateOptions",
    show: "OutputOptions",
    again: Again | None,
) -> int:
    """Ask where that is due, and treat what was consented to."""
    pending = [plan for plan in plans if plan.changes]
    if pending and not how.yes:
        for plan in plans:
            show_plan(stderr(), plan)
        show_batch(stderr(), _batch(started, [*map(unapplied, plans), *others]))
        if not await approved(_question(pending)):
            for plan in pending:
                await audit_refusal(session, plan, how.state, "not approved at the terminal")
            say("not approved; nothing was changed")
            _tell(_batch(started, [*map(unapplied, plans), *others]), show)
            return Exit.REFUSED
    screen = Screen(show)
    targets, interrupted = await treat(session, plans, how, limits, screen, again)
    batch = _batch(started, [*targets, *others], interrupted=interrupted)
    screen.end(batch)
    return code_of(batch) or (Exit.ERROR if screen.lost else Exit.OK)


async def treat(
    session: "Session",
    plans: Sequence[Plan],
    how: "ApplyOptions",
    limits: "GateOptions",
    screen: Screen,
    again: Again | None,
) -> tuple[list[Target], bool]:
    """Apply plans one after the other, until a limit or a person stops it; the rest is listed.

    Args:
        session: reads and changes Azure.
        plans: what was consented to.
        how: how they are applied.
        limits: of the side that applies.
        screen: where a person reads along.
        again: makes a job's plan anew when its turn comes: what was done for one VM may have left
            less to do for the next, such as a lock that both had in their way. None for plans that
            are to be applied as they were approved.

    Returns:
        How each job stands, and whether a person stopped it.
    """
    tally, targets, interrupted, unwritten = NOTHING_YET, list[Target](), False, False
    for plan in plans:
        because = "the run before was cut short" if unwritten else "interrupted"
        cut_short = Target.of(plan, Standing.NOT_REACHED, f"not reached: {because}")
        if interrupted or unwritten:
            targets.append(cut_short if plan.changes else unapplied(plan))
            continue
        try:
            target = await _admitted(session, plan, how, limits, tally, again)
            if isinstance(target, Admitted):
                cut_short = Target.of(plan, Standing.NOT_FIXED, _CUT_SHORT)
                target = await _applied(session, target, limits, screen)
        except asyncio.CancelledError:
            if task := asyncio.current_task():
                task.uncancel()
            interrupted, target = True, cut_short
        except LockOffError as error:
            unwritten, target = True, Target.of(plan, Standing.LOCK_OFF, str(error))
        except UnwrittenError as error:
            unwritten, target = True, Target.of(plan, Standing.NOT_FIXED, str(error))
        if target.standing in (*_FAILED, Standing.FIXED, Standing.QUEUED):
            tally = tally.begin()
        if target.standing in _FAILED:
            tally = tally.fail()
        if target.report is not None and target.report.interrupted:
            interrupted = True
        targets.append(target)
    return targets, interrupted


async def _admitted(
    session: "Session",
    plan: Plan,
    how: "ApplyOptions",
    limits: "GateOptions",
    tally: Tally,
    again: Again | None,
) -> Admitted | Target:
    """The plan, when it may be applied now; else how its job stands."""
    if not (plan.changes or plan.refused):
        return unapplied(plan)
    try:
        if again and plan.changes:
            consented, plan = plan, await again(plan)
            if not (how.yes or no_more(plan, consented)):
                return Target.of(plan, Standing.REFUSED, _MORE)
            if not (plan.changes or plan.refused):
                return unapplied(plan)
        with refusals_audited(plan, how.state):
            how = signed_and_given(plan, how)
            check_endpoint(plan, session.cloud.endpoint)
        await check_anew_here(session, plan, how)
        made = await through_gate(session, plan, limits, tally)
    except PlanFileError as error:
        return Target.of(plan, Standing.REFUSED, str(error))
    except RemediateError as error:
        return Target.of(plan, Standing.NOT_CHECKED, str(error))
    if made.refused:
        await audit_refusal(session, made, how.state, "a guard")
        return unapplied(made)
    return Admitted(made, how)


async def _applied(
    session: "Session", admitted: Admitted, limits: "GateOptions", screen: Screen
) -> Target:
    """What became of a plan that was begun to be applied, or was left to a worker.

    Raises:
        UnwrittenError: what is done cannot be written down.
        LockOffError: the run has no report, and a lock is off.
    """
    plan, how = admitted.plan, admitted.how
    try:
        if how.enqueue:
            from remediator.cli.worker import enqueue

            run_id = await enqueue(plan, how, limits)
            return Target.of(plan, Standing.QUEUED, f"run {run_id}", run_id)
        screen.text(lambda console: show_plan_briefly(console, plan))
        report = await begin(session, plan, how)
    except (StalePlanError, VmBusyError) as error:
        return Target.of(plan, Standing.REFUSED, str(error))
    except (UnwrittenError, LockOffError):
        raise
    except RemediateError as error:
        return Target.of(plan, Standing.NOT_FIXED, str(error))
    screen.text(lambda console: show_report(console, report))
    return Target.reported(report)


def code_of(batch: Batch) -> int:
    """The exit code that several runs come to: the worst of them."""
    standings = {target.standing for target in batch.targets}
    if batch.owes or Standing.LOCK_OFF in standings:
        return Exit.LOCK_OFF
    if batch.interrupted:
        return Exit.INTERRUPTED
    owing = any(report.fixed and report.next for report in batch.reports)
    if owing or standings & _UNFIXED:
        return Exit.UNFIXED
    if standings & {Standing.REFUSED, Standing.NOT_REACHED}:
        return Exit.REFUSED
    return Exit.OK


def _code_of_plans(batch: Batch, plans: Sequence[Plan], show: "OutputOptions") -> int:
    """The exit code of several jobs that were only planned: that of their plans, were all read."""
    if any(target.standing in _UNPLANNED for target in batch.targets):
        return Exit.UNFIXED
    return plan_code(plans, detailed=show.detailed_exitcode)


def _batch(started: datetime, targets: Sequence[Target], *, interrupted: bool = False) -> Batch:
    return Batch(
        started=started,
        ended=datetime.now(UTC),
        targets=tuple(targets),
        interrupted=interrupted,
    )


def _question(plans: Sequence[Plan]) -> str:
    changes = sum(plan.summary.changes for plan in plans)
    lost = sum(plan.summary.data_loss for plan in plans)
    loses = f", LOSING {lost} restore points" if lost else ""
    return f"Apply {changes} changes to {len(plans)} VMs{loses}? [y/N] "


def _show_plans(plans: Sequence[Plan], show: "OutputOptions") -> None:
    if show.format != "text":
        return
    with stdout(show) as console:
        for plan in plans:
            show_plan(console, plan)


def _tell(batch: Batch, show: "OutputOptions") -> None:
    with stdout(show) as console:
        _print(console, batch, show)


def _print(console: Console, batch: Batch, show: "OutputOptions") -> None:
    if show.format == "json":
        console.out(json_text(batch), end="", highlight=False)
    else:
        show_batch(console, batch)
