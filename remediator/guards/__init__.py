"""The guards: one file each, pure. Each may refuse a whole plan, whoever consented to it.

They are judged when a plan is made, and again before a run begins. If a guard cannot decide, the
plan is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from remediator.change.step import Change, Held, Manual, Step
from remediator.facts import Facts, Source
from remediator.guards import attempts, opt_out, places, targets, window
from remediator.guards.case import Case, Judge, Refusal
from remediator.guards.limits import Limits

__all__ = ["Case", "Refusal", "held_back", "judged", "more_needed", "needed"]

_GUARDS: Final[tuple[Judge, ...]] = (
    targets.judge,
    places.judge,
    opt_out.judge,
    window.judge,
    attempts.judge,
)


def judged(case: Case) -> tuple[Refusal, ...]:
    """What the guards refuse of a plan's changes; nothing where nothing is changed."""
    if not case.changes:
        return ()
    found = (guard(case) for guard in _GUARDS)
    return tuple(refusal for refusal in found if refusal is not None)


def needed(limits: Limits, *, to_apply: bool) -> frozenset[Source]:
    """What the guards look at; a dry run looks only for what was asked for by name."""
    return frozenset(
        {
            *attempts.needs(),
            *places.needs(limits),
            *opt_out.needs(limits, to_apply=to_apply),
        }
    )


def more_needed(facts: Facts, limits: Limits) -> frozenset[Source]:
    """What is worth looking at only after what was seen."""
    return attempts.needs_more(facts, limits)


def held_back(steps: Iterable[Step], refusals: Sequence[Refusal]) -> Iterator[Step]:
    """The steps, with every change held that a guard refuses, and a human called where one is due.

    A remedy is done whole or not at all.
    """
    if not refusals:
        yield from steps
        return
    reasons = tuple(refusal.reason for refusal in refusals)
    for step in steps:
        if isinstance(step, Change):
            yield Held(
                action=step.action,
                target=step.target,
                why=(*reasons, *step.why),
                change=step,
                guard=refusals[0].guard,
            )
        else:
            yield step
    for refusal in refusals:
        if refusal.human:
            yield Manual(
                action="none", target=refusal.target, why=refusal.human, commands=refusal.commands
            )
