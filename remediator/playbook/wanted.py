"""Which sources the choice of a rung still needs.

What needs only the job is read at once. What is read by way of another answer comes in the next
round trip in any case: so it is read only if a rung that can still be taken needs it.
"""

from dataclasses import replace
from typing import Final

from remediator.conditions import CONDITIONS, State
from remediator.facts import Facts, Source
from remediator.playbook.choosing import may_be_asked
from remediator.playbook.climbing import climbed
from remediator.playbook.playbook import Playbook, Rung

FIRST: Final = frozenset(
    {
        Source.ATTEMPTS,
        Source.COLLECTIONS,
        Source.GROUPS,
        Source.ITEM,
        Source.JOBS,
        Source.LOCKS,
        Source.PROTECTABLE,
        Source.PROVIDERS,
        Source.TAG_DEMANDS,
        Source.VAULT_PLACE,
        Source.VM,
        Source.WHEREABOUTS,
    }
)
"""The sources of conditions that are read at once. Most of them need only the job; the attempts
and the whereabouts seldom ask for more."""

OF_STEPS: Final = frozenset({Source.ITEM, Source.JOBS, Source.LOCKS, Source.VM})
"""The sources of steps that are read at once, because the steps of most rungs need them."""


def first(playbook: Playbook) -> frozenset[Source]:
    """The sources to read at once: the usual ones, and those that every rung is judged by."""
    found = {Source.ITEM, Source.JOBS}
    if playbook.ladder:
        found |= frozenset.intersection(*(rung.judged_by() for rung in playbook.ladder))
    for rung in playbook.ladder:
        found |= rung.judged_by() & FIRST
        found |= rung.carried_out_by() & OF_STEPS
    return frozenset(found) | ({Source.VM} if playbook.manual.systems else frozenset())


def wanted(playbook: Playbook, facts: Facts) -> frozenset[Source]:
    """The sources that are still to be read before a rung can be chosen and planned.

    A rung that a known condition rules out needs nothing more. Of the rungs that can still be
    taken, all are asked about at once, up to the first that surely is taken.
    """
    facts = replace(facts, climbed=climbed(playbook, facts.attempts))
    had, found = facts.read(), set[Source]()
    for rung in playbook.ladder:
        if _is_ruled_out(rung, facts, had):
            continue
        if not (missing := rung.judged_by() - had):
            if not found:
                found |= rung.carried_out_by() - had
            break
        found |= missing
    return frozenset(found)


def _is_ruled_out(rung: Rung, facts: Facts, had: frozenset[Source]) -> bool:
    """Whether a condition that was read does not hold. An unknown one rules nothing out."""
    if rung.only_asked and not may_be_asked(rung, facts):
        return True
    return any(
        isinstance(state, State) and state.value not in allowed
        for state, allowed in (
            (CONDITIONS[name].derive(facts), allowed)
            for name, allowed in rung.when.items()
            if CONDITIONS[name].sources <= had
        )
    )
