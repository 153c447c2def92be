"""JSON as it is printed and saved."""

import re
from typing import Final

from remediator.value import Value

# C1 controls, line separators and direction marks: JSON may hold them raw, a terminal acts on them.
_ACTIVE: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def json_text(value: Value) -> str:
    """A value as JSON that is safe to show: what a terminal may act on is escaped."""
    text = value.model_dump_json(indent=2) + "\n"
    return _ACTIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
