"""Makes sentences comparable: one form for all spellings of the same message of Azure.

Job errors are localised text. The same message differs between places: in spaces, in full and half
width punctuation, in a final stop, and in the names and ids that it carries. So texts are compared
as rows of tokens. A token is a word or a single Chinese character. These parts are dropped: case,
articles, punctuation, names, ids, times, and invisible characters inside a word. `+` stays, because
"COM+" is not "COM". Numbers outside of brackets stay, because one version of a product is not
another version.
"""

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 64 * 1024
"""How many characters of a text are examined. Azure's longest messages have a tenth of this."""

_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# These parts are erased wherever they are. They name one resource or moment, never a kind of
# failure.
_NAMED = re.compile(
    r"""
      https?://[^\s"'<>，。]+
    | /(?:subscriptions|resourcegroups|providers)/[^\s"'<>,;，。、；()]+
    | \{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?
    | \d{4}-\d{2}-\d{2}(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:z|[+-]\d{2}:\d{2})?
    | \d{1,2}/\d{1,2}/\d{4}(?:\ \d{1,2}:\d{2}(?::\d{2})?(?:\ ?[ap]m)?)?
    | \d{1,2}:\d{2}(?::\d{2})?(?:\ ?[ap]m\b)?
    | \{\s*[\w.-]*\s*\}
    | [(\[<]\s*\d+\s*[)\]>]
    """,
    re.VERBOSE,
)

_QUOTED = re.compile(r"""["'`“‘「『«]([a-z0-9][\w.:;@-]*|\.\.\.)["'`”’」』»]""", re.ASCII)
_PIECES = re.compile(
    rf"(?P<han>[{_HAN}])|(?P<word>(?:(?![{_HAN}_])\w)+(?:[-_.'](?:(?![{_HAN}_])\w)+)*)"
    r"|(?P<plus>\+)|(?P<gap>[^\S\r\n]+)|(?P<stop>.)",
    re.DOTALL,
)
_SEPARATOR = re.compile(r"[-_.]")
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_ARTICLES = frozenset(("a", "an", "the"))
_OPENERS = frozenset(("please", "请", "請"))
_ERASED = "\n"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text as a row of tokens, with the places where a statement can begin or end."""

    text: str
    """` token token token `."""
    begins: AbstractSet[int]
    """Offsets of tokens that begin the text, or follow a stop or an erased name."""
    ends: AbstractSet[int]
    """Offsets behind tokens that end the text, or stand before a stop or an erased name."""

    def find(self, message: str) -> Iterator[tuple[int, int]]:
        """The places where a message is a statement of its own.

        A message inside another statement does not count: "if the VM does not exist" does not say
        that the VM does not exist.
        """
        at = self.text.find(f" {message} ")
        while at >= 0:
            start, end = at + 1, at + 1 + len(message)
            if start in self.begins and end in self.ends:
                yield start, end
            at = self.text.find(f" {message} ", at + 1)


def message(text: str) -> str:
    """A known message in its comparable form. Every word of it counts."""
    return sentence(text).text.strip()


def sentence(
    text: str, words: AbstractSet[str] | None = None, names: AbstractSet[str] = frozenset()
) -> Sentence:
    """A text in its comparable form.

    Args:
        text: what somebody wrote.
        words: the words of all known messages. An identifier that holds another word is a name, and
            is erased. None: no word is taken for a name.
        names: known names in lower case, such as the VM's own. None of them is one of `words`.
    """
    tokens: list[str] = []
    breaks = {0}
    for token in _tokens(folded(text[:LONGEST]), words, names):
        if token == _ERASED:
            breaks.add(len(tokens))
            continue
        if token in _OPENERS:
            breaks.add(len(tokens))
        if token not in _ARTICLES:
            tokens.append(token)
    breaks.add(len(tokens))
    begins, ends, at = set(), set(), 1
    for n, token in enumerate(tokens):
        if n in breaks:
            begins.add(at)
        at += len(token)
        if n + 1 in breaks:
            ends.add(at)
        at += 1
    return Sentence(f" {' '.join(tokens)} ", begins, ends)


def folded(text: str) -> str:
    """The text without differences of width and case, and without invisible characters."""
    wide = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if wide.isascii():
        return wide
    return "".join(c for c in wide if unicodedata.category(c) != "Cf")


def _tokens(text: str, words: AbstractSet[str] | None, names: AbstractSet[str]) -> Iterator[str]:
    text = _NAMED.sub(_ERASED, text)
    if words is not None:
        text = _QUOTED.sub(lambda m: m[1] if m[1] in words else _ERASED, text)
    for piece in _PIECES.finditer(text):
        match piece.lastgroup:
            case "han" | "plus":
                yield piece[0]
            case "word":
                yield from _word(piece[0], words, names)
            case "gap":
                pass
            case _:
                yield _ERASED


def _word(word: str, words: AbstractSet[str] | None, names: AbstractSet[str]) -> Iterator[str]:
    if word in names:
        yield _ERASED
        return
    parts = _SEPARATOR.split(word)
    if words is not None and _is_name(word, parts, words):
        yield _ERASED
        return
    for n, part in enumerate(parts):
        if n and "." in word:
            yield _ERASED
        yield from _spelt_out(part)


def _is_name(word: str, parts: list[str], words: AbstractSet[str]) -> bool:
    """Whether a word is an unknown identifier: several parts, or letters mixed with digits."""
    known = [part in words or "'" in part for part in parts]
    if "." in word:
        return not any(known)
    if len(parts) > 1:
        return not all(known)
    return not known[0] and bool(_DIGIT.search(word) and _LETTER.search(word))


def _spelt_out(word: str) -> Iterator[str]:
    """A word with its contraction undone: "isn't" becomes "is not"."""
    stem, apostrophe, tail = word.partition("'")
    match stem, tail:
        case "cannot", _:
            yield from ("can", "not")
        case "can", "t":
            yield from ("can", "not")
        case _, "t" if stem.endswith("n"):
            yield from (stem[:-1], "not")
        case _:
            yield stem
            if apostrophe and tail != "s":
                yield tail
