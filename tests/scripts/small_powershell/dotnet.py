"""The few types of .NET that the scripts and the pretended Windows really use. Names are .NET's."""

# ruff: noqa: N802 - the methods have the names that the scripts call
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.scripts.small_powershell.values import (
    NOTHING,
    ArrayList,
    Bytes,
    Hash,
    PowerShellError,
    TypeName,
    text,
)


class Group:
    """A group of a match of a regular expression, or the whole match."""

    def __init__(self, match: re.Match[str] | None, place: int) -> None:
        there = match is not None and match.group(place) is not None
        self.Success = there
        self.Value = match.group(place) if match is not None and there else ""
        self.Index = match.start(place) if match is not None and there else 0
        self.Length = len(self.Value)


class Match(Group):
    """A match of a regular expression."""

    def __init__(self, match: re.Match[str] | None) -> None:
        super().__init__(match, 0)
        self.Groups = [Group(match, n) for n in range((match.re.groups if match else 9) + 1)]


class ProcessStartInfo:
    """What a program is started with. A property takes any value."""

    FileName = ""
    Arguments = ""


class Ascii:
    """An encoding."""

    def GetBytes(self, value: str) -> Bytes:
        return Bytes(value.encode("ascii"))

    def GetString(self, value: list[int]) -> str:
        return bytes(value).decode("ascii")


class Stopwatch:
    """A clock that stands still: no case depends on time."""

    class Elapsed:
        TotalSeconds = 1


ENUMERATIONS: Final[dict[str, dict[str, int]]] = {
    "microsoft.win32.registryvalueoptions": {"donotexpandenvironmentnames": 1},
    "microsoft.win32.registryvaluekind": {"string": 1, "expandstring": 2, "dword": 4},
    "system.io.fileattributes": {"directory": 16, "reparsepoint": 1024},
    "system.security.accesscontrol.propagationflags": {"none": 0, "inheritonly": 2},
    "system.security.accesscontrol.filesystemrights": {
        "read": 131209, "write": 278, "fullcontrol": 2032127,
    },
    "system.security.cryptography.x509certificates.openflags": {"readwrite": 1},
    "system.security.cryptography.x509certificates.x509contenttype": {"cert": 1},
}  # fmt: skip


def enumerated(name: str, value: Any) -> Any:
    """The number of a value of an enumeration; several words are joined."""
    if not isinstance(value, str):
        return value
    result = 0
    for word in value.split(","):
        result |= ENUMERATIONS[name][word.strip().lower()]
    return result


def _write(path: str, content: str) -> Any:
    Path(path).write_text(content, "utf-8")
    return NOTHING


VALUES: Final[dict[tuple[str, str], Callable[[], Any]]] = {
    ("datetime", "now"): lambda: datetime.now(UTC),
    ("datetime", "utcnow"): lambda: datetime.now(UTC),
    ("globalization.cultureinfo", "invariantculture"): lambda: None,
    ("system.text.encoding", "ascii"): Ascii,
}
"""The static properties."""
METHODS: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("bitconverter", "toint32"): lambda b, i: int.from_bytes(bytes(b[i : i + 4]), "little"),
    ("bitconverter", "touint16"): lambda b, i: int.from_bytes(bytes(b[i : i + 2]), "little"),
    ("exception", "new"): lambda message: message,
    ("math", "floor"): lambda value: float(math.floor(value)),
    ("math", "min"): min,
    ("regex", "match"): lambda value, pattern: Match(re.search(pattern, value)),
    ("regex", "matches"): lambda value, pattern: [Match(m) for m in re.finditer(pattern, value)],
    ("regex", "split"): lambda value, pattern: re.split(pattern, value),
    ("system.collections.arraylist", "new"): ArrayList,
    ("system.diagnostics.stopwatch", "startnew"): Stopwatch,
    ("system.io.file", "readalltext"): lambda path: Path(path).read_text("utf-8"),
    ("system.io.file", "writealltext"): _write,
    ("system.io.path", "combine"): lambda folder, name: f"{folder}/{name}",
    ("system.management.automation.errorrecord", "new"): (
        lambda message, identity, _category, _target: PowerShellError(message, identity)
    ),
    ("timespan", "fromminutes"): lambda value: value,
    ("timespan", "fromseconds"): lambda value: value,
}
"""The static methods."""


def of_text(value: str, name: str, arguments: list[Any]) -> Any:
    """A method of a text."""
    if name == "substring":
        start, length = arguments[0], (arguments[1] if len(arguments) > 1 else None)
        end = len(value) if length is None else start + length
        if not 0 <= start <= end <= len(value):
            raise PowerShellError("Index and length must refer to a location within the string.")
        return value[start:end]
    known: dict[str, Callable[[], Any]] = {
        "contains": lambda: arguments[0] in value,
        "gettype": lambda: TypeName("String"),
        "replace": lambda: value.replace(arguments[0], text(arguments[1])),
        "split": lambda: value.split(arguments[0]),
        "tolowerinvariant": value.lower,
        "trim": lambda: value.strip("".join(arguments) or None),
        "trimend": lambda: value.rstrip("".join(arguments) or None),
    }
    return known[name]()


def of_list(value: list[Any], name: str, arguments: list[Any]) -> Any:
    """A method of a list that can grow."""
    if name == "add":
        value.append(arguments[0])
        return len(value) - 1
    if name == "toarray":
        return list(value)
    if name == "clear":
        value.clear()
    elif name == "removeat":
        del value[arguments[0]]
    elif name == "remove":
        place = next((n for n, each in enumerate(value) if each is arguments[0]), None)
        if place is not None:
            del value[place]
    else:
        raise KeyError(name)
    return NOTHING


def of_hash(value: Hash, name: str, arguments: list[Any]) -> Any:
    """A method of a hashtable."""
    if name == "containskey":
        return value.has(arguments[0])
    if name == "clone":
        return Hash({key: value.get(key) for key in value.keys()})  # noqa: SIM118
    if name == "remove":
        value.remove(arguments[0])
        return NOTHING
    raise KeyError(name)


def of_time(value: datetime, name: str, arguments: list[Any]) -> Any:
    """A method of a time."""
    if name.startswith("add"):
        return value + timedelta(**{name.removeprefix("add"): arguments[0]})
    if name == "tostring":
        return value.strftime("%Y%m%dT%H%M%SZ")
    raise KeyError(name)
