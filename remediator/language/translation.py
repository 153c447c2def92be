"""Translate a sentence that already has its values in it.

Plans, records and reports are data: their sentences are English, on every machine and for ever. A
person reads them in the language asked for. So a sentence is compared with the patterns of the
catalogue, such as `lock {name} stays off`, and is told again with the same values.

A sentence that fits no pattern, such as one of Azure's, is shown as it is.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from remediator.language import _, catalogue_of, spoken
from remediator.language.states import NAMES, PREFIXES

_VALUE: Final = re.compile(r"\{(\w+)\}")
_WORD: Final = re.compile(r"[A-Za-z]{2}")
"""A pattern without a word of its own, such as `{vault}: {why}`, would fit everything."""

_FOREIGN: Final = ("message", "policy", "policies", "tags")
"""The names of values that are others' own sentences, or names that look like sentences."""

_SURE: Final = 7
"""So many letters of its own make a pattern certain. `{name} of {start}` fits many sentences."""

_PROSE: Final = re.compile(r"(?<![\w/.-])[A-Za-z']+ [a-z']+(?![\w/-])")
"""English words side by side. A value of ours has none left, an unknown sentence has."""

_ENGLISH: Final = re.compile(r"[A-Za-z']+(?: [A-Za-z']+)+")
_WORDS: Final = re.compile(r"[a-z']*")
_BEGINS: Final = re.compile("[\u3000-\u9fff\uff00-\uffef]")
_ENDS: Final = re.compile("[\u3000-\u9fff\uff00-\uffef]$")
_COMMAND: Final = re.compile(r"(?<![\w/.-])(?:az|remediate) [a-z-]")
"""The beginning of a command. A person copies it, so nothing in it is ever told in other words."""

_MOST_JOINTS: Final = 24
"""A text with more joints is parted no further. Azure's texts may be long, and hostile ones too."""

_DEEPEST: Final = 40
"""How many sentences may stand inside of each other. What lies deeper is shown as it is."""

_END: Final = re.compile(r"(.*\S) \[([^\[\]]+)\]", re.DOTALL)
"""A text with a remark at its end, such as `[correlation id …]`."""

_PROOF: Final = re.compile(r"(.*\)) \(([^()]+)\)", re.DOTALL)
"""A text with a second pair of parentheses at its end."""

_JOINT: Final = re.compile(r"^(?:\{\w+\})?[;,:] (?:and )?")
"""The beginning of a part that is put behind a sentence, whole or as a value."""

_JOINT_TOLD: Final = re.compile(r"^(?:\{\w+\})?[；，：]+")

_TAIL: Final = "; "
"""The beginning of what may be put behind a sentence, such as advice."""

_TAILS: Final = (_TAIL, ", and ", ", so ")
"""The joints before what is surely put behind a sentence. A list has the others too."""

_JOINTS: Final = {
    "; ": "{}；{}",
    ": ": "{}：{}",
    ", and ": "{}，{}",
    ", so ": "{}，{}",
    ", ": "{}，{}",
}
"""What joins two sentences, and how Chinese joins them. What parts the most comes first."""


def translated(text: str) -> str:
    """The text in the chosen language."""
    language = spoken()
    return text if language == "en" else _translated(text, language, _DEEPEST)


def filled(text: str, values: Mapping[str, object]) -> str:
    """A text of the catalogue in the chosen language, with its values put in.

    A value that is a sentence of ours is told in that language too.
    """
    told = {
        name: translated(value) if isinstance(value, str) and " " in value else value
        for name, value in values.items()
    }
    return _(text).format_map(told)


@lru_cache(maxsize=4096)
def _translated(text: str, language: str, deep: int) -> str:
    """The text in a language. `deep`: how many sentences may still stand inside of each other."""
    if (found := _texts(language).get(text)) is not None:
        return found
    if deep == 0 or _COMMAND.match(text):
        return text
    likely = _likely(text, language)
    for pattern in likely:
        if pattern.sure and (told := pattern.told(text, language, deep - 1)) is not None:
            if pattern.is_ours:
                return _apart(told, text, language, deep - 1, is_open=pattern.ends_open)
            return told
    if (told := _by_parts(text, language, deep - 1)) != text:
        return told
    for pattern in likely:
        if not pattern.sure and (told := pattern.told(text, language, deep - 1)) is not None:
            return told
    return text


def _apart(told: str, text: str, language: str, deep: int, *, is_open: bool) -> str:
    """The translation of a sentence, or of its parts if that leaves less English.

    What is put behind a sentence that ends in a value is not a part of the value: Chinese may have
    the value in its middle.
    """
    left = _left(told)
    if not left and not is_open:
        return told
    apart = _by_parts(text, language, deep, tails=is_open)
    return apart if apart != text and _left(apart) < left + is_open else told


def _told(name: str, value: str, language: str, deep: int) -> str:
    """A value of a sentence, by its name."""
    if name in _FOREIGN:
        return value
    if name in NAMES:
        return _texts(language)[value]
    return _value(value, language, deep)


def _part(part: str, language: str, deep: int) -> str:
    """A part of a text."""
    told = _texts(language).get(part) if part in PREFIXES else None
    return told or _value(part, language, deep)


def _value(value: str, language: str, deep: int) -> str:
    """A value inside of a sentence. A single word is left as it is: it may be a name."""
    core = value.strip()
    return value.replace(core, _translated(core, language, deep)) if " " in core else value


def _by_parts(text: str, language: str, deep: int, *, tails: bool = False) -> str:
    """A text of several sentences: the way to part it that leaves the least English.

    Args:
        text: the text.
        language: what it is told in.
        deep: how many sentences may still stand inside of each other.
        tails: whether only what is surely put behind a sentence is parted from it.
    """
    best, least = text, _left(text)
    for joint, form, parts in _partings(text):
        if tails and joint not in _TAILS:
            continue
        told = [_part(part, language, deep) for part in parts]
        # The words of a joint count too: they may be Azure's.
        left = len(joint.lstrip(",;: ")) + sum(map(_left, told))
        if left < least:
            best, least = form.format(*told), left
    return best


def _partings(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The ways to part a text before its first command: what joined the parts, and what shall."""
    if sum(map(text.count, _JOINTS)) > _MOST_JOINTS:
        return
    command = _COMMAND.search(text)
    if command is None and (end := _END.fullmatch(text)) is not None:
        yield "", "{} [{}]", (end[1], end[2])
        return
    if command is None and (aside := _aside(text)) is not None:
        yield "", "{} ({}){}", aside
    if command is None and (proof := _PROOF.fullmatch(text)) is not None:
        yield "", "{} ({})", (proof[1], proof[2])
    for joint, form in _JOINTS.items():
        head, found, rest = text.partition(joint)
        if found and (command is None or len(head) < command.start()):
            yield joint, form, (head, rest)


def _aside(text: str) -> tuple[str, str, str] | None:
    """A text before, in and behind its first parentheses with words in them. None without any."""
    begin = text.find(" (")
    while begin >= 0:
        if (end := _closing(text, begin + 1)) is None:
            return None
        if " " in (inner := text[begin + 2 : end]):
            return text[:begin], inner, text[end + 1 :]
        begin = text.find(" (", end)
    return None


def _closing(text: str, begin: int) -> int | None:
    """Where the parenthesis that opens at a place is closed. None if it is not."""
    open_ = 0
    for place in range(begin, len(text)):
        open_ += (text[place] == "(") - (text[place] == ")")
        if open_ == 0:
            return place
    return None


def _is_closed(value: str) -> bool:
    """Whether no parenthesis is closed before it is opened: then a value began too early."""
    begin = value.find(")")
    return begin < 0 or "(" in value[:begin]


def _left(text: str) -> int:
    """How many letters of English sentences a text has."""
    return sum(len(found[0]) for found in _ENGLISH.finditer(text))


@cache
def _texts(language: str) -> dict[str, str]:
    catalogue = catalogue_of(language)
    texts = catalogue.texts if catalogue else {}
    parts = {_JOINT.sub("", text): _JOINT_TOLD.sub("", told) for text, told in texts.items()}
    return parts | texts


class _Pattern:
    """A sentence of the catalogue with places for values."""

    def __init__(self, text: str, translation: str) -> None:
        self.text = text
        self.translation = translation
        self.pieces = _VALUE.split(text)[::2]
        self.names = _VALUE.findall(text)
        self.weight = sum(map(str.isalpha, "".join(self.pieces)))

    def told(self, text: str, language: str, deep: int) -> str | None:
        """The translation, with the values of the text. None if the text does not fit."""
        if (found := self._values(text)) is None:
            return None
        if any(name in NAMES and value not in _texts(language) for name, value in found.items()):
            return None
        values = {name: _told(name, value, language, deep) for name, value in found.items()}
        ours = [value for name, value in values.items() if name not in (*_FOREIGN, *NAMES)]
        if not self.sure and _is_prose(ours):
            return None
        return self._filled(values)

    def _filled(self, values: Mapping[str, str]) -> str:
        """The translation with its values. Only beside other letters has Chinese a space."""
        told = _VALUE.split(self.translation)
        for place in range(1, len(told), 2):
            value = told[place] = values[told[place]]
            before, behind = told[place - 1], told[place + 1]
            if _BEGINS.match(value) and _ENDS.search(before.rstrip(" ")):
                told[place - 1] = before.rstrip(" ")
            if _ENDS.search(value) and _BEGINS.match(behind.lstrip(" ")):
                told[place + 1] = behind.lstrip(" ")
        return "".join(told)

    def _values(self, text: str) -> dict[str, str] | None:
        """The values of a text. None if it does not fit.

        Each piece is taken where it comes first. This finds a fit if there is one, and takes no
        longer than the text is long, whatever the text is. A value that stands directly behind
        another one is a part of its own, or empty: it begins at the first joint.
        """
        first, *middle, last = self.pieces
        end = len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last):
            return None
        values, at = dict[str, str](), len(first)
        for place, name in enumerate(self.names, 1):
            piece = middle[place - 1] if place <= len(middle) else None
            to = end if piece is None else text.find(piece or _TAIL, at, end)
            # A value before the parentheses at the end may have some too.
            while to > 0 and piece == " (" and place == len(middle) and last.startswith(")"):
                if _is_closed(text[to + 2 : end]):
                    break
                to = text.find(piece, to + 1, end)
            if piece == "" and to < 0:
                to = end
            value = text[at:to]
            if to < at or values.setdefault(name, value) != value or not _is_closed(value):
                return None
            at = to + len(piece or "")
        return values

    @property
    def is_ours(self) -> bool:
        """Whether it has no value that may look like a sentence and is none of ours."""
        return not set(_FOREIGN) & set(self.names)

    @property
    def ends_open(self) -> bool:
        """Whether a value stands at the end."""
        return not self.pieces[-1]

    @property
    def sure(self) -> bool:
        """Whether a text that fits is this sentence, and no other one."""
        return self.weight >= (_SURE if self.pieces[0] else 2 * _SURE)

    def may_fit(self, text: str) -> bool:
        """Whether a text has all pieces. This is quick, and excludes nearly all patterns."""
        return (
            text.startswith(self.pieces[0])
            and text.endswith(self.pieces[-1])
            and all(piece in text for piece in self.pieces)
        )


def _is_prose(values: Collection[str]) -> bool:
    """Whether the values of an uncertain pattern are parts of an unknown sentence."""
    if not values:
        return False
    known = all(map(str.isascii, values))
    return not known or any(map(_PROSE.search, values)) or all(map(_WORDS.fullmatch, values))


def _likely(text: str, language: str) -> list[_Pattern]:
    """The patterns that may fit, the one with the most words of its own first."""
    by_word = _index(language)
    found = [p for key in (_first_word(text), "") for p in by_word.get(key, ()) if p.may_fit(text)]
    return sorted(found, key=lambda pattern: (-pattern.weight, -len(pattern.text)))


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
