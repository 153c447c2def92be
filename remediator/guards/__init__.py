"""The guards: one file each, pure. Each guard may refuse a whole plan, whatever the consent is.

They are judged when a plan is made, and again before a run begins. If a guard cannot decide, the
plan is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from remediator.change.step import Change, Held, Manual, Step
from remediator.facts import Facts, Source
from remediator.guards import attempts, opt_out, places, resource_guard, targets, window
from remediator.guards.case import Case, Judge, Refusal
from remediator.guards.limits import Limits

__all__ = ["Case", "Refusal", "held_back", "judged", "more_needed", "needed"]

_GUARDS: Final[tuple[Judge, ...]] = (
    targets.judge,
    places.judge,
    opt_out.judge,
    window.judge,
    attempts.judge,
    resource_guard.judge,
)


def judged(case: Case) -> tuple[Refusal, ...]:
    """The refusals of a plan's changes. Empty for a plan without changes."""
    if not case.changes:
        return ()
    found = (guard(case) for guard in _GUARDS)
    return tuple(refusal for refusal in found if refusal is not None)


def needed(limits: Limits, *, to_apply: bool) -> frozenset[Source]:
    """The sources that the guards need. A dry run reads tags only if the person named the tag."""
    return frozenset(
        {
            *attempts.needs(),
            *places.needs(limits),
            *opt_out.needs(limits, to_apply=to_apply),
        }
    )


def more_needed(facts: Facts, limits: Limits, changes: tuple[Change, ...]) -> frozenset[Source]:
    """The sources that are worth reading only after the first ones, or only for some changes."""
    return attempts.needs_more(facts, limits) | resource_guard.needs_more(changes)


def held_back(steps: Iterable[Step], refusals: Sequence[Refusal]) -> Iterator[Step]:
    """The steps, with every refused change held, and a manual step if a person must act.

    A remedy is done completely or not at all.
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
