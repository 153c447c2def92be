"""JSON as it is printed and saved."""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from remediator.value import Value

# Every character that a terminal or a reader may misread lies in this range. Most letters do too.
_BEYOND: Final = re.compile(r"[\x7f-\U0010ffff]")
_ACTIVE: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Controls, direction marks, other invisible characters, line separators; as in `views.plain`."""


def json_text(value: Value) -> str:
    """A value as JSON that is safe to show. Characters that a terminal may act on are escaped."""
    return _shown(value.model_dump_json(indent=2) + "\n")


def json_line(value: Value) -> str:
    """A value as one line of JSON, safe to show in the same way."""
    return _shown(value.model_dump_json() + "\n")


def json_of(told: Any) -> str:
    """The same for data that is not a `Value`: dictionaries, lists, texts, numbers."""
    return _shown(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def jsons_text(values: Iterable[Value]) -> str:
    """Several values as one JSON list, safe to show in the same way."""
    rows = ",\n".join(value.model_dump_json(indent=2) for value in values)
    return _shown(f"[{rows}]\n")


def _shown(text: str) -> str:
    return _BEYOND.sub(lambda found: _escaped(found[0]), text)


def _escaped(sign: str) -> str:
    if unicodedata.category(sign) not in _ACTIVE:
        return sign
    return json.dumps(sign)[1:-1] if sign != "\x7f" else "\\u007f"
