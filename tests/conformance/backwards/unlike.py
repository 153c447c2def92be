"""The differences between a simulated answer and all recorded answers of its kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.conformance.backwards.forms import ECHO, decimals, link, look, readings
from tests.conformance.backwards.words import (
    NAMES,
    NUMBERS,
    OF_THE_MOMENT,
    ONE_OF_A_KIND,
    is_word,
)


@dataclass(frozen=True)
class How:
    """How strict the comparison is."""

    words: dict[str, set[Any]]
    """The words of the API in all recordings, by key."""
    path: str = ""
    """The path of the simulator's request. Its ids may echo the casing of this path."""
    loose: bool = False
    """Whether other situations are compared. Their common fields may be missing here."""


_DOTNET = 7
"""The decimals of a .NET time. If a time has fewer, the service drops zeros at the end."""

SAME_VALUE = (
    "cache-control",
    "content-type",
    "expires",
    "pragma",
    "strict-transport-security",
    "x-content-type-options",
    "x-ms-failure-cause",
)
LINKS = ("azure-asyncoperation", "location")
PER_MACHINE = {
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "server",
    "set-cookie",
    "transfer-encoding",
    "x-aspnet-version",
    "x-powered-by",
}
"""Headers of the front machine or of the transport. They say nothing about the service."""


EVERYWHERE = {
    "cache-control",
    "expires",
    "pragma",
    "strict-transport-security",
    "x-content-type-options",
}
"""Headers that Resource Manager now puts on every answer. The oldest recordings lack some."""


def bodies(ours: Any, theirs: list[Any], how: How, at: str = "") -> Iterator[str]:
    """Compare a value, and everything in it, with the recorded values at the same place."""
    looks = {look(value) for value in theirs}
    key = at.rpartition(".")[2]
    mine = look(ours)
    if isinstance(ours, str) and key in NAMES and {mine, *looks} & {"a text", "a GUID"}:
        mine, looks = "a text", {"a text" if isinstance(v, str) else look(v) for v in theirs}
    if isinstance(ours, str) and ECHO in ours:
        mine = next((each for v in readings(ours, how.path) if (each := look(v)) in looks), mine)
    if mine not in looks:
        yield f"{at or 'the body'} is {mine}, recorded {' or '.join(sorted(looks))}"
    elif isinstance(ours, dict):
        yield from _objects(ours, [v for v in theirs if isinstance(v, dict)], how, at)
    elif isinstance(ours, list):
        yield from _lists(ours, [v for v in theirs if isinstance(v, list)], how, at)
    else:
        yield from _values(key, ours, theirs, how, at)


def _objects(ours: Any, theirs: list[Any], how: How, at: str) -> Iterator[str]:
    always = set.intersection(*(set(value) for value in theirs))
    ever = set.union(*(set(value) for value in theirs))
    if not how.loose:
        yield from (f"{at}.{key} is missing" for key in sorted(always - set(ours)))
    yield from (f"{at}.{key} is in no recording" for key in sorted(set(ours) - ever))
    for key in sorted(set(ours) & ever):
        yield from bodies(ours[key], [v[key] for v in theirs if key in v], how, f"{at}.{key}")


def _lists(ours: Any, theirs: list[Any], how: How, at: str) -> Iterator[str]:
    rows = [row for value in theirs for row in value]
    if not ours and all(theirs) and not how.loose:
        yield f"{at} is empty"
    if not ours or not rows:
        if ours and not how.loose:
            yield f"{at} is not empty"
        return
    always = set.intersection(*({_mark(row) for row in value} for value in theirs))
    missing = set() if how.loose else always - {_mark(row) for row in ours}
    yield from (f"{at} lacks its {mark}" for mark in sorted(missing))
    for row in ours:
        same = [other for other in rows if _mark(other) == _mark(row) and not how.loose]
        if not same and not how.loose:
            yield f"{at} has {_mark(row)}, which is in no recording"
        yield from bodies(row, same or rows, how, f"{at}[]")


def _mark(row: Any) -> str:
    """The mark that tells an element of a list from its neighbours. Empty if there is none."""
    if not isinstance(row, dict):
        return ""
    key = next((key for key in ONE_OF_A_KIND if isinstance(row.get(key), str)), None)
    if key is None or key == "name":
        return ""
    return f"{key} {row[key].partition('/')[0]}"


def _values(key: str, ours: Any, theirs: list[Any], how: How, at: str) -> Iterator[str]:
    mine = decimals(ours)
    if mine.endswith("0") and any(0 < len(decimals(v)) < _DOTNET for v in theirs):
        yield f"{at} has decimals that end in 0, which recorded ones never do"
    if not is_word(key, at, ours) or look(ours) not in ("a text", "an integer"):
        return
    allowed = {value for value in theirs if isinstance(value, type(ours))}
    if key in OF_THE_MOMENT or key in NUMBERS:
        allowed |= {v for v in how.words.get(key, set()) if type(v) is type(ours)}
    if ours not in allowed:
        yield f"{at} is {ours!r}, recorded {', '.join(sorted(map(str, allowed)))[:200]}"


def headers(
    ours: dict[str, str], same: list[dict[str, str]], other: list[dict[str, str]]
) -> Iterator[str]:
    """Compare headers with the recorded headers of the kind, in this family and in the other.

    Only recordings with all headers tell which headers are missing or were never sent.
    """
    whole = [each for each in same if "cache-control" in each]
    known = whole or [each for each in other if "cache-control" in each]
    if known:
        ever = set.union(*(set(each) for each in known + same)) | PER_MACHINE | EVERYWHERE
        yield from (f"header {name} is in no recording" for name in sorted(set(ours) - ever))
    if whole or same:
        always = set.intersection(*(set(each) for each in whole or same)) - PER_MACHINE
        yield from (f"header {name} is missing" for name in sorted(always - set(ours)))
    for name in SAME_VALUE:
        values = {each[name] for each in same if name in each}
        if name in ours and values and ours[name] not in values:
            yield f"header {name} is {ours[name]!r}, recorded {', '.join(sorted(values))}"


Linked = tuple[dict[str, str], str, str]
"""Headers, the api-version of the request, and its path."""


def links(ours: Linked, theirs: list[Linked]) -> Iterator[str]:
    """Compare the links of an accepted operation."""
    for name in LINKS:
        forms = {link(each[name], *asked) for each, *asked in theirs if name in each}
        mine = link(ours[0][name], *ours[1:]) if name in ours[0] else ""
        if mine and forms and mine not in forms:
            yield f"header {name} is {mine}, recorded {' or '.join(sorted(forms))}"


def numbers(ours: Any, known: dict[str, set[int]]) -> Iterator[str]:
    """Errors of a job whose number differs from the recorded number of their code."""
    for error in _errors(ours):
        code, number = error.get("errorTitle", ""), error.get("errorCode")
        if code in known and number not in known[code]:
            yield f"{code} has the number {number}, recorded {sorted(known[code])}"


def _errors(body: Any) -> list[dict[str, Any]]:
    found = body.get("properties", {}).get("errorDetails") if isinstance(body, dict) else None
    return found or []


def numbers_of(recorded: list[Any]) -> dict[str, set[int]]:
    """The recorded numbers of each code."""
    found: dict[str, set[int]] = {}
    for body in recorded:
        for error in _errors(body):
            if isinstance(error.get("errorCode"), int):
                found.setdefault(error.get("errorTitle", ""), set()).add(error["errorCode"])
    return found


def wording(ours: Any, theirs: list[Any]) -> Iterator[str]:
    """Compare the text of a refusal, without names, if recordings have such texts."""
    told = {_skeleton(text) for body in theirs if (text := _message(body))}
    mine = _skeleton(_message(ours))
    if told and mine not in told:
        yield f"the message is {mine!r}, recorded {' or '.join(sorted(told))!r}"


def _message(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("message") or "") if isinstance(error, dict) else ""


def _skeleton(text: str) -> str:
    for form, put in ((r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4,12}){4}", "ID"), (r"\d+", "0")):
        text = re.sub(form, put, text)
    return re.sub(r"\s+", " ", re.sub(r"'[^']*'", "'...'", text))
