"""A plan that was altered, is too old or belongs to another place is refused in one line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from remediator.errors import PlanFileError
from remediator.json_text import json_text
from remediator.plan.plan import parse_plan, read_plan, sealed
from tests.clouds import stepped
from tests.cut_short import put_back_books
from tests.saved_plans import Saved, applied, by_tool, planned, refused


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    """A cloud that no test changes, and a plan for it."""
    with stepped() as azure:
        yield azure, planned(azure, tmp_path_factory.mktemp("saved"))


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every value in a JSON document."""
    rows = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in rows:
        if isinstance(value, dict | list) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value[:-2] + ("0Z" if value[-2:] != "0Z" else "1Z")
        case _:
            return "x"


def test_every_value_of_a_plan_is_under_its_seal(saved: Saved) -> None:
    text = saved[1].read_text("utf-8")
    parse_plan(text, "the plan as it is")
    paths = list(leaves(json.loads(text)))
    assert len(paths) > 60
    for path in paths:
        document = json.loads(text)
        node = document
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = other(node[path[-1]])
        with pytest.raises(PlanFileError):
            parse_plan(json.dumps(document), str(path))


def test_a_plan_cannot_lose_a_value(saved: Saved) -> None:
    text = saved[1].read_text("utf-8")
    document = json.loads(text)
    for path in leaves(document):
        cut = json.loads(text)
        node = cut
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]
        try:
            left = parse_plan(json.dumps(cut), str(path))
        except PlanFileError:
            continue
        # A value that is left out means the same as a value that says: nothing.
        assert left == parse_plan(text, "the plan as it is")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("locks/keep", "locks/kept"),
        ('"reversible"', '"read-only"'),
        ("AzureBackupRG_westeurope_1", "AzureBackupRG_westeurope_2"),
        ('"data_loss": false', '"data_loss": true'),
        ("plan-", "plan-0"),
    ],
)
def test_an_edited_plan_is_refused(old: str, new: str, saved: Saved, tmp_path: Path) -> None:
    azure, plan = saved
    text = plan.read_text("utf-8")
    assert old in text
    edited = tmp_path / "plan.json"
    edited.write_text(text.replace(old, new, 1), encoding="utf-8")
    refused(azure, tmp_path, edited, "plan.json")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"schema_version": "2"}'])
def test_what_is_not_a_plan_is_refused(content: bytes, saved: Saved, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    refused(saved[0], tmp_path, path, "plan.json")


def test_a_remedy_under_the_name_of_another_playbook_is_refused(tmp_path: Path) -> None:
    """A forger can compute the id of an altered plan. So the remedy must also be its playbook's."""
    with stepped() as azure:
        theirs = read_plan(planned(azure, tmp_path))
        mine = read_plan(planned(azure, tmp_path, *put_back_books(tmp_path)))
        assert mine.recipe != theirs.recipe
        for ladder in (theirs.ladder, None):
            parts = {name: getattr(mine, name) for name in type(mine).model_fields}
            for computed in ("schema_version", "plan_id", "tool_version", "summary", "signature"):
                del parts[computed]
            forged = sealed(**(parts | {"playbook": theirs.playbook, "ladder": ladder}))
            path = tmp_path / "forged.json"
            path.write_text(json_text(forged), encoding="utf-8")
            refused(azure, tmp_path, path, "nothing was changed")


def test_an_old_plan_is_refused(saved: Saved, tmp_path: Path) -> None:
    azure, path = saved
    plan = read_plan(path)
    parts = {name: getattr(plan, name) for name in type(plan).model_fields}
    for computed in ("schema_version", "plan_id", "tool_version", "summary"):
        del parts[computed]
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    old = tmp_path / "old.json"
    times = {"created": yesterday, "expires": yesterday + timedelta(hours=24)}
    old.write_text(json_text(sealed(**(parts | times))), encoding="utf-8")
    refused(azure, tmp_path, old, "expired")
    assert azure.requests() == []


def test_a_plan_is_too_old_by_the_clock_of_azure(tmp_path: Path) -> None:
    """This machine's clock may be days behind. By that clock the plan is minutes old."""
    with stepped() as azure:
        plan = planned(azure, tmp_path)
        azure.advance(25 * 3600)
        ended = applied(azure, tmp_path, plan, "--yes").check(4)
        assert "by Azure's clock it was made at" in " ".join(ended.out.split())
        assert by_tool(azure) == []


def test_a_plan_of_another_endpoint_is_refused(saved: Saved, tmp_path: Path) -> None:
    with stepped() as elsewhere:
        refused(elsewhere, tmp_path, saved[1], saved[0].url, elsewhere.url)
        assert elsewhere.requests() == []
