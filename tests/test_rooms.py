"""The house: its rooms have floors. They are few and small enough for a person to know them.

The folders of the tests are the rooms of the code.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.places import ROOT, TESTS
from tests.rooms import House, house

NO_ROOMS: Final = {"chaos", "conformance", "dropout", "fields", "fuzz", "scripts"}
"""Folders of tests that judge the whole tool from outside, and of the tests of guest scripts."""

LINES: Final = 400
"""The most lines that a module may have."""

LINES_OF_A_FUNCTION: Final = 60


def test_no_rooms_import_each_other_and_a_person_can_know_them() -> None:
    floors = house().floors()
    assert len(floors) <= 40
    assert floors["cli"] > floors["flow"] > floors["run"] > floors["plan"] > floors["job"]


def test_a_floor_is_one_above_the_highest_room_below() -> None:
    built = House({"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset()})
    assert built.floors() == {"c": 0, "b": 1, "a": 2}


def modules(folder: Path) -> Iterator[tuple[str, str]]:
    """The path and the text of each module in a folder."""
    for path in sorted(folder.rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


@pytest.mark.parametrize("folder", ["remediator", "tests", "benchmarks"])
def test_a_module_can_be_read_at_one_sitting(folder: str) -> None:
    lengths = {place: len(text.splitlines()) for place, text in modules(ROOT / folder)}
    assert {place: length for place, length in lengths.items() if length > LINES} == {}


@pytest.mark.parametrize("folder", ["remediator", "tests", "benchmarks"])
def test_a_function_is_seen_at_once(folder: str) -> None:
    lengths = {
        f"{place}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for place, text in modules(ROOT / folder)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert lengths
    long = {name: length for name, length in lengths.items() if length > LINES_OF_A_FUNCTION}
    assert long == {}


def imported(text: str) -> Iterator[str]:
    """All names that a module imports, part by part. Each part may be a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            yield from (node.module or "").split(".")
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in node.names:
                yield from name.name.split(".")


def test_an_import_is_seen_however_it_is_written() -> None:
    for written in (
        "import tests.run.test_once",
        "from tests.run.test_once import stepped",
        "from tests.run import test_once as once",
        "from .test_once import stepped",
        "from . import test_once",
        "def late() -> None:\n    from tests.run import test_once",
    ):
        assert "test_once" in imported(written), written


def test_a_test_is_no_library() -> None:
    """Code that several tests share stands in its own module, whose name says what it is."""
    found = {
        place: names
        for place, text in modules(TESTS)
        if (names := [name for name in imported(text) if name.startswith("test_")])
    }
    assert found == {}


def test_tests_lie_where_their_code_has_its_room() -> None:
    places = {path.parent for path in TESTS.rglob("*/test_*.py")}
    assert [place for place in places if not (place / "__init__.py").exists()] == []
    folders = {place.relative_to(TESTS).parts[0] for place in places}
    rooms = {path.name for path in (ROOT / "remediator").iterdir() if path.is_dir()}
    assert folders - rooms == NO_ROOMS
    assert NO_ROOMS & rooms == set()
