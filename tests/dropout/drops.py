"""Leave a field out of every answer of its kind, or make it null."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tests.between import Asked, Told
from tests.dropout.kinds import ANY, EACH, HEADER, Field, Path, kind_of


class How(StrEnum):
    """What happens to the field."""

    ABSENT = "absent"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Drop:
    """A rule of the man in the middle."""

    field: Field
    how: How

    def __call__(self, asked: Asked, told: Told) -> Told:
        """The answer without the field, if it is of the field's kind."""
        kind = kind_of(asked.method, asked.path, told.status)
        if self.field.kind != ANY and kind.lower() != self.field.kind.lower():
            return told
        if self.field.path[0] == HEADER:
            gone = self.field.path[1].lower()
            return replace(
                told, headers=tuple(each for each in told.headers if each[0].lower() != gone)
            )
        body = told.json()
        if not isinstance(body, dict | list):
            return told
        without(body, self.field.path, self.how)
        return told.saying(body)


def without(node: Any, path: Path, how: How) -> None:
    """Take a field out of a JSON, at every place that the path matches."""
    first, rest = path[0], path[1:]
    if first == EACH:
        for each in node if isinstance(node, list) else ():
            without(each, rest, how)
    elif isinstance(node, dict) and first in node:
        if rest:
            without(node[first], rest, how)
        elif how is How.ABSENT:
            del node[first]
        else:
            node[first] = None


def present(node: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all keys in a JSON whose values are not null."""
    if isinstance(node, list):
        for each in node:
            yield from present(each, (*path, EACH))
    elif isinstance(node, dict):
        for key, value in node.items():
            if value is not None:
                yield (*path, key)
                yield from present(value, (*path, key))
