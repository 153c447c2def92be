"""The kinds of answers, and the names of the places in them."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

EACH = "[]"
"""In a path: any element of a list."""

HEADER = "header"
"""The first part of a header's path."""

ANY = "any answer"
"""The kind for parts of all answers: most headers."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """A place in all answers of one kind."""

    kind: str
    path: Path

    def __str__(self) -> str:
        return f"{self.kind}: {shown(self.path)}"


def shown(path: Path) -> str:
    """A path in its written form: `value[].properties.status`."""
    told = ""
    for part in path:
        if part == EACH:
            told += EACH
        elif part.replace("$", "").replace("-", "").isalnum():
            told += f".{part}" if told else part
        else:
            told += f"[{part!r}]"
    return told


def kind_of(method: str, url: str, status: int) -> str:
    """The kind of an answer: its request without any name, and whether it is an error.

    `GET /subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/web` becomes
    `GET Microsoft.Compute/virtualMachines/{}`.
    """
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
    lower = [part.lower() for part in parts]
    if "providers" in lower[:-1]:
        at = len(lower) - 1 - lower[::-1].index("providers")
        if at + 1 < len(parts):
            return _told(method, status, [parts[at + 1]], parts[at + 2 :])
    return _told(method, status, [], parts)


def _told(method: str, status: int, told: list[str], parts: list[str]) -> str:
    """The kind from parts that are types and names in turn. `{}` stands for a name at the end."""
    types = [part for number, part in enumerate(parts) if number % 2 == 0]
    if len(types) > 1 and types[0].lower() == "subscriptions":
        types = types[1:]
    named = ["{}"] if parts and len(parts) % 2 == 0 else []
    error = " (error)" if status >= 400 else ""
    return f"{method} {'/'.join([*told, *types, *named])}{error}"
