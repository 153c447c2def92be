"""Options in groups: what Typer sees of them, and what the command receives."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from remediator.cli.grouped import grouped
from remediator.cli.options.silent import DEBUG

Zone = Annotated[tuple[str, ...], typer.Option("--zone")]
Name = Annotated[str | None, typer.Option("--name")]


@dataclass(frozen=True)
class Place:
    zones: Zone = ()
    name: Name = None
    found: bool = False


@dataclass(frozen=True)
class Thing:
    size: Annotated[int, typer.Option("--size", min=1)]
    name: Name = None


@dataclass(frozen=True)
class Namesake:
    name: Annotated[str | None, typer.Option("--name", help="Another one.")] = None


def taken(*arguments: str) -> tuple[int, list[object]]:
    """The exit code, and the values that the command received."""
    got: list[object] = []
    app = typer.Typer()

    @app.command()
    @grouped(DEBUG)
    def look(*, place: Place, thing: Thing, deep: Annotated[bool, typer.Option()] = False) -> int:
        got.extend([place, thing, deep])
        return 0

    return CliRunner().invoke(app, arguments).exit_code, got


@pytest.mark.parametrize(
    ("arguments", "got"),
    [
        (["--size", "3"], [Place(), Thing(3), False]),
        (
            ["--zone", "b", "--size", "3", "--zone", "a", "--deep", "--debug"],
            [Place(zones=("b", "a")), Thing(3), True],
        ),
        (["--name", "x", "--size", "3"], [Place(name="x"), Thing(3, "x"), False]),
    ],
)
def test_groups_are_filled_and_an_option_of_two_is_given_to_both(
    arguments: list[str], got: list[object]
) -> None:
    assert taken(*arguments) == (0, got)


@pytest.mark.parametrize(
    "arguments", [[], ["--size", "0"], ["--size", "3", "--found"]], ids=["missing", "range", "none"]
)
def test_an_unknown_option_or_a_wrong_value_is_refused(arguments: list[str]) -> None:
    assert taken(*arguments) == (2, [])


def test_two_options_of_one_name_are_the_same() -> None:
    def look(*, place: Place, other: Namesake) -> int:
        return len((place, other))

    with pytest.raises(TypeError, match="look: two options name"):
        grouped()(look)
