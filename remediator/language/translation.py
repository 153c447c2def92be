"""Translate a sentence that already has its values in it.

Plans, records and reports are data: their sentences are English, on every machine and for ever. A
person reads them in the language asked for. So a sentence is compared with the patterns of the
catalogue, such as `lock {name} stays off`, and is told again with the same values.

A sentence that fits no pattern, such as one of Azure's, is shown as it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from remediator.language import catalogue_of, spoken

_VALUE: Final = re.compile(r"\{(\w+)\}")
_WORD: Final = re.compile(r"[A-Za-z]{2}")
"""A pattern without a word of its own, such as `{vault}: {why}`, would fit everything."""

_JOINTS: Final = {"; ": "；", ", and ": "，", ": ": "："}
"""What joins sentences to one text, and how Chinese joins them."""


def translated(text: str) -> str:
    """The text in the chosen language."""
    language = spoken()
    return text if language == "en" else _translated(text, language)


@lru_cache(maxsize=4096)
def _translated(text: str, language: str) -> str:
    if (found := _texts(language).get(text)) is not None:
        return found
    for pattern in _likely(text, language):
        if (match := _compiled(pattern.text).fullmatch(text)) is not None:
            return pattern.told(match, language)
    return _by_parts(text, language)


def _value(value: str, language: str) -> str:
    """A value inside of a sentence. A single word is left as it is: it may be a name."""
    return _translated(value, language) if " " in value else value


def _by_parts(text: str, language: str) -> str:
    """A text of several sentences, if at least one of them is known."""
    for joint, chinese in _JOINTS.items():
        parts = text.split(joint)
        if len(parts) > 1 and (told := [_value(part, language) for part in parts]) != parts:
            return chinese.join(told)
    return text


@cache
def _texts(language: str) -> dict[str, str]:
    catalogue = catalogue_of(language)
    return catalogue.texts if catalogue else {}


class _Pattern:
    """A sentence of the catalogue with places for values."""

    def __init__(self, text: str, translation: str) -> None:
        self.text = text
        self.translation = translation
        self.pieces = _VALUE.split(text)[::2]
        self.weight = sum(map(len, self.pieces))

    def told(self, match: re.Match[str], language: str) -> str:
        """The translation, with the values of a text that fits."""
        return _VALUE.sub(lambda place: _value(match[place[1]], language), self.translation)

    def may_fit(self, text: str) -> bool:
        """Whether a text has all pieces. This is quick, and excludes nearly all patterns."""
        return (
            text.startswith(self.pieces[0])
            and text.endswith(self.pieces[-1])
            and all(piece in text for piece in self.pieces)
        )


@cache
def _compiled(text: str) -> re.Pattern[str]:
    """A pattern as a regular expression. A value that occurs twice is the same both times."""
    made, seen = "", set[str]()
    for number, part in enumerate(_VALUE.split(text)):
        if number % 2 == 0:
            made += re.escape(part)
        else:
            made += f"(?P={part})" if part in seen else f"(?P<{part}>.*?)"
            seen.add(part)
    return re.compile(made, re.DOTALL)


def _likely(text: str, language: str) -> Iterator[_Pattern]:
    """The patterns that may fit, the one with the most words of its own first."""
    by_word = _index(language)
    found = [p for key in (_first_word(text), "") for p in by_word.get(key, ()) if p.may_fit(text)]
    yield from sorted(found, key=lambda pattern: -pattern.weight)


@cache
def _index(language: str) -> dict[str, list[_Pattern]]:
    """The patterns by their first word. Those that begin with a value have an empty one."""
    index: dict[str, list[_Pattern]] = defaultdict(list)
    for text, translation in _texts(language).items():
        if _VALUE.search(text) and _WORD.search(_VALUE.sub("", text)):
            pattern = _Pattern(text, translation)
            index[_first_word(pattern.pieces[0])].append(pattern)
    return index


def _first_word(text: str) -> str:
    word, space, _rest = text.partition(" ")
    return word if space else ""
