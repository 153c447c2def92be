"""The choice of a rung: an unread fact never makes the tool pass over a rung."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from remediator.actions import discovered
from remediator.conditions import CONDITIONS, State
from remediator.facts import Known, Source, Unknown
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.choosing import choose
from remediator.playbook.manual import Manual as Guidance
from remediator.playbook.playbook import Playbook, Rung
from tests.any_value import NOW
from tests.classified import facts

PLAYBOOKS = read_catalogue().playbooks


@given(st.sets(st.sampled_from(list(Source))))
def test_an_unknown_fact_never_passes_over_a_rung(unread: set[Source]) -> None:
    """If a rung may still apply, no later rung is taken, no matter which facts are unread."""
    for playbook in PLAYBOOKS:
        blind = facts(**{source.value: Unknown("was not let in") for source in unread})
        choice = choose(playbook, blind)
        for rung in playbook.ladder:
            words = {name: CONDITIONS[name].derive(blind) for name in rung.when}
            refuted = any(
                isinstance(word, State) and word.value not in rung.when[name]
                for name, word in words.items()
            )
            if refuted:
                continue
            unsure = any(isinstance(word, Unknown) for word in words.values())
            assert (choice.held is not None) == unsure
            assert choice.rung == (None if unsure else rung)
            break


def test_a_rung_that_a_known_fact_rules_out_is_passed_though_another_fact_is_unknown() -> None:
    back_up = discovered()["back-up-now"].model_validate({"action": "back-up-now"})
    ladder = tuple(
        Rung.model_validate({"rung": name, "title": "", "when": when, "steps": (back_up,)})
        for name, when in {
            "a": {"vm": "absent", "tries": "none"},
            "b": {"tries": "none"},
            "c": {},
        }.items()
    )
    playbook = Playbook(
        codes=("Known",),
        title="",
        sources=("x",),
        causes=(),
        ladder=ladder,
        manual=Guidance(text=""),
    )
    none = Known((), "GET jobs", NOW)
    unread = Unknown("403")
    assert (
        choose(playbook, facts(vm=unread, jobs=none, attempts=none)).held
        == "rung a: the fact vm is unknown: 403"
    )
    assert choose(playbook, facts(vm=unread, jobs=unread)).rung is None
    read = facts(jobs=none, locks=unread, vm=unread)
    assert choose(playbook, replace(read, vm=unread)).rung is None


def test_a_rung_that_must_be_asked_for_is_held_while_the_attempts_are_unknown() -> None:
    back_up = discovered()["back-up-now"].model_validate({"action": "back-up-now"})
    rung = Rung.model_validate({"rung": "a", "title": "", "only_asked": True, "steps": (back_up,)})
    playbook = Playbook(
        codes=("Known",),
        title="",
        sources=("x",),
        causes=(),
        ladder=(rung,),
        manual=Guidance(text=""),
    )
    assert {Source.JOBS, Source.ATTEMPTS} <= playbook.reads()
    none = Known((), "GET jobs", NOW)
    assert choose(playbook, facts(jobs=none, attempts=none)).rung is None
    assert choose(playbook, facts(jobs=none, attempts=none)).held is None
    held = choose(playbook, facts(jobs=none, attempts=Unknown("403"))).held
    assert held == "rung a: what a script asked for is unknown: 403"
