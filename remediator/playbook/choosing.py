"""The choice of a rung, and the rungs that may come after it."""

from collections.abc import Iterator
from dataclasses import replace

from remediator.conditions import CONDITIONS, State
from remediator.conditions.jobs import TRIES
from remediator.facts import Facts, Unknown
from remediator.playbook.climbing import TOP, after, climbed
from remediator.playbook.playbook import Playbook, Rung
from remediator.value import Value


class Choice(Value):
    """The chosen rung, and the conditions at that time."""

    rung: Rung | None
    held: str | None
    """Why nothing can be chosen: a rung needs a condition that is unknown."""
    said: tuple[tuple[str, str, str], ...]
    """Each condition that was derived: its name, its value (or `unknown`), and the reason."""
    later: tuple[Rung, ...] = ()
    """The rungs that come next, one after the other, if each one before does not help."""


def choose(playbook: Playbook, facts: Facts) -> Choice:
    """The first rung whose conditions hold.

    The choice stops at a rung with an unknown condition, if its other conditions hold: this cheaper
    remedy might apply, so no later rung is taken.
    """
    facts = replace(facts, climbed=climbed(playbook, facts.attempts))
    said: dict[str, tuple[str, str, str]] = {}
    had = facts.read()
    for rung in playbook.ladder:
        fits, unknown = not rung.only_asked or may_be_asked(rung, facts), None
        if rung.only_asked and isinstance(facts.attempts, Unknown):
            unknown = f"what a script asked for is unknown: {facts.attempts.reason}"
        for name, allowed in rung.when.items():
            state = CONDITIONS[name].derive(facts)
            if not CONDITIONS[name].sources <= had:
                # Only a rung that another condition rules out may lack a source. See `wanted`.
                told = state.reason if isinstance(state, Unknown) else "not all of it was read"
                unknown = f"the fact {name} is unknown: {told}"
                continue
            match state:
                case State(value=value, because=because):
                    said[name] = (name, value, because)
                    fits = fits and value in allowed
                case Unknown(reason=reason):
                    said[name] = (name, "unknown", reason)
                    unknown = f"the fact {name} is unknown: {reason}"
        if not fits:
            continue
        if unknown:
            return Choice(rung=None, held=f"rung {rung.rung}: {unknown}", said=tuple(said.values()))
        later = tuple(_later(playbook, rung, facts))
        return Choice(rung=rung, held=None, said=tuple(said.values()), later=later)
    return Choice(rung=None, held=None, said=tuple(said.values()))


def may_be_asked(rung: Rung, facts: Facts) -> bool:
    """Whether a script has asked for a rung. If the attempts are unknown, it may have."""
    asked = facts.climbed.asked if facts.climbed else None
    return asked == rung.rung or isinstance(facts.attempts, Unknown)


def _later(playbook: Playbook, rung: Rung, facts: Facts) -> Iterator[Rung]:
    """The rungs after a chosen one that can still be reached, in the order of the visits."""
    had = facts.read()
    every = {name for each in playbook.ladder for name in each.when}
    names = {name for name in every if CONDITIONS[name].sources <= had}
    states = {name: CONDITIONS[name].derive(facts) for name in names - {"tries"}}
    now = {name: state.value for name, state in states.items() if isinstance(state, State)}
    tries = CONDITIONS["tries"].derive(facts)
    place = TRIES.index(tries.value) if isinstance(tries, State) else None
    following: Rung | None = rung
    while following is not None:
        # What a rung may change, and what is unknown now, may have any value after it.
        for step in following.steps:
            now = {name: value for name, value in now.items() if name not in step.changes}
        following, place = _next(playbook, following, now, place)
        if following is not None:
            yield following


def _next(
    playbook: Playbook, rung: Rung, now: dict[str, str], place: int | None
) -> tuple[Rung | None, int | None]:
    """The first rung after another one that can hold once that one gives way, and its place."""
    rest = playbook.ladder[playbook.ladder.index(rung) + 1 :]
    while True:
        place = None if place is None else after(rung, place)
        repeats = _can_hold(rung, now, place)
        surely = repeats and place is not None and not set(rung.when) - now.keys() - {"tries"}
        if not surely and (found := next((r for r in rest if _can_hold(r, now, place)), None)):
            return found, place
        if not repeats or place is None or place == TOP or after(rung, place) == place:
            return None, place


def _can_hold(rung: Rung, now: dict[str, str], place: int | None) -> bool:
    """Whether a rung can be taken at a place of the ladder, as far as is known.

    Nobody knows what a script will ask for.
    """
    word = None if place is None else TRIES[place]
    return not rung.only_asked and all(
        (word if name == "tries" else now.get(name)) in (None, *allowed)
        for name, allowed in rung.when.items()
    )
