"""Replacements for names, GUIDs and addresses. Each value has the same replacement everywhere."""

import re
from collections import Counter
from typing import Final

from remediator.recording.vocabulary import KNOWN_ADDRESSES, KNOWN_GUIDS, REGIONS, WORDS

GUID: Final = re.compile(
    r"(?i)(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"
)
_BACKUP_GROUP: Final = re.compile(r"(?i)(AzureBackupRG_)([a-z0-9]+)(_\d+)")
_COLLECTION: Final = re.compile(r"(?i)(AzureBackup_)(.+)(_\d+)")
_POINT: Final = re.compile(r"(?i)AzureBackup_\d{8}_\d{6}")
_SHORTEST: Final = 3
"""Shorter names are not searched in sentences: a name of two letters is part of many words."""
_LONG: Final = 8
"""A name of at least this length is also searched inside of other words."""
_WEAK: Final = frozenset({"name", "value", "text", "id"})
"""Kinds of texts that may not even be names."""


class Names:
    """Keeps the replacement of each value.

    The casing stays, because Azure's answers differ in it: a name in upper case gets a replacement
    in upper case. `Web` and `WEB` get the same name.
    """

    def __init__(self, texts: str) -> None:
        """Start with no replacement.

        Args:
            texts: all texts that will be scrubbed. A replacement never is a text that they contain.
        """
        low = texts.lower()
        self._taken = frozenset(re.findall(r"[a-z]+\d+", low)) | frozenset(GUID.findall(low))
        self._found: dict[str, str] = {}
        self._guids: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._count: Counter[str] = Counter()
        self._sure: set[str] = set()
        self._words: set[str] = set()
        self._sweep: re.Pattern[str] | None = None

    def learn_word(self, word: str) -> None:
        """Treat a text as a word of the API from now on, such as the type of an extension."""
        self._words.add(word.lower())

    def is_word(self, text: str) -> bool:
        """Whether a text is a word of the API."""
        low = text.lower()
        return low in WORDS or low in REGIONS or low in self._words

    def knows(self, text: str) -> bool:
        """Whether a text is known to be a name, for example because it stood in an id."""
        return text.lower() in self._sure

    def of(self, kind: str, name: str) -> str:
        """The replacement of a name. A new name is called by its `kind`.

        Names that Azure Backup makes keep Azure's part of them: its own groups, its collections,
        its points.
        """
        if not name or self.is_word(name) or _POINT.fullmatch(name):
            return name
        if GUID.fullmatch(name):
            return self.guid(name)
        if group := _BACKUP_GROUP.fullmatch(name):
            return f"{group[1]}{self.of('region', group[2])}{group[3]}"
        if collection := _COLLECTION.fullmatch(name):
            return f"{collection[1]}{self.of('vm', collection[2])}{collection[3]}"
        key = name.lower()
        if key not in self._found:
            self._found[key] = self._new(kind)
        if kind not in _WEAK:
            self._sure.add(key)
        return self._cased(self._found[key], name)

    def group(self, name: str, prefixes: tuple[str, ...] = ()) -> str:
        """The replacement of a resource group's name. The name may begin with a policy's prefix."""
        for prefix in prefixes:
            rest = name[len(prefix) :]
            if name.lower().startswith(prefix.lower()) and rest[:1].isdigit():
                number = re.match(r"\d+", rest)
                end = rest[number.end() :] if number else ""
                tail = self.of("suffix", end) if end else ""
                return f"{self.of('prefix', prefix)}{number[0] if number else ''}{tail}"
        return self.of("group", name)

    def guid(self, guid: str) -> str:
        """The replacement of a GUID. It has the same version and variant."""
        key = guid.lower()
        if key in KNOWN_GUIDS:
            return guid
        if key not in self._guids:
            while True:
                self._count["guid"] += 1
                number = self._count["guid"]
                new = f"00000000-0000-{key[14]}000-{key[19]}000-{number:012d}"
                if new not in self._taken and new not in KNOWN_GUIDS:
                    break
            self._guids[key] = new
        new = self._guids[key]
        return new.upper() if guid.upper() == guid and guid.lower() != guid else new

    def address(self, address: str) -> str:
        """The replacement of an IP address, from the ranges that belong to nobody."""
        key = address.lower()
        if key in KNOWN_ADDRESSES or key in ("::", "::1"):
            return address
        if key not in self._addresses:
            self._count["address"] += 1
            number = self._count["address"]
            self._addresses[key] = (
                f"2001:db8::{number:x}" if ":" in key else f"198.18.{number // 250}.{number % 250}"
            )
        return self._addresses[key]

    def prepare(self) -> None:
        """Prepare to find all names so far in sentences."""
        wanted = sorted(
            (n for n in self._found if len(n) >= _SHORTEST and not self.is_word(n)),
            key=len,
            reverse=True,
        )
        self._sweep = re.compile("|".join(map(_inside, wanted)), re.IGNORECASE) if wanted else None

    def places(self, text: str) -> list[tuple[int, int, str]]:
        """The places of known names in a text, in order: start, end and replacement of each."""
        if self._sweep is None:
            return []
        return [(m.start(), m.end(), self.of("name", m[0])) for m in self._sweep.finditer(text)]

    def _new(self, kind: str) -> str:
        while True:
            self._count[kind] += 1
            new = f"{kind}{self._count[kind]}"
            if new not in self._taken:
                return new

    def _cased(self, new: str, name: str) -> str:
        """A replacement in the casing of the name that it replaces."""
        if name.upper() == name and name.lower() != name:
            return new.upper()
        return new if name.lower() == name else new.capitalize()


def _inside(name: str) -> str:
    plain = re.escape(name)
    return plain if len(name) >= _LONG else rf"(?<![^\W_]){plain}(?![^\W_])"
