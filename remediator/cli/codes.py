"""From an outcome of the flow to the exit code."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final

from remediator.cli import Exit
from remediator.plan.plan import Plan
from remediator.report.batch import Batch, Standing

if TYPE_CHECKING:
    from remediator.report.estate import Estate
    from remediator.report.report import Report

_UNPLANNED: Final = {Standing.NOT_REMEDIABLE, Standing.NOT_CHECKED}
_FOR_A_HUMAN: Final = {Standing.NOT_FIXED, Standing.HUMAN, *_UNPLANNED}
_UNFIXED: Final = {Standing.CONSENT, *_FOR_A_HUMAN}


def code_of_plans(plans: Iterable[Plan], *, detailed: bool) -> Exit:
    """The exit code of plans that were made only to be shown.

    If consent or a guard could let a held remedy through, the remedy is pending, no matter who
    holds it. Only a plan without such a remedy needs a human.

    Args:
        plans: one plan per VM.
        detailed: whether `--detailed-exitcode` was given.
    """
    seen = tuple(plans)
    if any(not plan.pending and not plan.settled for plan in seen):
        return Exit.UNFIXED
    pending = any(plan.pending for plan in seen)
    return Exit.PENDING if pending and detailed else Exit.OK


def code_of_idle(plan: Plan) -> Exit:
    """The exit code of a plan that was to be applied but has no change to apply."""
    return Exit.OK if plan.settled else Exit.UNFIXED


def code_of_planned(batch: Batch, plans: Sequence[Plan], *, detailed: bool) -> Exit:
    """The exit code of several jobs that were only planned.

    If all jobs could be read, it is the code of their plans.
    """
    if any(target.standing in _UNPLANNED for target in batch.targets):
        return Exit.UNFIXED
    return code_of_plans(plans, detailed=detailed)


def code_of_report(report: "Report") -> Exit:
    """The exit code of a report."""
    from remediator.run.verdict import Ending

    if report.locks_owed or report.power_owed:
        return Exit.LOCK_OFF
    if report.interrupted:
        return Exit.INTERRUPTED
    if report.fixed:
        # The backup works. A next step then means that something was not put back.
        return Exit.UNFIXED if report.next else Exit.OK
    stale = any(outcome.result == "stale" for outcome in report.outcomes)
    if stale and report.verdict.ending is Ending.HUMAN:
        return Exit.REFUSED
    return Exit.UNFIXED


def code_of_batch(batch: Batch) -> Exit:
    """The exit code of several runs: that of the worst."""
    standings = {target.standing for target in batch.targets}
    if batch.owes or Standing.LOCK_OFF in standings:
        return Exit.LOCK_OFF
    if batch.interrupted:
        return Exit.INTERRUPTED
    if any(report.fixed and report.next for report in batch.reports):
        return Exit.UNFIXED
    return _code_of_wanted(standings)


def code_of_estate(estate: "Estate", *, applying: bool, detailed: bool) -> Exit:
    """The exit code of a scan.

    Args:
        estate: what was found, and what became of it.
        applying: whether the plans were to be applied. A VM that still needs consent counts then.
        detailed: whether `--detailed-exitcode` was given.
    """
    standings = {target.standing for target in estate.targets}
    if estate.interrupted:
        return Exit.INTERRUPTED
    if estate.not_scanned:
        return Exit.UNFIXED
    if applying:
        return _code_of_wanted(standings)
    if standings & _FOR_A_HUMAN:
        return Exit.UNFIXED
    pending = standings & {Standing.PENDING, Standing.CONSENT, Standing.REFUSED}
    return Exit.PENDING if pending and detailed else Exit.OK


def _code_of_wanted(standings: AbstractSet[Standing]) -> Exit:
    """The exit code of VMs that were to be fixed."""
    if standings & _UNFIXED:
        return Exit.UNFIXED
    if standings & {Standing.REFUSED, Standing.NOT_REACHED}:
        return Exit.REFUSED
    return Exit.OK
