"""The form of a value: what two values with different names still have in common."""

import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SECOND = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_LOOKS = (
    (r"", "an empty text"),
    (_SECOND + r"\.\d+Z", "a time with decimals and Z"),
    (_SECOND + "Z", "a time with Z"),
    (_SECOND + r"\.\d+\+00:00", "a time with decimals and an offset"),
    (_SECOND + r"\+00:00", "a time with an offset"),
    (_SECOND, "a time without a zone"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M", "a time as Americans write it"),
    (r"P(\d+D)?T.*S", "a duration"),
    (_GUID, "a GUID"),
    (r"True|False", "a boolean in words"),
)
_DECIMALS = re.compile(_SECOND + r"\.(\d+)(Z|\+00:00)?")

_PARTS = re.compile(
    r"(iaasvmcontainer|iaasvmcontainerv2|vm|storagecontainer|storage)", re.IGNORECASE
)


def look(value: Any) -> str:
    """The form of a value, without the names in it."""
    if isinstance(value, str):
        return _look_of_text(value)
    if value is None:
        return "nothing"
    names = {dict: "an object", list: "a list", bool: "a boolean", int: "an integer"}
    return names.get(type(value), "a number")


@cache
def _look_of_text(text: str) -> str:
    for form, said in _LOOKS:
        if re.fullmatch(form, text):
            return said
    if re.match(r"/subscriptions/|/\(as asked\)/|/.*/providers/", text, re.IGNORECASE):
        return f"an id {template(text)}"
    if text.startswith(("https://", "http://")):
        path = urlsplit(text).path
        return f"a link {template(path)}" if "/providers/" in path else "a link"
    if re.match(r"[A-Za-z]+;.*;", text):
        return f"a name {_parted(text)}"
    return "a text"


ECHO = "(as asked)"


def as_asked(body: Any, path: str) -> Any:
    """A body whose ids mark what echoes the request: `/(as asked)/*/(as asked)/*/providers/...`.

    Azure repeats `subscriptions` and `resourceGroups` in the casing of the request's path. So two
    answers are alike if both echo, no matter how the two clients wrote the path.
    """
    if isinstance(body, dict):
        return {key: as_asked(value, path) for key, value in body.items()}
    if isinstance(body, list):
        return [as_asked(value, path) for value in body]
    return _echoed(body, path) if isinstance(body, str) else body


def _echoed(text: str, path: str) -> str:
    mine, asked = text.split("/"), path.split("/")
    if not re.match(r"/subscriptions/", text, re.IGNORECASE):
        return text
    for place in (1, 3):
        if mine[place : place + 1] == asked[place : place + 1]:
            mine[place] = ECHO
    return "/".join(mine)


def readings(text: str, path: str) -> list[str]:
    """All readings of an id that echoes `path`: each echo stays, or becomes the path's word."""
    found = [text]
    for place in (1, 3):
        for each in list(found):
            parts = each.split("/")
            if parts[place : place + 1] == [ECHO]:
                parts[place] = path.split("/")[place]
                found.append("/".join(parts))
    return found


def decimals(value: Any) -> str:
    """The decimals of the seconds in a time. Empty if there are none."""
    found = _DECIMALS.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""


def template(path: str) -> str:
    """An id or path with stars instead of names. The words keep their casing.

    Words and names take turns. The name of the provider after `providers` is a word, too.
    """
    out: list[str] = []
    holder = ""
    for number, segment in enumerate(path.split("/")):
        named = number > 0 and number % 2 == 0 and holder.lower() != "providers"
        parts = ";" in segment
        out.append(_parted(unquote(segment)) if parts else "*" if named else segment)
        holder = segment
    return "/".join(out)


def _parted(name: str) -> str:
    """A name of several parts, such as `VM;iaasvmcontainerv2;group;vm`, with stars for names."""
    return ";".join(part if _PARTS.fullmatch(part) else "*" for part in name.split(";"))


def link(url: str, asked: str, path: str) -> str:
    """A link in a header: its path as a template, and the terms of its query.

    The api-version is `(as asked)` if it is the one of the request. Otherwise it is shown.
    """
    split = urlsplit(url)
    terms = []
    for name, value in parse_qsl(split.query, keep_blank_values=True):
        version = "(as asked)" if value == asked else value
        terms.append(f"{name}={version}" if name == "api-version" else name)
    return f"{template(_echoed(unquote(split.path), path))}?{'&'.join(terms)}"
