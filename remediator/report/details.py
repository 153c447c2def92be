"""The details of one VM: the evidence of its failure, and each change with what became of it.

They are small beside a plan, so that a scan can keep them for all its VMs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediator.change.step import Change, Held
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.run.run import Outcome


@dataclass(frozen=True, slots=True)
class Alteration:
    """One change: planned, held, or made."""

    what: str
    target: str
    """The ARM id of the changed resource."""
    before: dict[str, Any]
    after: dict[str, Any]
    undo: str
    held: str | None = None
    """Why it is held. None if it is not."""
    result: str | None = None
    """What became of it. None if it was not applied."""
    correlation_id: str | None = None
    """Azure's id of the request."""


@dataclass(frozen=True, slots=True)
class Details:
    """What one VM's plan and run tell beyond its row."""

    evidence: tuple[str, ...]
    """How the failure was recognized, Azure's message, and the facts that the plan rests on."""
    alterations: tuple[Alteration, ...]


def details_of(plan: Plan, report: Report | None = None) -> Details:
    """The details of a plan.

    Args:
        plan: the plan.
        report: the report of its run. None if it was not applied.
    """
    outcomes = {outcome.step: outcome for outcome in report.outcomes} if report else {}
    return Details(tuple(_evidence(plan)), tuple(_alterations(plan, outcomes)))


def _evidence(plan: Plan) -> Iterator[str]:
    yield plan.failure.evidence
    if plan.failure.message:
        yield plan.failure.message
    for said in plan.facts:
        yield f"{said.fact}: {said.value}: {said.because}"


def _alterations(plan: Plan, outcomes: dict[int, Outcome]) -> Iterator[Alteration]:
    for number, step in enumerate(plan.steps, 1):
        change = step.change if isinstance(step, Held) else step
        if not isinstance(change, Change):
            continue
        outcome = outcomes.get(number)
        yield Alteration(
            what=change.what,
            target=change.target,
            before=change.before,
            after=change.after,
            undo=change.undo,
            held=step.why[0] if isinstance(step, Held) and step.why else None,
            result=f"{outcome.result}: {outcome.text}" if outcome else None,
            correlation_id=outcome.correlation_id if outcome else None,
        )
