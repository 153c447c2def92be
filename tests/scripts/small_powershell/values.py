"""The values of the small PowerShell, and how they become texts, numbers and truth."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import tree_sitter


class PowerShellError(Exception):
    """An error that a script can catch."""

    def __init__(self, message: str, identity: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.identity = identity
        self.place = ""


class Nothing:
    """The output of a command that put nothing out. In an expression it is like $null."""

    def __bool__(self) -> bool:
        return False


NOTHING: Final = Nothing()


class Hash:
    """A hashtable: it does not mind the case of a key."""

    def __init__(self, content: Mapping[Any, Any] | None = None) -> None:
        self._content: dict[Any, tuple[Any, Any]] = {}
        for key, value in (content or {}).items():
            self.set(key, value)

    def set(self, key: Any, value: Any) -> None:
        """Set a value. The key keeps the case that it had first."""
        place = lower(key)
        first = self._content.get(place, (key, None))[0]
        self._content[place] = (first, value)

    def get(self, key: Any) -> Any:
        """The value. None when the key is not there."""
        return self._content.get(lower(key), (None, None))[1]

    def has(self, key: Any) -> bool:
        """Whether the key is there."""
        return lower(key) in self._content

    def remove(self, key: Any) -> None:
        """Remove the key, if it is there."""
        self._content.pop(lower(key), None)

    def keys(self) -> list[Any]:
        """The keys, in their order."""
        return [key for key, _ in self._content.values()]

    def values(self) -> list[Any]:
        """The values, in the order of their keys."""
        return [value for _, value in self._content.values()]


class ArrayList(list[Any]):
    """A list that can grow. A pipeline takes it apart too."""


class Bytes(list[int]):
    """An array of bytes."""


class CustomObject:
    """A [pscustomobject]: its properties are fixed."""

    def __init__(self, properties: Hash) -> None:
        self.properties = properties


class TypeName:
    """A type, as the text between its brackets."""

    def __init__(self, name: str) -> None:
        self.name = name


class Block:
    """A block of code that is a value."""

    def __init__(self, node: tree_sitter.Node) -> None:
        self.node = node


class Record:
    """What $_ is in a `catch`. The names are those of PowerShell."""

    def __init__(self, error: PowerShellError) -> None:
        self.error = error
        self.Exception = Told(error.message)
        self.FullyQualifiedErrorId = error.identity
        self.ScriptStackTrace = error.place

    def __str__(self) -> str:
        return self.error.message


class Told:
    """The exception in a record."""

    def __init__(self, message: str) -> None:
        self.Message = message


def lower(key: Any) -> Any:
    """The key as hashtables compare it."""
    return key.lower() if isinstance(key, str) else key


def plain(value: Any) -> Any:
    """The value, with None for nothing."""
    return None if value is NOTHING else value


def items(value: Any) -> list[Any]:
    """The parts into which a pipeline takes a value apart."""
    if value is NOTHING:
        return []
    return list(value) if isinstance(value, list) else [value]


def together(output: list[Any]) -> Any:
    """The value of an output: nothing, one value, or a list."""
    if not output:
        return NOTHING
    return output[0] if len(output) == 1 else list(output)


def text(value: Any) -> str:
    """The value as a text."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(text(each) for each in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.name if isinstance(value, TypeName) else str(value)


def truth(value: Any) -> bool:
    """The value as a condition sees it."""
    value = plain(value)
    if isinstance(value, list):
        return len(value) > 1 or (len(value) == 1 and truth(value[0]))
    return bool(value)


def number(value: Any) -> Any:
    """The value as a number."""
    value = plain(value)
    if value is None:
        return 0
    if isinstance(value, str):
        return int(value, 0) if value.strip() else 0
    return int(value) if isinstance(value, bool) else value


def equal(left: Any, right: Any, *, case: bool = False) -> bool:
    """Whether -eq holds: the left value says how both are compared."""
    left, right = plain(left), plain(right)
    if isinstance(left, str):
        if right is None:
            return False
        return left == text(right) if case else left.lower() == text(right).lower()
    if isinstance(left, bool):
        return left == truth(right)
    if isinstance(left, int | float):
        if isinstance(right, str):
            return right.strip().lstrip("-").isdigit() and left == int(right)
        return isinstance(right, int | float) and left == right
    if isinstance(left, TypeName) and isinstance(right, TypeName):
        return left.name == right.name
    return left is right


def like(value: str, pattern: str) -> bool:
    """Whether -like holds. Sets in brackets are not known."""
    assert "[" not in pattern, pattern
    words = {"*": ".*", "?": "."}
    found = "".join(words.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(found, value, re.IGNORECASE | re.DOTALL) is not None


def contains(value: Any, wanted: Any) -> bool:
    """Whether -contains holds."""
    return any(equal(each, wanted) for each in items(value))


def unique(values: Iterable[Any]) -> list[Any]:
    """Sorted values, each once."""
    result: list[Any] = []
    for each in values:
        if not result or not equal(result[-1], each):
            result.append(each)
    return result
