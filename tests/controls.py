"""Find characters in output and in files that could mislead a terminal or a reader."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""The only unprintable parts that our own text may hold: colours."""


def controls(text: str) -> set[str]:
    """The characters that could mislead: control, format and direction marks."""
    bare = COLOURS.sub("", text).replace("\r\n", "\n")
    return {c for c in bare if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value, except its keys."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from texts_of(each)
        case list():
            for each in value:
                yield from texts_of(each)
