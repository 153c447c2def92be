"""Odd answers and another administrator: a small round of the fuzz, and its judge."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.between import Asked, Told
from tests.fuzz.cases import Plot
from tests.fuzz.figures import PROMISES, figures, write
from tests.fuzz.judge import judge
from tests.fuzz.outcome import Result, result_of
from tests.fuzz.rounds import ALTERATIONS, Kind, Round, round_of
from tests.fuzz.stage import Ran, Stage
from tests.fuzz.strike import Memory, Strike

SEED = "small"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as found:
        yield found


def quiet(kind: Kind, plot: Plot) -> Round:
    """A round without alterations."""
    return Round(kind, 0, plot, (), (), (), Memory())


def plot_of(stage: Stage, name: str) -> Plot:
    return next(each for each in stage.plots if each.name == name)


@pytest.fixture(scope="module")
def clean(stage: Stage) -> Ran:
    """A run that takes a lock off, backs up, and puts the lock back."""
    ran = stage.play(quiet("run", plot_of(stage, "chaos: lock, put back")))
    assert (ran.code, judge(ran)) == (0, [])
    return ran


@pytest.mark.parametrize(("kind", "count"), [("plan", 24), ("run", 8)])
def test_no_promise_is_broken_in_a_small_round(kind: Kind, count: int, stage: Stage) -> None:
    broken, held = [], 0
    for number in range(count):
        wanted = round_of(SEED, kind, number, stage.plots, stage.azure)
        ran = stage.play(wanted)
        result = result_of(wanted, ran, judge(ran))
        broken += [f"{result}: {text}" for _, text in result.violations]
        held += result.names != ["nothing took hold"]
    assert broken == []
    assert held > count / 2


def test_a_round_follows_from_its_seed_and_number_alone(stage: Stage) -> None:
    def told(seed: str, number: int) -> tuple[Any, ...]:
        found = round_of(seed, "run", number, stage.plots, stage.azure)
        strikes = [(s.name, s.seed, s.share, s.how, s.steady) for s in found.strikes]
        acts = [(a.act, a.after, a.number) for a in found.acts]
        return found.plot.name, strikes, acts, found.faults

    first = [told(SEED, n) for n in range(30)]
    assert [told(SEED, n) for n in range(30)] == first
    assert [told("other", n) for n in range(30)] != first


@pytest.mark.parametrize("name", sorted(ALTERATIONS))
def test_each_rule_alters_answers(name: str) -> None:
    """Every rule has an effect, so none is superfluous."""
    body = {"value": [{"id": "/a/b", "n": 1}, {"id": "/a/c", "n": 2}]}
    good = Told(202, (("Location", "http://127.0.0.1:1/x?api-version=1"),), b"").saying(body)
    memory = Memory(host="http://127.0.0.1:1")
    memory.keep("get y", "/y", good.saying({"value": []}))
    memory.keep("get x", "/x", good.saying({"value": [1]}))
    hits = 0
    for seed in range(20):
        rule = Strike(name, ALTERATIONS[name], str(seed), memory, 1.0, "always", steady=False)
        rule(Asked("GET", "/x"), good)
        hits += rule.hits
    assert hits > 10


def _and_in_the_report(ran: Ran, **other: Any) -> Ran:
    return replace(ran, out=json.dumps(json.loads(ran.out) | other))


def _written_again(ran: Ran, method: str, tail: str, **other: Any) -> Ran:
    entry = next(e for e in ran.log if e["method"] == method and e["path"].lower().endswith(tail))
    return replace(ran, log=[*ran.log, entry | other])


def _locks(state: Json, **other: Any) -> Json:
    return state | {"locks": [{**lock, **other} for lock in state["locks"]]}


def _of_another_vm(ran: Ran) -> Ran:
    other = next(vm for vm in ran.before["vms"] if vm["name"] != ran.vm)
    url = f"http://h{other['id']}/restart?api-version=1"
    return _written_again(ran, "POST", "/backup", url=url)


def _point_gone(ran: Ran) -> Ran:
    items = [
        item | {"recovery_points": item["recovery_points"] + (item["vm"] == ran.vm) * 9}
        for item in ran.before["items"]
    ]
    collection = ran.before["collections"][0]["id"]
    gone = _written_again(
        ran, "DELETE", "/keep", url=f"http://h{collection}/restorePoints/p?api-version=1"
    )
    return replace(gone, before=ran.before | {"items": items})


def _off(ran: Ran) -> Ran:
    return replace(ran, after=_locks(ran.after, deleted=True))


def _off_and_told(ran: Ran) -> Ran:
    owed = [{"id": lock["id"]} for lock in ran.before["locks"]]
    return _off(_and_in_the_report(ran, locks_owed=owed))


def _as_a_plan(ran: Ran) -> Ran:
    return replace(ran, kind="plan")


def _power(ran: Ran) -> Ran:
    return replace(
        ran, after=ran.after | {"vms": [vm | {"power": "stopped"} for vm in ran.after["vms"]]}
    )


def _no_backup(ran: Ran) -> Ran:
    return replace(ran, ended=ran.ended | {"jobs": ran.before["jobs"]})


PLANTED: dict[str, Callable[[Ran], Ran]] = {
    "it did not end": lambda ran: replace(ran, code=None),
    "a traceback": lambda ran: replace(ran, err="Traceback (most recent call last):"),
    "an internal error": lambda ran: replace(ran, err="remediate: internal error: KeyError: x"),
    "an error without a word": lambda ran: replace(ran, code=1, err=" \n"),
    "an exit code that is not documented": lambda ran: replace(ran, code=7),
    "exit code 0, and not fixed": lambda ran: _and_in_the_report(
        ran, verdict={"ending": "needs-human"}
    ),
    "exit code 0 without a verdict": lambda ran: _and_in_the_report(ran, verdict=None),
    "a write in a plan": _as_a_plan,
    "a change outside the plan": lambda ran: _written_again(ran, "POST", "/backup", body={"x": 1}),
    "a change of another VM": _of_another_vm,
    "carried out twice": lambda ran: _written_again(ran, "POST", "/backup"),
    "a recovery point is gone": _point_gone,
    "a lock is another one": lambda ran: replace(ran, after=_locks(ran.after, level="ReadOnly")),
    "a lock is off and not named": _off,
    "a lock is owed, and the exit code does not tell": _off_and_told,
    "a VM's power is another one": _power,
    "a recovery that is none": _no_backup,
    "a token in an output": lambda ran: replace(ran, files={"audit": f"x {ran.token} y"}),
}


@pytest.mark.parametrize("promise", PROMISES)
def test_the_judge_sees_each_broken_promise(promise: str, clean: Ran) -> None:
    assert promise in {each.what for each in judge(PLANTED[promise](clean))}


def test_an_owed_lock_that_is_told_is_not_forgotten(clean: Ran) -> None:
    assert judge(replace(_off_and_told(clean), code=5)) == []


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("says_recovered", "a recovery that is none"),
        ("tells_the_token", "a token in an output"),
    ],
)
def test_a_planted_fault_of_the_tool_is_complained_of(
    fault: str, promise: str, stage: Stage
) -> None:
    plot = plot_of(stage, "chaos: extension stuck")
    fails = Round(
        "run", 0, plot, (), (), ({"kind": "error", "times": None, "method": "POST"},), Memory()
    )
    assert judge(stage.play(fails)) == []
    broken = judge(stage.play(fails, "tests.fuzz.planted", fault))
    assert [each.what for each in broken] == [promise]


def test_the_figures_stand_between_their_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- fuzz: begin -->\nold\n<!-- fuzz: end -->\nafter\n", "utf-8")
    broken = [("a traceback", "a traceback: web")]
    results = [
        Result("plan", 1, "one", ["throttled"], "a plan with changes", 0.5),
        Result("run", 1, "one", ["throttled", "odd Date"], "recovered", 0.5, broken),
    ]
    write(figures(results, "s"), page)
    told = page.read_text("utf-8")
    assert told.startswith("before\n<!-- fuzz: begin -->\nSeed s.")
    assert told.endswith("<!-- fuzz: end -->\nafter\n")
    assert "| throttled | 1 | 1 | 1 | 1 |" in told
    assert "| a traceback | 0 | 1 |" in told
    assert "| a write in a plan | 0 | 0 |" in told
