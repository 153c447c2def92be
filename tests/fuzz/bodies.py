"""Odd things in the body of an answer."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.between import Asked, Told
from tests.dropout.drops import How, present, without
from tests.dropout.kinds import EACH, Path
from tests.fuzz.strike import Alter, Memory

_ID_LIKE = re.compile(r"(id|name|source|resource|scope)$", re.IGNORECASE)
_TEXTS = (
    "",
    " ",
    "None",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe\u202c",
    "a\nb\r\nc",
    "x" * 100_000,
    "\ud800",
    "../../../etc/passwd",
    "{{7*7}}${HOME}`id`",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.9999999Z",
    "2026-02-30T25:61:00Z",
    "P99999999Y",
    "-1",
    "NaN",
    "Ünïcödé ΑΘΗΝΑ ıİ",
)
_VALUES: tuple[Any, ...] = (
    0,
    -1,
    10**30,
    1e308,
    True,
    False,
    [],
    {},
    [None],
    [[]],
    {"value": []},
    {"code": {"code": 1}},
    ["x", 1, None],
)


def _json(alter: Callable[[Random, Any], bool]) -> Alter:
    """An alteration of JSON. If it does not find its target, it leaves the answer alone."""

    def altered(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
        body = told.json()
        if not isinstance(body, dict | list) or not alter(rng, body):
            return told
        return replace(told, content=json.dumps(body).encode())

    return altered


def _dropped(rng: Random, body: Any) -> bool:
    return _without(rng, body, How.ABSENT)


def _null(rng: Random, body: Any) -> bool:
    return _without(rng, body, How.NULL)


def _without(rng: Random, body: Any, how: How) -> bool:
    paths = sorted(set(present(body)))
    for path in rng.sample(paths, min(len(paths), rng.choice((1, 1, 2, 5)))):
        without(body, path, how)
    return bool(paths)


def _change(rng: Random, node: Any, path: Path, make: Callable[[Any], Any]) -> None:
    """Change the value at a path. In a list, either all elements or only the first."""
    first, rest = path[0], path[1:]
    if first == EACH:
        rows = node if isinstance(node, list) else []
        for each in rows if rng.random() < 0.5 else rows[:1]:
            _change(rng, each, rest, make)
    elif isinstance(node, dict) and first in node:
        if rest:
            _change(rng, node[first], rest, make)
        else:
            node[first] = make(node[first])


def _pick(rng: Random, body: Any) -> Path | None:
    paths = sorted(set(present(body)))
    return rng.choice(paths) if paths else None


def _other_type(rng: Random, body: Any) -> bool:
    path = _pick(rng, body)
    if path is None:
        return False
    value = rng.choice(_VALUES)
    wraps = rng.choice((None, lambda v: [v], lambda v: {"value": v}, str, None))
    _change(rng, body, path, wraps or (lambda _: value))
    return True


def _other_text(rng: Random, body: Any) -> bool:
    paths, text, changed = sorted(set(present(body))), rng.choice(_TEXTS), []

    def make(old: Any) -> Any:
        if not isinstance(old, str):
            return old
        changed.append(old)
        return rng.choice((text, f"{old}{text}"))

    for path in rng.sample(paths, len(paths)):
        _change(rng, body, path, make)
        if changed:
            break
    return bool(changed)


def _casing(rng: Random, body: Any) -> bool:
    """Change the casing of ids and names, or of all texts. Links stay as they are."""
    make = rng.choice((str.upper, str.lower, str.swapcase, str.title))
    only = rng.random() < 0.7

    def walk(node: Any, key: str) -> Any:
        if isinstance(node, dict):
            return {k: walk(v, k) for k, v in node.items()}
        if isinstance(node, list):
            return [walk(each, key) for each in node]
        link = isinstance(node, str) and "://" in node
        fits = not only or _ID_LIKE.search(key)
        return make(node) if isinstance(node, str) and not link and fits else node

    return _in_place(body, walk(body, ""))


def _in_place(body: Any, new: Any) -> bool:
    body.clear()
    body.update(new) if isinstance(body, dict) else body.extend(new)
    return True


def _keys(rng: Random, body: Any) -> bool:
    """Change the casing of all keys."""
    make = rng.choice((str.upper, str.lower, str.title))

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {make(k): walk(v) for k, v in node.items()}
        return [walk(each) for each in node] if isinstance(node, list) else node

    return _in_place(body, walk(body))


def _rows(body: Any) -> list[Any] | None:
    rows = body.get("value") if isinstance(body, dict) else None
    return rows if isinstance(rows, list) and rows else None


def _swapped(rng: Random, body: Any) -> bool:
    """Exchange an id or a name between two rows of a list."""
    rows = [row for row in _rows(body) or () if isinstance(row, dict)]
    if len(rows) < 2:
        return False
    one, other = rng.sample(rows, 2)
    paths = [
        path
        for path in sorted(set(present(one)) & set(present(other)))
        if EACH not in path and _ID_LIKE.search(path[-1])
    ]
    if not paths:
        return False
    path = rng.choice(paths)
    for key in path[:-1]:
        one, other = one[key], other[key]
    one[path[-1]], other[path[-1]] = other[path[-1]], one[path[-1]]
    return True


def _listed_otherwise(rng: Random, body: Any) -> bool:
    """Shuffle rows, double them, nest them, or add things that are not rows."""
    rows = _rows(body)
    if rows is None:
        return False
    match rng.randrange(6):
        case 0:
            rng.shuffle(rows)
        case 1:
            rows.append(json.loads(json.dumps(rng.choice(rows))))
        case 2:
            rows.insert(rng.randrange(len(rows) + 1), rng.choice((None, "x", 3, [], {}, [{}])))
        case 3:
            body["value"] = dict(enumerate(rows))
        case 4:
            body["value"] = [rows]
        case _:
            rows.extend(json.loads(json.dumps(rng.choice(rows))) for _ in range(300))
    return True


def _row_missing(rng: Random, body: Any) -> bool:
    """Remove one row from a list."""
    rows = _rows(body)
    if rows is None:
        return False
    rows.pop(rng.randrange(len(rows)))
    return True


def _spoilt(rng: Random, _asked: Asked, told: Told, _memory: Memory) -> Told:
    """Replace the body with broken JSON, or with JSON that is hardly readable."""
    text = told.content
    deep = b"[" * 5000 + b"]" * 5000
    whole = (
        b"",
        b"null",
        b'"text"',
        b"42",
        b"[]",
        b"{}",
        b"<html><body>502 Bad Gateway</body></html>",
        b"\xff\xfe\x00",
        deep,
        b'{"value": ' + deep + b"}",
        b'{"value": NaN}',
        text[: len(text) // 2],
        text + text,
        b"\xef\xbb\xbf" + text,
        text.replace(b"a", b"\xe9"),
        text.decode("utf-8", "replace").encode("utf-16"),
        gzip.compress(text),
        b'{"value": [], "value": 1}',
        b" " * 100_000 + text,
        b'{"error": {}}',
        b'{"error": "text"}',
        b'{"error": {"code": 5, "message": {"lang": "en"}}}',
        b'{"error": {"code": "X", "message": "m", "details": {"code": []}}}',
        b'{"error": [{"code": "X"}]}',
        b'{"code": "X", "message": "no envelope"}',
    )
    return replace(told, content=rng.choice(whole))


BODIES: dict[str, Alter] = {
    "a field left out": _json(_dropped),
    "a field null": _json(_null),
    "a value of another type": _json(_other_type),
    "an odd text": _json(_other_text),
    "other casing": _json(_casing),
    "keys in other casing": _json(_keys),
    "ids swapped": _json(_swapped),
    "rows otherwise": _json(_listed_otherwise),
    "a row missing": _json(_row_missing),
    "a body that is spoilt": _spoilt,
}
"""The alterations, by name."""
