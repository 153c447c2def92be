"""Recorded real traffic: VCR cassettes (YAML) and test-proxy recordings (JSON)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Pair:
    """One recorded request and its answer."""

    method: str
    url: str
    status: int
    headers: dict[str, str]
    sent: str
    body: Any
    """The answer's JSON; None when it had no body."""

    @property
    def path(self) -> str:
        """The path, decoded, without a doubled slash."""
        return re.sub("/+", "/", unquote(urlsplit(self.url).path))

    @property
    def query(self) -> str:
        """The query as it was sent."""
        return urlsplit(self.url).query


def read(path: Path) -> Iterator[Pair]:
    """The pairs of a recording, in order."""
    if path.suffix == ".json":
        yield from _proxy(json.loads(path.read_text(encoding="utf-8-sig")))
    else:
        yield from _vcr(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def _vcr(cassette: dict[str, Any]) -> Iterator[Pair]:
    for each in cassette["interactions"]:
        request, response = each["request"], each["response"]
        yield Pair(
            request["method"],
            request["uri"],
            response["status"]["code"],
            {name.lower(): values[0] for name, values in response["headers"].items()},
            request["body"] or "",
            _json(response["body"].get("string")),
        )


def _proxy(recording: dict[str, Any]) -> Iterator[Pair]:
    for each in recording["Entries"]:
        yield Pair(
            each["RequestMethod"],
            each["RequestUri"],
            each["StatusCode"],
            {name.lower(): str(value) for name, value in each["ResponseHeaders"].items()},
            json.dumps(each.get("RequestBody")),
            each.get("ResponseBody"),
        )


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
