"""Rows of labels and values. What a reader copies is never folded.

A terminal breaks a long line where its window ends and still copies it whole. A line that the tool
breaks is copied in pieces.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from remediator.language.translation import translated
from remediator.views.plain import plain

_LABEL: Final = 9
"""The least width of the labels, in columns."""

_PIECE: Final = re.compile(r"\s+|(?:[!-~]+|[^\s!-~])[，。；：、！？）】」』》]*")
"""What stays together: an id or a word, or one character of Chinese with the mark after it."""

_COMMANDS: Final = ("az ", "remediate ")


class Whole(str):
    """A value that is copied as it is, such as a command for a person. It stays on one line."""

    __slots__ = ()


class AsWritten(str):
    """A text for authors, who read it in English. It is folded, and not translated."""

    __slots__ = ()


def show_rows(console: Console, pairs: Iterable[tuple[str, str]], indent: int = 0) -> None:
    """Print labels and values. A long value goes on under itself; an id or a command overflows.

    Args:
        console: the place.
        pairs: the labels and their values. Both are made safe to show.
        indent: columns to leave free at the left.
    """
    told = [(f"  {plain(label)}", value) for label, value in pairs]
    widest = max((_LABEL, *(cell_len(label) for label, _value in told)))
    room = console.width - indent - widest - 1
    for label, value in told:
        margin = " " * indent
        lines = [plain(value)] if _is_whole(value) else _told(value, room)
        for number, line in enumerate(lines or [""]):
            shown = label if number == 0 else ""
            head = shown + " " * (widest - cell_len(shown) + 1)
            text = Text(margin).append(head, style="dim").append(line)
            text.rstrip()
            console.print(text, soft_wrap=True)


def labelled(label: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Rows of several values under one label, which stands only at the first."""
    return ((label if number == 0 else "", value) for number, value in enumerate(values))


def show_hanging(console: Console, head: Text, text: str, style: str = "") -> None:
    """Print a text behind a head. Its further lines stand under itself, and no id is broken.

    Args:
        console: the place.
        head: what stands before the text.
        text: the text, safe to show.
        style: the style of the text.
    """
    room = console.width - head.cell_len
    for number, line in enumerate(list(folded(text, room)) or [""]):
        begin = head if number == 0 else Text(" " * head.cell_len)
        console.print(Text.assemble(begin, (line, style)), soft_wrap=True)


def _told(value: str, room: int) -> list[str]:
    text = value if isinstance(value, AsWritten) else translated(value)
    return list(folded(plain(text), room))


def folded(text: str, width: int) -> Iterator[str]:
    """The lines of a text. A piece that is wider than a line overflows and is not broken."""
    line, used = "", 0
    for piece in _PIECE.findall(text):
        wide = cell_len(piece)
        fits = used + wide <= width
        if piece.isspace():
            if line:
                line, used = line + piece, used + wide
        elif fits or not line.strip() or wide > width:
            line, used = line + piece, used + wide
        else:
            yield line.rstrip()
            line, used = piece, wide
    if line.strip():
        yield line.rstrip()


def _is_whole(value: str) -> bool:
    return isinstance(value, Whole) or is_command(value)


def is_command(text: str) -> bool:
    """Whether a text is a command, and no sentence. It is neither translated nor folded."""
    return text.startswith(_COMMANDS)
