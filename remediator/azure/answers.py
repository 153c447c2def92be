"""What came as an answer, read with bounds: nothing odd in it may raise anything unforeseen."""

import json
import re
from math import isfinite
from typing import Any, Final, NoReturn

from remediator.errors import UNREADABLE, AzureError

DEPTH: Final = 60
"""Levels of nesting. Azure's answers have about ten; a program that walks them needs some of its
stack for each."""

_TOO_DEEP: Final = f"it is nested deeper than {DEPTH} levels"

_LONE: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""Half a character, as JSON can spell it. It cannot be written to a file or a terminal."""


def unreadable(
    doing: str, why: str, *, status: int | None = 200, arrived: bool | None = False
) -> AzureError:
    """The error for an answer that nobody can make sense of."""
    return AzureError(
        f"the answer to {doing} cannot be read: {why}; check the endpoint and what stands between",
        code=UNREADABLE,
        status=status,
        arrived=arrived,
    )


def read_json(content: bytes) -> Any:
    """What an answer's bytes say.

    Raises:
        ValueError: they are no JSON in UTF-8, hold a number that is none, or are nested too deep.
    """
    said = content.decode("utf-8-sig")
    try:
        found = json.loads(said, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if _is_deep(found):
        raise ValueError(_TOO_DEEP)
    if _LONE.search(said):
        whole = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass")
        found = json.loads(whole.decode("utf-16", "replace"))
    return found


def _is_deep(found: Any) -> bool:
    """Whether it has more levels than allowed, seen level by level."""
    level = [found]
    for _ in range(DEPTH + 1):
        level = [
            inner
            for node in level
            if isinstance(node, dict | list)
            for inner in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True


def _no_number(said: str) -> NoReturn:
    raise ValueError(f"{said} is no number")


def _finite(said: str) -> float:
    number = float(said)
    if not isfinite(number):
        raise ValueError(f"{said} is no number")
    return number
