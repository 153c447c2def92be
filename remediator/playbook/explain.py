"""Explains a code or a text, offline and from the index alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from remediator.errors import closest
from remediator.job.dictionary import Found, key
from remediator.job.index import Row
from remediator.job.wording import legible
from remediator.playbook.catalogue import Catalogue

_WORD = re.compile(r"[A-Za-z0-9]{4,}")
_BLANK = re.compile(r"[\s_-]+")
_MOST: Final = 50
"""More words than this are a text, not codes."""
_CAPITALS: Final = 3
"""Fewer capitals than this can be a heading: "Internal Error"."""
_LIKE: Final = 0.7
"""How similar a word must be to a code to count as a misspelling. 1 means equal."""


class By(StrEnum):
    """How a code was found."""

    CODE = "code"
    INNER = "inner"
    MENTIONED = "mentioned"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Explained:
    """A code, how it was found, and the playbook that is keyed by it."""

    code: str
    by: By
    playbook: Row


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer: the codes that are meant, or similar ones."""

    asked: str
    found: tuple[Explained, ...]
    """More than one when several codes were asked for, or several playbooks fit a text."""
    nearest: tuple[str, ...]
    """Codes of similar spelling, filled when nothing was found."""


def explain(asked: str, catalogue: Catalogue) -> Explanation:
    """Look up codes, or a text that tells a failure.

    A text is searched like a job's error: first the errors inside it, then the codes that it
    mentions, then known messages. A catch-all counts only if nothing leads further, and of several
    catch-alls the narrowest.
    """
    read = legible(asked)
    found = tuple(_codes(read, catalogue)) or _spaced(read, catalogue) or _in_text(asked, catalogue)
    return Explanation(asked, found, () if found else tuple(_nearest(read, catalogue)))


def _codes(asked: str, catalogue: Catalogue) -> Iterator[Explained]:
    """The entry of each word, if all words are codes."""
    words = dict.fromkeys(word.strip(",;") for word in asked.split()[:_MOST])
    entries = [catalogue.dictionary.entry(word) for word in words]
    if len(asked.split()) > _MOST or None in entries:
        return
    for entry in entries:
        if entry and (row := catalogue.row(entry.code)):
            yield Explained(entry.code, By.CODE, row)


def _spaced(asked: str, catalogue: Catalogue) -> tuple[Explained, ...]:
    """The entry of a code that was cut into words, such as "User Error Fs Freeze Failed".

    A sentence can have the same letters: "Resource not found". It has fewer capitals.
    """
    words = _BLANK.split(asked.strip(" .,;"))
    code = "".join(words)
    capitals = sum(letter.isupper() for letter in code)
    if not 1 < len(words) <= _MOST or not (
        capitals >= max(len(words), _CAPITALS) or key(code).startswith("usererror")
    ):
        return ()
    entry = None if code.isdecimal() else catalogue.dictionary.entry(code)
    row = catalogue.row(entry.code) if entry and not entry.ours else None
    return (Explained(entry.code, By.CODE, row),) if entry and row else ()


def _in_text(asked: str, catalogue: Catalogue) -> tuple[Explained, ...]:
    fallback: tuple[Found, By] | None = None
    for by, found in (
        (By.INNER, catalogue.inner_codes(asked)),
        (By.MENTIONED, catalogue.mentioned_codes(asked, frozenset())),
        (By.TEXT, catalogue.messages(asked, frozenset())),
    ):
        specific = tuple(_by_playbook((f for f in found if not f.entry.triage), by, catalogue))
        if specific:
            return specific
        for one in found:
            if one.entry.counts_inside(fallback[0].entry if fallback else None):
                fallback = one, by
    if fallback is None:
        return ()
    catch_all, by = fallback
    return tuple(_by_playbook(iter((catch_all,)), by, catalogue))


def _by_playbook(found: Iterator[Found], by: By, catalogue: Catalogue) -> Iterator[Explained]:
    """One entry per playbook, with the code that was found first."""
    told = set()
    for one in found:
        row = catalogue.row(one.entry.code)
        if row is not None and row.name not in told:
            told.add(row.name)
            yield Explained(one.entry.code, by, row)


def _nearest(asked: str, catalogue: Catalogue) -> Iterator[str]:
    """Codes that are spelt like one of the words, the most similar first."""
    codes = {key(code): code for row in catalogue.rows for code in row.codes}
    told = set()
    for word in dict.fromkeys(_WORD.findall(asked[:1000])[:10]):
        for near in closest(key(word), codes, most=3, like=_LIKE):
            if near not in told:
                told.add(near)
                yield codes[near]
