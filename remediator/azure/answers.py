"""Reading answers within limits, so that no odd answer can raise an unforeseen error."""

import json
import re
from math import isfinite
from typing import Any, Final, NoReturn

from remediator.errors import UNREADABLE, AzureError

DEPTH: Final = 60
"""Levels of nesting that are allowed.

Azure's answers have about ten. A program that walks through them needs some of its stack for each
level.
"""

_TOO_DEEP: Final = f"it is nested deeper than {DEPTH} levels"

_LONE: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""Half a character, as JSON can spell it. It cannot be written to a file or a terminal."""


def unreadable(
    doing: str, why: str, *, status: int | None = 200, arrived: bool | None = False
) -> AzureError:
    """The error for an answer that cannot be understood."""
    return AzureError(
        f"the answer to {doing} cannot be read: {why}; check the endpoint and any proxy in between",
        code=UNREADABLE,
        status=status,
        arrived=arrived,
    )


def read_json(content: bytes) -> Any:
    """The content of an answer's bytes.

    Raises:
        ValueError: the bytes are not JSON in UTF-8, contain a number that is not finite, or are
            nested too deep.
    """
    said = content.decode("utf-8-sig")
    try:
        found = json.loads(said, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    # There are at most as many levels as opening brackets. Most answers have few of them.
    if said.count("{") + said.count("[") > DEPTH and _is_deep(found):
        raise ValueError(_TOO_DEEP)
    if _LONE.search(said):
        whole = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass")
        found = json.loads(whole.decode("utf-16", "replace"))
    return found


def _is_deep(found: Any) -> bool:
    """Whether the data has more levels than allowed. It looks at one level after the other."""
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
