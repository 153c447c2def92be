"""Data inside a page: JSON that nothing can end, and texts that share their parts.

A page of 5,000 VMs repeats the same beginnings of ids ten thousand times. So each text is kept as
numbers of parts. The scripts put the parts together again.
"""

import json
import re
from typing import Any, Final

from remediator.views.html.shown import clean

_ID: Final = re.compile(r"(/subscriptions/\S*/)")
"""An ARM id up to its last name. What comes before the last name is shared by many ids."""

_ACTIVE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in ("<", ">", "&", "\u2028", "\u2029")}
"""What could end the block or begin another one. JSON has these signs inside texts only."""

Packed = int | list[int]
"""A text: the number of its only part, or those of all its parts."""


def unpacked(packed: Packed, parts: list[str]) -> str:
    """The text that the numbers of its parts stand for."""
    return "".join(parts[number] for number in ([packed] if isinstance(packed, int) else packed))


class Parts:
    """Collects the parts of texts."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def pack(self, text: object) -> Packed:
        """The numbers of a text's parts. The text is made safe to show."""
        pieces = [piece for piece in _ID.split(clean(text)) if piece]
        numbers = [self._numbers.setdefault(piece, len(self._numbers)) for piece in pieces]
        return numbers if len(numbers) > 1 else (numbers or [0])[0]

    @property
    def all(self) -> list[str]:
        """The parts by their numbers."""
        return list(self._numbers)


def block(data: Any) -> str:
    """Data as JSON for a block of a page, on one line.

    HTML ends a block of data at the first `</script`, wherever it stands (WHATWG HTML,
    "Restrictions for contents of script elements"). In this JSON no `<` stands.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ACTIVE)
