"""Makes sentences comparable: one form for all spellings of the same message of Azure.

Job errors are localised text. The same message differs between places: in spaces, in full and half
width punctuation, in a final stop, and in the names and ids that it carries. So texts are compared
as rows of tokens. A token is a word or a single Chinese character. These parts are dropped: case,
articles, punctuation, names, ids, times, and invisible characters inside a word. `+` stays, because
"COM+" is not "COM". Numbers outside of brackets stay, because one version of a product is not
another version.

A text may have gone through a web page, a mail or a shell before somebody pasted it. So entities
and escapes are decoded, every kind of apostrophe is one, the service's own misspellings are mended,
and a portal's "See details on the right" ends a statement.
"""

import html
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
    | \bsee\s+(?:the\s+)?details?\s+(?:on|at|in|to)\s+(?:the\s+)?right(?:\s+(?:side|pane))?\b
    | \b(?:learn|read)\s+more\b | \bclick\s+here\b
    """,
    re.VERBOSE,
)

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.IGNORECASE)
# A text can be escaped twice: "&amp;#39;".
_LAYERS = 2

# The last two are a character that a wrong encoding destroyed, and one that it misread.
_APOSTROPHE = re.compile("(?<=[^\\W_])(?:[‘’‛ʼ′`´\ufffd]|â€™)(?=[^\\W_])")
_NO_APOSTROPHE = re.compile(
    r"\b((?:is|are|was|were|does|do|did|has|have|could|would)n)t\b", re.ASCII
)
_MISSPELT: Final = {
    "avaialable": "available",
    "avaliable": "available",
    "enviroment": "environment",
    "extention": "extension",
    "occured": "occurred",
    "recieve": "receive",
    "retreive": "retrieve",
    "seperate": "separate",
    "succesful": "successful",
    "suppported": "supported",
}
"""How the service misspells words, in its texts and in its codes."""
_MISSPELLING = re.compile("|".join(_MISSPELT))

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
        if [*tokens[-1:], token] == ["to", "due"]:
            # The service writes "failed to due to".
            tokens.pop()
            if len(tokens) + 1 in breaks:
                breaks.remove(len(tokens) + 1)
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


def legible(text: str) -> str:
    """The text as a person reads it: characters instead of their codes, and no invisible ones."""
    for _ in range(_LAYERS):
        if "&" in text:
            text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
    if "\\u" in text or "\\U" in text:
        text = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    if text.isascii():
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def respelt(text: str) -> str:
    """A text in lower case, without the misspellings that the service is known for."""
    return _MISSPELLING.sub(lambda m: _MISSPELT[m[0]], text)


def folded(text: str) -> str:
    """The text without differences of width, case and spelling, and nothing invisible in it."""
    wide = unicodedata.normalize("NFKC", _APOSTROPHE.sub("'", legible(text))).casefold()
    return _NO_APOSTROPHE.sub(r"\1't", respelt(wide.replace("’", "'")))


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
