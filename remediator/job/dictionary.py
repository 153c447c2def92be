"""The dictionary: the known codes and messages of Azure Backup, and the search for them in a text.

It knows nothing of jobs, and nothing of what a playbook does.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

from remediator.job.wording import LONGEST, folded, legible, respelt, sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """One code that a playbook is keyed by."""

    code: str
    """As the playbook spells it."""
    playbook: str
    """The playbook's name. Two entries with the same playbook lead to the same remedy."""
    triage: bool = False
    """Whether this code is a catch-all. If an inner cause is known, the inner cause counts."""
    ours: bool = False
    """Whether the name is ours. Azure sends the message without a code."""
    number: int | None = None
    """Azure's number for the code. An alert, or PowerShell's list of jobs, may show only the
    number."""
    narrows: tuple[str, ...] = ()
    """The playbooks of catch-alls that say less than this catch-all."""

    def counts_inside(self, other: "Entry | None") -> bool:
        """Whether this catch-all is the cause to treat where another catch-all is the outer one."""
        return other is None or other.playbook in self.narrows


@dataclass(frozen=True, slots=True)
class Message:
    """A known message, in its comparable form."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Found:
    """A known code, and the part of the text by which it was found."""

    entry: Entry
    by: str


class Known(Protocol):
    """The questions that the classification asks."""

    def entry(self, code: str) -> Entry | None:
        """The entry of a code, in any casing, or of its number."""

    def inner_codes(self, text: str) -> tuple[Found, ...]:
        """Known codes that are the `code` of an error in a JSON body inside the text."""

    def mentioned_codes(self, text: str, names: frozenset[str]) -> tuple[Found, ...]:
        """Known codes that stand in the text as a word."""

    def messages(self, text: str, names: frozenset[str]) -> tuple[Found, ...]:
        """Known messages that are the text or part of it, the longest first."""


SHARED: Final = frozenset(("operationnotallowed",))
"""Codes that many different errors of Compute share, such as throttling. Only their text counts."""

# The name of a code may be part of an id or an address. It does not count there.
_PLACES = re.compile(r"(?:https?:/)?/[^\s\"'<>，。]+")
# A code is a word with a capital inside: the word "beyond" does not mean the code "Beyond". Some
# codes have a hyphen, which counts: Pre-ScriptTimeout.
_WORD = re.compile(
    r"(?<![A-Za-z0-9_./-])[A-Za-z](?=[a-z0-9-]*[A-Z])(?=[A-Za-z0-9-]{5})"
    r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?!\.?[A-Za-z0-9_/-])"
)
# Many things have numbers. A number counts only right after a word for an error or a code.
# PowerShell's lists put blanks between a name and its value.
_NUMBER = re.compile(
    r"(?:error|code|错误|錯誤|代码|代碼|错误码|錯誤碼)\s{0,24}\W{0,4}([0-9]{5,7})(?![0-9])",
    re.IGNORECASE,
)
_CODE_KEYS = frozenset(("code", "errorcode"))
_BODIES, _DEPTH = 32, 6


def key(code: str) -> str:
    """The key for looking up a code.

    It ignores casing, invisible characters and the service's misspellings. For example, until 2023
    some codes were spelt with three p.
    """
    return respelt(legible(code).strip().casefold())


class Dictionary:
    """The codes and messages of some playbooks.

    An earlier entry of a code wins over a later one.
    """

    def __init__(self, entries: Iterable[Entry] = (), messages: Iterable[Message] = ()) -> None:
        self._entries: dict[str, Entry] = {}
        self._numbers: dict[str, str] = {}
        for entry in entries:
            self._entries.setdefault(key(entry.code), entry)
            if entry.number is not None:
                self._numbers.setdefault(str(entry.number), key(entry.code))
        self._messages = tuple(messages)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for known in self._messages for word in known.text.split())

    def entry(self, code: str) -> Entry | None:
        """The entry of a code, in any casing, or of its number.

        A number leads to the playbook that is keyed by its code. That may be a user's playbook
        which does not name the number.
        """
        wanted = key(code)
        return self._entries.get(wanted) or self._entries.get(self._numbers.get(wanted, ""))

    @property
    def codes(self) -> Mapping[str, Entry]:
        """Every entry, by the key of its code."""
        return self._entries

    def inner_codes(self, text: str) -> tuple[Found, ...]:
        """Known codes that are the `code` of an error in a JSON body inside the text."""
        said = text[:LONGEST]
        # Quotes that a page has escaped are the body's own, or stand inside one of its texts.
        told = dict.fromkeys((said, legible(said)))
        return tuple(self._known(code for form in told for code in _codes_in_bodies(form, _DEPTH)))

    def mentioned_codes(self, text: str, names: frozenset[str]) -> tuple[Found, ...]:
        """Known codes that stand in the text as a word."""
        bare = _PLACES.sub(" ", legible(text[:LONGEST]))
        words = (w for w in _WORD.findall(bare) if w.casefold() not in names)
        return tuple(self._known((*words, *_NUMBER.findall(bare))))

    def messages(self, text: str, names: frozenset[str]) -> tuple[Found, ...]:
        """Known messages that are the text or part of it, the longest first.

        A message inside a longer known message is left out. For example, "for snapshot status" does
        not count in "for snapshot status - Snapshot VM sub task timed out".
        """
        if not text.strip():
            return ()
        own = frozenset(folded(name) for name in names) - self._words
        said = sentence(text, self._words, own)
        spans = sorted(
            (
                (start, end, known)
                for known in self._messages
                for start, end in said.find(known.text)
            ),
            key=lambda found: found[0] - found[1],
        )
        kept: list[tuple[int, int, Message]] = []
        for start, end, known in spans:
            inside = any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in kept)
            if not inside:
                kept.append((start, end, known))
        found: dict[str, Found] = {}
        for *_, known in kept:
            if entry := self.entry(known.code):
                found.setdefault(key(entry.code), Found(entry, known.text))
        return tuple(found.values())

    def _known(self, codes: Iterable[str]) -> Iterator[Found]:
        told: set[str] = set()
        for code in codes:
            entry = self.entry(code)
            if entry and not entry.ours and key(entry.code) not in SHARED | told:
                told.add(key(entry.code))
                yield Found(entry, code)


def _codes_in_bodies(text: str, depth: int) -> Iterator[str]:
    """The codes of the JSON bodies in a text. Texts inside such a body are searched too."""
    at = text.find("{")
    for _ in range(_BODIES):
        if at < 0 or not depth:
            return
        try:
            body, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield from _codes_in(body, depth)
        at = text.find("{", end)


def _codes_in(body: Any, depth: int) -> Iterator[str]:
    layer = [body]
    for _ in range(_DEPTH):
        below: list[Any] = []
        for node in layer:
            match node:
                case dict():
                    for name, value in node.items():
                        if name.casefold() in _CODE_KEYS and isinstance(value, str | int):
                            yield str(value)
                        else:
                            below.append(value)
                case list():
                    below += node
                case str():
                    yield from _codes_in_bodies(node, depth - 1)
        layer = below
