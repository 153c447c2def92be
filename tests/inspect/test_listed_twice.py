"""A row that a list shows twice counts once: pages shift by a row while the tool reads them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ailing import full
from tests.altered import fix_through, rows, thing, through, when
from tests.between import Between, Rule, Told
from tests.cut_short import cloud
from tests.evidence import scenario
from tests.inspect.estate import ALL, COLLECTION, KEEP, LOCKED, MARKED

Json = dict[str, Any]


def twice(alter: Callable[[Json], Json] = dict) -> Callable[[Told], Told]:
    """A list that repeats all its rows, perhaps altered."""

    def made(told: Told) -> Told:
        body = told.json()
        again = [alter(json.loads(json.dumps(row))) for row in body["value"]]
        return told.saying(body | {"value": [*body["value"], *again]})

    return made


def stopped(row: Json) -> Json:
    return row | {"properties": row["properties"] | {"provisioningState": "Deleting"}}


def planned(folder: Path, part: Json, *rules: Rule, code: int = 0) -> Json:
    """The plan of a dry run under these rules."""
    with cloud(scenario(folder, part, locks=[KEEP])) as azure, Between(azure) as middle:
        middle.rules = list(rules)
        plan = fix_through(middle, azure, folder, *ALL, "--dry-run").check(code).json()
        assert azure.writes() == []
    found: Json = plan
    return found


def steps(plan: Json) -> list[tuple[str, str, str]]:
    return [(step["kind"], step["action"], step["target"]) for step in plan["steps"]]


@pytest.mark.parametrize("part", [LOCKED, MARKED], ids=["locked", "marked for deletion"])
@pytest.mark.parametrize(
    "what", ["/backupProtectedItems", "/restorePointCollections", "/locks", "/backupJobs"]
)
def test_a_list_that_repeats_itself_gives_the_same_plan(
    what: str, part: Json, tmp_path: Path
) -> None:
    once = planned(tmp_path, part)
    assert steps(planned(tmp_path, part, when("GET", what, twice()))) == steps(once)


def test_points_that_are_shown_twice_are_deleted_once(tmp_path: Path) -> None:
    def again(body: Json) -> Json:
        points = body["properties"]["restorePoints"]
        return body | {"properties": body["properties"] | {"restorePoints": points * 2}}

    def told() -> Json:
        job = azure.failed_jobs("web")[0]
        ended = through(middle, azure, tmp_path, "--job-id", job, *ALL, "--dry-run")
        found: Json = ended.check(0).json()
        return found

    with cloud(full(tmp_path, "8m")) as azure, Between(azure) as middle:
        once = told()
        middle.rules = [when("GET", COLLECTION, thing(again))]
        twice_shown = told()
    assert len(steps(once)) > 16
    assert steps(twice_shown) == steps(once)


def test_a_collection_that_is_listed_twice_and_otherwise_holds(tmp_path: Path) -> None:
    rule = when("GET", "/restorePointCollections", twice(stopped))
    plan = planned(tmp_path, LOCKED, rule, code=3)
    assert "twice, with different content" in str(plan["steps"])


def test_rows_without_an_id_are_not_taken_for_one(tmp_path: Path) -> None:
    def bare(row: Json) -> Json:
        row.pop("id", None)
        return row

    plan = planned(tmp_path, LOCKED, when("GET", "/locks", rows(bare)), code=3)
    assert "without saying on what it is" in str(plan["steps"])
