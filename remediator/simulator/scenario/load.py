"""Reading a scenario file. Every complaint tells file and line."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from remediator.simulator.scenario.models import Scenario

DIRECTORY = Path(__file__).parent.parent / "scenarios"


class ScenarioError(Exception):
    """A scenario that cannot be used. Its text has one complaint per line: ``file:line: what``."""


def names() -> list[str]:
    """Return the names of the built-in scenarios."""
    return sorted(path.stem for path in DIRECTORY.glob("*.yaml"))


def load(name_or_path: str) -> Scenario:
    """Load a built-in scenario, or one from a file."""
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        path = DIRECTORY / f"{name_or_path}.yaml"
        if not path.is_file():
            message = f"no scenario {name_or_path!r}; there are: {', '.join(names())}"
            raise ScenarioError(message)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise ScenarioError(message) from error
    return parse(text, str(path))


def parse(text: str, source: str) -> Scenario:
    """Parse a scenario's text. Complaints call it ``source``."""
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = (error.problem or "not YAML").strip()
        message = f"{source}:{line}: {problem}"
        raise ScenarioError(message) from error
    try:
        return Scenario.model_validate(tree if tree is not None else {})
    except ValidationError as error:
        complaints = [
            f"{source}:{_line(tree, each['loc'])}: {_where(each['loc'])}: {each['msg']}"
            for each in error.errors()
        ]
        raise ScenarioError("\n".join(complaints)) from error


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "scenario"


def _line(tree: Any, location: tuple[int | str, ...]) -> int:
    """Return the line of the innermost part of a location that the file contains."""
    line = 1
    node = tree
    for part in location:
        marks = getattr(node, "lc", None)
        if marks is None:
            break
        try:
            if isinstance(node, dict) and part in node:
                line = marks.key(part)[0] + 1
            elif isinstance(node, list) and isinstance(part, int):
                line = marks.item(part)[0] + 1
            else:
                continue  # a branch of a union, not a place in the file
            node = node[part]
        except (KeyError, IndexError):
            break
    return int(line)
