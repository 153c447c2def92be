"""Every ladder is walked without a cloud: no visit is repeated for ever, and no rung is cut off."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest

from remediator.actions import discovered
from remediator.actions.run_guest_script import RunGuestScript
from remediator.change.guest import guest_script
from remediator.conditions import CONDITIONS
from remediator.conditions.jobs import TRIES
from remediator.job.request_ids import tag
from remediator.playbook.abilities import abilities
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.climbing import TOP, after, has_script
from remediator.playbook.playbook import Playbook, Rung

FIXED = {"vm", "vm_os"}
"""Conditions that do not change between two visits. All others may, from outside too."""

LOOKS_AFTER = 3
"""After so many attempts a person looks: by default, their limit ends the ladder there."""

BOOTS = {"restart-vm", "redeploy-vm", "power-cycle-vm"}
"""Actions that restart the guest, and with it the agent."""

Values = dict[str, str]
PLAYBOOKS = [pytest.param(p, id=p.name) for p in read_catalogue().playbooks if p.ladder]
LADDERS = [p for p in read_catalogue().playbooks if p.ladder]


def possible(values: Values) -> bool:
    """Whether a VM can be so. An agent is ready only in a VM that runs."""
    return values.get("agent") != "ready" or values.get("vm_power", "running") == "running"


def choose(playbook: Playbook, values: Values, place: int) -> Rung | None:
    """The rung at a place, written anew: the first one that fits and need not be asked for."""
    state = values | {"tries": TRIES[place]}
    fit = (
        rung
        for rung in playbook.ladder
        if not rung.only_asked and all(state[name] in rung.when[name] for name in rung.when)
    )
    return next(fit, None)


@cache
def taken(name: str) -> dict[str, list[tuple[Values, int]]]:
    """By rung, the states in which it is taken: the values of the conditions, and the place."""
    playbook = next(p for p in LADDERS if p.name == name)
    found: dict[str, list[tuple[Values, int]]] = {rung.rung: [] for rung in playbook.ladder}
    names = sorted({name for rung in playbook.ladder for name in rung.when} - {"tries"})
    for each in product(*(CONDITIONS[name].values for name in names)):
        values = dict(zip(names, map(str, each), strict=True))
        for place in range(TOP + 1):
            rung = choose(playbook, values, place) if possible(values) else None
            if rung:
                found[rung.rung].append((values, place))
    return found


def on_ladder(playbook: Playbook) -> Iterator[Rung]:
    return (rung for rung in playbook.ladder if not rung.only_asked)


def does(rung: Rung) -> set[str]:
    """What a rung does, besides waiting."""
    steps = (step for step in rung.steps if not step.action.startswith("wait-"))
    return {step.model_dump_json() for step in steps}


def repeats(rung: Rung, other: Rung) -> bool:
    """Whether a rung does nothing that another one has not done in an earlier visit."""
    booted = any(step.action in BOOTS for step in other.steps)
    agent = [s for s in rung.steps if isinstance(s, RunGuestScript) and s.script == "restart-agent"]
    return does(rung) <= does(other) or (bool(agent) and booted)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_in_one_state_no_remedy_is_taken_for_ever_and_no_script_twice(playbook: Playbook) -> None:
    for rung in on_ladder(playbook):
        states = taken(playbook.name)[rung.rung]
        assert states, f"{rung.rung} is never taken"
        for values, place in states:
            visits, at = 0, place
            while choose(playbook, values, at) == rung and visits <= TOP:
                visits, at = visits + 1, after(rung, at)
            if visits > TOP:
                assert not has_script(rung)
                changes = frozenset[str]().union(*(step.changes for step in rung.steps))
                # Without a backup, a second visit finds in the facts that nothing is left to do.
                idle = all(step.action != "back-up-now" for step in rung.steps)
                assert idle or changes & rung.when.keys(), f"{rung.rung} in {values}"
            elif any(step.once for step in rung.steps):
                assert visits == 1, f"{rung.rung} in {values}"


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_from_each_rung_every_later_one_can_be_reached(playbook: Playbook) -> None:
    """A rung may be passed over only if a person looks next, or if nothing is lost by that.

    Nothing is lost if the earlier rung has done the same, or if in each state in which the rung
    would be taken another one takes its place.
    """
    states = taken(playbook.name)
    rungs = list(on_ladder(playbook))
    for n, rung in enumerate(rungs):
        first = min(place for _, place in states[rung.rung])
        lowest = after(rung, first)
        for later in rungs[n + 1 :]:
            apart = any(
                not set(rung.when[name]) & set(later.when[name])
                for name in FIXED & rung.when.keys() & later.when.keys()
            )
            if apart or first + 1 >= LOOKS_AFTER or repeats(later, rung):
                continue
            if any(place >= lowest for _, place in states[later.rung]):
                continue
            for values, _ in states[later.rung]:
                others = [choose(playbook, values, place) for place in range(lowest, TOP + 1)]
                instead = [each for each in others if each in rungs[n + 1 :]]
                assert instead, f"after {rung.rung}, {later.rung} is lost in {values}"


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_no_two_rungs_of_a_ladder_share_a_tag(playbook: Playbook) -> None:
    tags = [tag(playbook.name, rung.rung) for rung in playbook.ladder]
    assert len(set(tags)) == len(tags)


def wishes(rung: Rung) -> set[str]:
    """The rungs that the scripts of a rung can ask for, read from the scripts."""
    found = set[str]()
    for step in rung.steps:
        for os in ("windows", "linux") if isinstance(step, RunGuestScript) else ():
            script = guest_script(step.script, os) if isinstance(step, RunGuestScript) else None
            text = script.text if script else ""
            found |= set(re.findall(r"\$(?:script:)?next = '([\w-]+)'", text))
            found |= set(re.findall(r"""\bnext='"([\w-]+)"'""", text))
    return found


def test_what_a_script_asks_for_is_a_rung_of_each_ladder_that_needs_it() -> None:
    for playbook in LADDERS:
        names = {rung.rung for rung in playbook.ladder}
        for rung in playbook.ladder:
            if not rung.only_asked:
                assert wishes(rung) <= names, f"{playbook.name}: {rung.rung}"
        asked = {wish for rung in playbook.ladder for wish in wishes(rung)}
        for rung in playbook.ladder:
            assert not rung.only_asked or rung.rung in asked, f"nobody asks for {rung.rung}"


def test_an_action_that_may_change_a_condition_names_conditions_that_exist() -> None:
    for name, action in discovered().items():
        assert action.changes <= CONDITIONS.keys() - {"tries"}, name


@pytest.mark.parametrize("action", sorted(abilities()))
def test_an_action_that_changes_something_says_which_conditions_it_may_change(action: str) -> None:
    silent: dict[str, Any] = {"revoke-disk-access": "no condition tells of shared access"}
    changes = bool(abilities()[action].operations) and action not in silent
    assert bool(discovered()[action].changes) or not changes
