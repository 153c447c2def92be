"""The Chinese READMEs say what the English one says. They are judged block by block.

A test cannot read Chinese. But a block that was forgotten, added or left behind shows: by its kind,
its code, its names, its numbers, its links, and the words that are not translated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import pytest

from tests.command import remediate
from tests.places import ROOT

ENGLISH = "README.md"
CHINESE = {"README.zh-CN.md": "gb2312", "README.zh-TW.md": "big5"}
"""Each Chinese document with a code that has none of the other script's characters."""

_FENCED = re.compile(r"```\w*\n.*?^```", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"    [^\n]+(?:\n+    [^\n]+)*")
_HEADING = re.compile(r"(#+) [^\n]+")
_TABLE = re.compile(r"\|[^\n]+(?:\n\|[^\n]+)*")
_ITEM = re.compile(r"- [^\n]+(?:\n  [^\n]+)*")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!```|    |#+ |\||- )[^\n]+)*")
_KINDS = {
    "code": (_FENCED, _INDENTED),
    "heading": (_HEADING,),
    "table": (_TABLE,),
    "item": (_ITEM,),
    "paragraph": (_PARAGRAPH,),
}

_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COMMENT = re.compile(r"\s*#.*$", re.MULTILINE)
_ERROR_TEXT = re.compile(r'(?<=explain )"([^"]+)"')
_SIX_WORDS = re.compile(r"(?:[A-Za-z][A-Za-z'’-]*[,;:]? +){5}[A-Za-z]+")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, an item of a list, a table or code, with the line it begins at."""

    kind: str
    text: str
    line: int

    @property
    def code(self) -> str:
        """The code without its comments, and without an error text, which has a language."""
        return _ERROR_TEXT.sub('"…"', _COMMENT.sub("", self.text))

    @property
    def prose(self) -> str:
        """The text without code and without the targets of links."""
        return _LINK.sub(r"\1", _SPAN.sub("", self.text))

    @property
    def names(self) -> set[str]:
        """What stands in backticks: commands, flags, codes, files, values."""
        return {" ".join(span.split()) for span in _SPAN.findall(self.text)}

    @property
    def numbers(self) -> set[str]:
        """The numbers in figures: exit codes, limits, counts, versions."""
        return set(_NUMBER.findall(self.prose))

    @property
    def links(self) -> set[str]:
        """The targets outside the document and its translations."""
        targets = {target for _text, target in _LINK.findall(self.text)}
        return {each for each in targets if not each.startswith(("#", "README"))}

    @property
    def rows(self) -> list[tuple[int, set[str]]]:
        """Each row of a table: how many cells it has, and what stands in backticks."""
        return [
            (_SPAN.sub("", row).count("|"), set(_SPAN.findall(row)))
            for row in self.text.splitlines()
        ]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a document, in order."""
    place = 0
    while place < len(text):
        if text[place] == "\n":
            place += 1
            continue
        kind, found = next(
            (kind, match)
            for kind, forms in _KINDS.items()
            for form in forms
            if (match := form.match(text, place))
        )
        yield Block(kind, found[0], text.count("\n", 0, place) + 1)
        place = found.end()


def read(name: str) -> list[Block]:
    return list(blocks((ROOT / name).read_text("utf-8")))


def pairs(name: str) -> Iterator[tuple[Block, Block]]:
    """Each block of the English document, and the one at its place in the translation."""
    yield from zip(read(ENGLISH), read(name), strict=True)


def shape(block: Block | None) -> tuple[str, int] | None:
    """What a block is: its kind, and how deep a heading is or how long a table is."""
    match block:
        case None:
            return None
        case Block(kind="heading", text=text):
            return "heading", len(text) - len(text.lstrip("#"))
        case Block(kind="table", text=text):
            return "table", len(text.splitlines())
        case Block(kind=kind):
            return kind, 1


@pytest.mark.parametrize("name", CHINESE)
def test_a_translation_has_the_same_headings_paragraphs_items_and_tables(name: str) -> None:
    for ours, theirs in zip_longest(read(ENGLISH), read(name)):
        assert shape(ours) == shape(theirs), f"{ours} is {theirs} in {name}"


@pytest.mark.parametrize("name", CHINESE)
def test_a_translation_has_the_same_code(name: str) -> None:
    for ours, theirs in pairs(name):
        if ours.kind == "code":
            assert theirs.code == ours.code, f"{name}, line {theirs.line}"


@pytest.mark.parametrize("name", CHINESE)
def test_a_translation_has_the_same_names_numbers_and_links_in_each_block(name: str) -> None:
    for ours, theirs in pairs(name):
        if ours.kind == "code":
            continue
        where = f"{name}, line {theirs.line}; {ENGLISH}, line {ours.line}"
        assert theirs.names == ours.names, where
        assert theirs.numbers == ours.numbers, where
        assert theirs.links == ours.links, where
        if ours.kind == "table":
            assert theirs.rows == ours.rows, where


@pytest.mark.parametrize("name", CHINESE)
def test_a_translation_leaves_no_sentence_in_english(name: str) -> None:
    for block in read(name):
        if block.kind != "code":
            left = _SIX_WORDS.search(block.prose)
            assert not left, f"{name}, line {block.line}: {left}"
        for comment in _COMMENT.findall(block.text) if block.kind == "code" else ():
            assert _IDEOGRAPH.search(comment), f"{name}, line {block.line}: {comment}"


@pytest.mark.parametrize(("name", "characters"), CHINESE.items())
def test_a_translation_is_in_one_script(name: str, characters: str) -> None:
    title, _links, *rest = read(name)
    for block in (title, *rest):
        wrong = [
            each for each in _IDEOGRAPH.findall(block.text) if not each.encode(characters, "ignore")
        ]
        assert not wrong, f"{name}, line {block.line}: {wrong}"


@pytest.mark.parametrize("name", [ENGLISH, *CHINESE])
def test_each_readme_leads_to_the_others(name: str) -> None:
    _title, links, *_rest = read(name)
    targets = [target for _text, target in _LINK.findall(links.text)]
    assert targets == [each for each in (ENGLISH, *CHINESE) if each != name]


@pytest.mark.parametrize("name", [ENGLISH, *CHINESE])
def test_an_error_text_in_a_readme_is_known(name: str) -> None:
    texts = [text for block in read(name) for text in _ERROR_TEXT.findall(block.text)]
    assert len(texts) == 1
    remediate("explain", *texts, env={}).check(0)
