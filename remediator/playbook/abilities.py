"""The abilities of each action, read from its source, so that nobody has to write them twice.

An action decides its changes from facts. Its code shows all possible operations and impacts: every
`Operation.X` and `Impact.X` in the module of the action or of a base.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from remediator.actions import Action, discovered
from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Impact
from remediator.playbook.docstrings import field_docstrings

Named = TypeVar("Named", Operation, Impact)


@dataclass(frozen=True, slots=True)
class Setting:
    """A field that a playbook may set."""

    name: str
    meaning: str
    values: str
    """Its JSON Schema type, or the allowed values."""
    default: str | None
    """None: the playbook must set it."""


@dataclass(frozen=True, slots=True)
class Ability:
    """One action, as its author sees it."""

    action: str
    meaning: str
    settings: tuple[Setting, ...]
    impacts: tuple[Impact, ...]
    """Mildest first. Empty: the action never changes anything."""
    operations: tuple[Operation, ...]
    needs: tuple[str, ...]
    """The sources that the action reads."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions for its changes, in the order of the operations."""
        return tuple(dict.fromkeys(SHAPES[operation].permission for operation in self.operations))


@cache
def abilities() -> dict[str, Ability]:
    """Every action, by name."""
    return {name: _ability(name, action) for name, action in sorted(discovered().items())}


def _ability(name: str, action: type[Action]) -> Ability:
    named = frozenset(_named_in(action))
    return Ability(
        action=name,
        meaning=inspect.cleandoc(action.__doc__ or ""),
        settings=tuple(_settings(action)),
        impacts=tuple(impact for impact in Impact if ("Impact", impact.name) in named),
        operations=tuple(op for op in Operation if ("Operation", op.name) in named),
        needs=tuple(sorted(action.needs | action.needs_to_send)),
    )


def _named_in(action: type[Action]) -> Iterator[tuple[str, str]]:
    """`Operation.X` and `Impact.X` in the modules of an action and its bases."""
    for base in action.__mro__:
        if base.__module__.startswith(f"{Action.__module__}."):
            tree = ast.parse(inspect.getsource(sys.modules[base.__module__]))
            for node in ast.walk(tree):
                match node:
                    case ast.Attribute(value=ast.Name(id="Operation" | "Impact" as kind)):
                        yield kind, node.attr


def _settings(action: type[Action]) -> Iterator[Setting]:
    said = {k: v for base in reversed(action.__mro__) for k, v in field_docstrings(base)}
    schema = action.model_json_schema()
    for name, part in schema["properties"].items():
        if name != "action":
            yield Setting(
                name=name,
                meaning=part.get("description") or said.get(name, ""),
                values=_values(part),
                default=None if name in schema.get("required", ()) else str(part.get("default")),
            )


def _values(part: dict[str, Any]) -> str:
    if "enum" in part:
        return ", ".join(map(str, part["enum"]))
    return str(part.get("const", part.get("type", "value")))
