"""The sources that are read for the choice of a rung: enough for it, and not more than needed."""

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from remediator.actions import discovered
from remediator.conditions import CONDITIONS
from remediator.facts import Absent, Known, Source, Unknown
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.choosing import choose
from remediator.playbook.manual import Manual as Guidance
from remediator.playbook.playbook import Playbook, Rung
from remediator.playbook.wanted import FIRST, first, wanted
from tests.any_value import NOW
from tests.classified import facts

PLAYBOOKS: Final = read_catalogue().playbooks

UNKNOWN: Final = Unknown("was not let in")
EMPTY: Final = Known((), "GET list", NOW)
ABSENT: Final = Absent("GET thing", NOW)
LISTS: Final = (
    Source.ATTEMPTS,
    Source.COLLECTIONS,
    Source.DISK_POINTS,
    Source.DISKS,
    Source.JOBS,
    Source.LOCKS,
    Source.OTHER_ITEMS,
    Source.OTHER_JOBS,
    Source.POINTS,
    Source.RECOVERY_POINTS,
)

THINGS: Final = (Source.ITEM, Source.POLICY, Source.PROTECTABLE, Source.VAULT_PLACE, Source.VM)

WORLDS: Final = st.fixed_dictionaries(
    {source: st.just(UNKNOWN) for source in Source}
    | {source: st.sampled_from([UNKNOWN, EMPTY]) for source in LISTS}
    | {source: st.sampled_from([UNKNOWN, ABSENT]) for source in THINGS}
)
"""What each source would answer."""


def seen(world: dict[Source, Any], sources: frozenset[Source]) -> Any:
    """The facts when these sources of a world were read."""
    return facts(**{source.value: world[source] for source in sources})


@given(WORLDS)
def test_what_is_left_unread_changes_no_choice(world: dict[Source, Any]) -> None:
    whole = seen(world, frozenset(Source))
    for playbook in PLAYBOOKS:
        had = first(playbook)
        while more := wanted(playbook, seen(world, had)):
            assert not more & had
            had |= more
        lean, full = choose(playbook, seen(world, had)), choose(playbook, whole)
        assert (lean.rung, lean.held) == (full.rung, full.held)
        if lean.rung is not None:
            assert lean.rung.carried_out_by() <= had


def test_only_what_conditions_are_judged_by_is_read_at_once_for_them() -> None:
    assert frozenset[Source]().union(*(each.sources for each in CONDITIONS.values())) >= FIRST


def ladder(*rungs: tuple[str, dict[str, str]]) -> Playbook:
    """A playbook of rungs with one backup each."""
    back_up = discovered()["back-up-now"].model_validate({"action": "back-up-now"})
    return Playbook(
        codes=("Known",),
        title="",
        sources=("x",),
        causes=(),
        ladder=tuple(
            Rung.model_validate({"rung": name, "title": "", "when": when, "steps": (back_up,)})
            for name, when in rungs
        ),
        manual=Guidance(text=""),
    )


def test_a_rung_that_a_known_condition_rules_out_asks_for_nothing_more() -> None:
    one = ladder(("a", {"tries": "many", "running_job": "none"}), ("b", {"tries": "none"}))
    read = dict.fromkeys(("attempts", "jobs", "item"), EMPTY)
    assert Source.OTHER_JOBS not in first(one)
    assert wanted(one, facts(**read)) == frozenset()


def test_all_rungs_that_can_still_be_taken_are_asked_about_at_once() -> None:
    one = ladder(
        ("a", {"tries": "none", "running_job": "running"}),
        ("b", {"tries": "none", "disk_count": "too-many"}),
        ("c", {"tries": "none"}),
        ("d", {"tries": "none", "policy_type": "standard"}),
    )
    read = dict.fromkeys(("attempts", "jobs", "item"), EMPTY)
    asked = wanted(one, facts(**read))
    assert {Source.OTHER_JOBS, Source.DISKS} <= asked
    assert Source.POLICY not in asked


def test_a_rung_that_is_only_partly_read_is_never_taken() -> None:
    """No job is running in the VM's own vault. The other vaults were not looked at."""
    one = ladder(("a", {"running_job": "none"}))
    held = choose(one, facts(jobs=EMPTY, attempts=EMPTY)).held
    assert held == "rung a: the fact running_job is unknown: not all of it was read"
