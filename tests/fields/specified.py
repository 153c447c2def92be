"""Microsoft's specifications: whether they declare a field of an answer."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.dropout.kinds import EACH, HEADER, Field, kind_of
from tests.places import SPECIFICATIONS

Json = dict[str, Any]
_METHODS = ("get", "put", "post", "patch", "delete")


class Specifications:
    """All specifications, read once."""

    def __init__(self, folder: Path = SPECIFICATIONS) -> None:
        self._schemas: dict[str, list[tuple[Path, Json]]] = {}
        for path in sorted(folder.rglob("*.json")):
            if "examples" not in path.parts:
                self._take(path)

    def declares(self, field_: Field) -> str | None:
        """The specification that declares a field, as version and file. None if there is none."""
        if field_.path[0] == HEADER:
            return None
        for file, schema in self._schemas.get(field_.kind.lower(), ()):
            if _has(file, schema, field_.path):
                return f"{file.parent.name}/{file.name}"
        return None

    def _take(self, path: Path) -> None:
        for address, methods in _file(path).get("paths", {}).items():
            for method, told in methods.items():
                for status, answer in (
                    told.get("responses", {}).items() if method in _METHODS else ()
                ):
                    if "schema" in answer:
                        number = int(status) if status.isdigit() else 400
                        kind = kind_of(method.upper(), address, number).lower()
                        self._schemas.setdefault(kind, []).append((path, answer["schema"]))


def _has(file: Path, schema: Json, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    for where, each in _shapes(file, schema, frozenset()):
        if path[0] == EACH:
            if "items" in each and _has(where, each["items"], path[1:]):
                return True
            continue
        declared = each.get("properties", {}).get(path[0])
        if declared is not None and _has(where, declared, path[1:]):
            return True
        free = each.get("additionalProperties")
        if isinstance(free, dict) and _has(where, free, path[1:]):
            return True
    return False


def _shapes(file: Path, schema: Json, met: frozenset[str]) -> Iterator[tuple[Path, Json]]:
    """A schema, its bases, and the schemas that extend it."""
    if "$ref" in schema:
        beside, _, inside = schema["$ref"].partition("#/")
        file = (file.parent / beside).resolve() if beside else file
        node: Any = _file(file)
        for part in inside.split("/"):
            node = node.get(part, {})
        name = f"{file}#{inside}"
        if name in met:
            return
        met |= {name}
        yield from _shapes(file, node, met)
        for kin in _made_of(file).get(inside.rsplit("/", 1)[-1], ()):
            yield from _shapes(file, {"$ref": f"#/definitions/{kin}"}, met)
        return
    yield file, schema
    for base in schema.get("allOf", ()):
        yield from _bases(file, base, met)


def _bases(file: Path, schema: Json, met: frozenset[str]) -> Iterator[tuple[Path, Json]]:
    """A schema and its bases, without the other schemas that extend them."""
    if "$ref" in schema:
        beside, _, inside = schema["$ref"].partition("#/")
        file = (file.parent / beside).resolve() if beside else file
        node: Any = _file(file)
        for part in inside.split("/"):
            node = node.get(part, {})
        schema = node
    yield file, schema
    for base in schema.get("allOf", ()):
        yield from _bases(file, base, met)


@cache
def _file(path: Path) -> Json:
    found: Json = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


@cache
def _made_of(path: Path) -> dict[str, list[str]]:
    """For each definition, the definitions that extend it."""
    found: dict[str, list[str]] = {}
    for name, told in _file(path).get("definitions", {}).items():
        for base in told.get("allOf", ()):
            found.setdefault(base.get("$ref", "").rsplit("/", 1)[-1], []).append(name)
    return found
