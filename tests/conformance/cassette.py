"""Recorded real traffic in its four forms, as pairs of a request and its answer.

- VCR cassettes (`*.yaml`, `*.yml`): `interactions` of `request` and `response`.
- Test-proxy recordings (`*.json` with `Entries`).
- One pair per line (`*.jsonl`): method, uri, sent, status, headers, body. `remediate record` writes
  this form.
- Smallest cases (`*.json` otherwise): see `cases.py`.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class UnreadableError(Exception):
    """A file that is not a recording. The message is one line with the file and the problem."""


@dataclass(frozen=True)
class Pair:
    """One recorded request and its answer."""

    method: str
    url: str
    status: int
    headers: dict[str, str]
    """The headers of the answer, by name in lower case."""
    sent: str
    """The body of the request as text. Empty if it had none."""
    body: Any
    """The JSON of the answer. None if it had no body."""
    origin: str = ""
    """The name of the recording that holds the pair."""

    @property
    def is_json(self) -> bool:
        """Whether the answer was JSON or empty. Recorders put others below one of these keys."""
        keys = set(self.body) if isinstance(self.body, dict) else set()
        return not keys & {"__raw__", "__text__"}

    @property
    def path(self) -> str:
        """The decoded path without doubled slashes."""
        return re.sub("/+", "/", unquote(urlsplit(self.url).path))

    @property
    def query(self) -> str:
        """The query of the request."""
        return urlsplit(self.url).query

    @property
    def version(self) -> str:
        """The api-version of the request. Empty if the request named none."""
        return parse_qs(self.query).get("api-version", [""])[0]


def read(path: Path) -> Iterator[Pair]:
    """The pairs of a recording, in order.

    Raises:
        UnreadableError: the file has none of the four forms, or cannot be read.
    """
    form = _FORMS.get(path.suffix)
    if form is None:
        raise UnreadableError(f"{path}: not a recording: its name ends in none of {list(_FORMS)}")
    try:
        yield from form(path)
    except UnicodeDecodeError:
        raise UnreadableError(f"{path}: not a recording: it is not text") from None
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, YAMLError) as error:
        what = " ".join(str(error).split())
        raise UnreadableError(f"{path}: not a recording: {what[:200]}") from None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        what = f"{type(error).__name__} {error}"
        raise UnreadableError(f"{path}: not in the form of a recording: {what[:200]}") from None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def _vcr(path: Path) -> Iterator[Pair]:
    for each in YAML(typ="safe").load(_text(path))["interactions"]:
        request, response = each["request"], each["response"]
        yield Pair(
            request["method"],
            request["uri"],
            response["status"]["code"],
            {name.lower(): values[0] for name, values in response["headers"].items()},
            request["body"] or "",
            _json(response["body"].get("string")),
            path.name,
        )


def _proxy_or_cases(path: Path) -> Iterator[Pair]:
    from tests.conformance.cases import pairs_of

    recording = json.loads(_text(path))
    if not isinstance(recording, dict) or "Entries" not in recording:
        yield from pairs_of(recording, path)
        return
    for each in recording["Entries"]:
        yield Pair(
            each["RequestMethod"],
            each["RequestUri"],
            each["StatusCode"],
            {name.lower(): str(value) for name, value in each["ResponseHeaders"].items()},
            _sent(each.get("RequestBody")),
            each.get("ResponseBody"),
            path.name,
        )


def _lines(path: Path) -> Iterator[Pair]:
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            each = json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        yield Pair(
            each["method"],
            each["uri"],
            each["status"],
            {name.lower(): str(value) for name, value in each["headers"].items()},
            _sent(each.get("sent")),
            each.get("body"),
            each.get("file") or path.name,
        )


def _sent(body: Any) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body)


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


_FORMS: dict[str, Callable[[Path], Iterator[Pair]]] = {
    ".jsonl": _lines,
    ".json": _proxy_or_cases,
    ".yaml": _vcr,
    ".yml": _vcr,
}
