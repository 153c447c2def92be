"""A plan file gives the same plan in every process. A changed file is refused."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Impact, Lost, Manual, Request, Step, Unchanged
from remediator.errors import PlanFileError
from remediator.guards.consent import Consent
from remediator.job.failure import classify
from remediator.job.job import Task
from remediator.json_text import json_text
from remediator.plan.plan import Ladder, Plan, PlaybookRef, Said, parse_plan, sealed
from tests.any_value import NOW
from tests.classified import detail, job, known

TEXTS = st.text(max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
PAIRS = st.dictionaries(TEXTS, JSON, max_size=3)
WHY = st.lists(TEXTS, max_size=2).map(tuple)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14, 14).map(lambda h: timezone(timedelta(hours=h))),
)
CHANGES = st.builds(
    Change,
    kind=st.just("change"),
    action=TEXTS,
    target=TEXTS,
    what=TEXTS,
    why=WHY,
    operation=st.sampled_from(list(Operation)),
    request=st.builds(Request, method=TEXTS, url=TEXTS, body=st.none() | PAIRS),
    before=PAIRS,
    after=PAIRS,
    impact=st.sampled_from(list(Impact)),
    permission=TEXTS,
    undo=TEXTS,
    loses=st.lists(
        st.builds(Lost, point=TEXTS, created=st.none() | MOMENTS, consistency=TEXTS), max_size=2
    ).map(tuple),
    always=st.booleans(),
    if_unsettled=st.sampled_from(["stop", "go-on"]),
)
COMMON: dict[str, Any] = {"action": TEXTS, "target": TEXTS, "why": WHY}
STEPS: st.SearchStrategy[Step] = st.one_of(
    CHANGES,
    st.builds(Unchanged, kind=st.just("unchanged"), **COMMON),
    st.builds(Held, kind=st.just("held"), change=st.none() | CHANGES, **COMMON),
    st.builds(Manual, kind=st.just("manual"), commands=WHY, **COMMON),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    errors = draw(st.lists(st.builds(detail, TEXTS, st.none() | st.integers() | TEXTS), max_size=2))
    task = Task(name=draw(TEXTS), status=draw(TEXTS))
    about = job(*errors, name=draw(TEXTS), vm=draw(TEXTS))
    return sealed(
        created=draw(MOMENTS),
        expires=draw(MOMENTS),
        endpoint=draw(TEXTS),
        job=about.model_copy(update={"tasks": (task,), "end": draw(st.none() | MOMENTS)}),
        failure=classify(about, known, draw(st.none() | TEXTS)),
        playbook=draw(
            st.none()
            | st.builds(
                PlaybookRef, name=TEXTS, title=TEXTS, origin=TEXTS, digest=TEXTS, sources=WHY
            )
        ),
        ladder=draw(
            st.none()
            | st.builds(Ladder, rung=TEXTS, title=TEXTS, number=st.integers(), of=st.integers())
        ),
        facts=tuple(draw(st.lists(st.builds(Said, fact=TEXTS, value=TEXTS, because=TEXTS)))),
        steps=tuple(draw(st.lists(STEPS, max_size=3))),
        recipe=tuple(draw(st.lists(PAIRS, max_size=2))),
        consent=Consent(
            impacts=draw(st.frozensets(st.sampled_from(list(Impact)))),
            data_loss=draw(st.booleans()),
        ),
        later=draw(WHY),
        notes=draw(WHY),
    )


@given(plans())
def test_a_saved_plan_is_read_as_it_was_made(plan: Plan) -> None:
    text = json_text(plan)
    assert parse_plan(text, "x") == plan
    assert json_text(parse_plan(text, "x")) == text
    compact = json.dumps(json.loads(text), ensure_ascii=True)
    assert parse_plan(compact, "x") == plan


def leaves(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    match node:
        case dict() if node:
            return [leaf for key, value in node.items() for leaf in leaves(value, (*at, key))]
        case list() if node:
            return [leaf for n, value in enumerate(node) for leaf in leaves(value, (*at, n))]
        case _:
            return [at]


def other(value: Any) -> list[Any]:
    """Values that differ from this one."""
    match value:
        case bool():
            return [not value, None]
        case int() | float():
            return [value + 1 if abs(value) < 2**50 else 0, str(value)]
        case str():
            return [value + " ", value[1:] if value else "x", None]
        case None:
            return ["", 0, False]
        case _:
            return ["x", None]


@given(plans(), st.data())
def test_a_plan_in_which_anything_was_changed_is_refused(plan: Plan, data: st.DataObject) -> None:
    content = json.loads(json_text(plan))
    at = data.draw(st.sampled_from(leaves(content)))
    node = content
    for key in at[:-1]:
        node = node[key]
    kind = data.draw(st.sampled_from(["other", "gone", "more"]))
    if kind == "other":
        node[at[-1]] = data.draw(st.sampled_from(other(node[at[-1]])))
    elif kind == "gone":
        del node[at[-1]]
    elif isinstance(node, list):
        node.append(node[-1])
    else:
        node["more"] = 1
    try:
        found = parse_plan(json.dumps(content), "x")
    except PlanFileError:
        return
    # The plan is written in another way, such as without a default. Its meaning is the same.
    assert found == plan


def test_a_plan_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Each process orders sets differently. That order must not reach the plan's text or its id."""
    plan = sealed(
        created=NOW,
        expires=NOW,
        endpoint="",
        job=job(),
        failure=classify(job(), known),
        playbook=None,
        ladder=None,
        facts=(),
        steps=(),
        recipe=(),
        consent=Consent(impacts=frozenset(Impact)),
        later=(),
        notes=(),
    )
    path = tmp_path / "plan.json"
    path.write_text(json_text(plan), encoding="utf-8")
    script = (
        "import sys; from pathlib import Path; from remediator.plan.plan import read_plan; "
        "from remediator.json_text import json_text; "
        "print(json_text(read_plan(Path(sys.argv[1]))), end='')"
    )
    for seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.stdout == json_text(plan), done.stderr
