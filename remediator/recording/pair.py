"""One request with its answer, and the files that hold many of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from remediator.errors import BadInputError
from remediator.value import Value

NOT_JSON = "__text__"
"""The only key of a body that was not JSON. Its value is the text."""


class Pair(Value):
    """A request and Azure's answer."""

    method: str
    uri: str
    """The address, with scheme, host and query."""
    sent: str | None = None
    """The body of the request. None if it had none, or if it was not kept."""
    status: int
    headers: dict[str, str]
    """The headers of the answer, with names in lower case.

    Headers of the request are never kept.
    """
    body: Any
    """The answer's JSON. None if the answer was empty."""


def to_lines(pairs: Iterable[Pair]) -> str:
    """Pairs as text, one JSON object per line."""
    return "".join(
        json.dumps(pair.model_dump(), ensure_ascii=False, sort_keys=True) + "\n" for pair in pairs
    )


def read_pairs(file: Path) -> tuple[Pair, ...]:
    """The pairs of a file.

    It reads lines of JSON, as `remediate record` writes them, and the session records of Azure
    PowerShell's tests (an object with `Entries`).

    Raises:
        BadInputError: the file cannot be read, or it has another content.
    """
    try:
        raw = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"cannot read {file}: {error}") from None
    try:
        if file.suffix == ".json":
            return tuple(_of_session(json.loads(raw)))
        return tuple(_of_line(json.loads(line)) for line in raw.splitlines() if line.strip())
    except (ValueError, LookupError, TypeError, AttributeError):
        raise BadInputError(f"{file} is not a file of recorded requests and answers") from None


def _of_line(row: Mapping[str, Any]) -> Pair:
    return Pair(
        method=row["method"],
        uri=row["uri"],
        sent=row.get("sent"),
        status=row["status"],
        headers=lowered(row["headers"]),
        body=row["body"],
    )


def _of_session(record: Mapping[str, Any]) -> Iterator[Pair]:
    for entry in record["Entries"]:
        sent = entry.get("RequestBody")
        yield Pair(
            method=entry["RequestMethod"],
            uri=entry["RequestUri"],
            sent=sent if sent is None or isinstance(sent, str) else json.dumps(sent),
            status=entry["StatusCode"],
            headers=lowered(entry["ResponseHeaders"]),
            body=entry.get("ResponseBody"),
        )


def lowered(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers with their names in lower case, and each value as one text."""
    return {
        name.lower(): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in headers.items()
    }
