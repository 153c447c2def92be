"""JSON as it is printed and saved."""

import json
import re
from typing import Any, Final

from remediator.value import Value

# C1 controls, line separators and direction marks: JSON may hold them raw, a terminal acts on them.
_ACTIVE: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def json_text(value: Value) -> str:
    """A value as JSON that is safe to show: what a terminal may act on is escaped."""
    return _shown(value.model_dump_json(indent=2) + "\n")


def json_of(told: dict[str, Any]) -> str:
    """The same of what is no value: built of dictionaries, lists and texts."""
    return _shown(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def _shown(text: str) -> str:
    return _ACTIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
