"""What could mislead a terminal or an eye, in what was printed and in what was kept."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What our own text may hold besides printable characters: colours, and nothing else."""


def controls(text: str) -> set[str]:
    """What a terminal, or an eye, could be misled by: controls, format and direction marks."""
    bare = COLOURS.sub("", text).replace("\r\n", "\n")
    return {c for c in bare if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value but its keys."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from texts_of(each)
        case list():
            for each in value:
                yield from texts_of(each)
