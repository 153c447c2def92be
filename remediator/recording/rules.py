"""Scrubbing rules of Azure Policy: functions and operators stay, names are replaced."""

import re
from typing import Final

from remediator.recording.forms import harmless, is_type
from remediator.recording.names import Names

_LITERAL: Final = re.compile(r"'([^']*)'")
_TAG: Final = re.compile(r"(?i)tags(?:(\[\s*'?)([^'\]]+)('?\s*\])|(\.)([^\[\].']+))")
_PARTS_OF_A_TAG: Final = frozenset({"tags[", "tags['", "tags[''", "]", "']", "'']", ""})


class Rules:
    """Scrubs the texts of rules with one set of names."""

    def __init__(self, names: Names) -> None:
        """A scrubber with the replacements that one file shares."""
        self._names = names

    def scrubbed(self, text: str) -> str:
        """A scrubbed text of a rule: a field's name, a value, or an expression in brackets."""
        if tag := _TAG.fullmatch(text.strip()):
            if tag[4]:
                return f"tags.{self._names.of('tag', tag[5])}"
            return f"tags{tag[1]}{self._names.of('tag', tag[2].strip())}{tag[3]}"
        if text.startswith("[") and text.endswith("]"):
            return _LITERAL.sub(lambda found: f"'{self._literal(found[1])}'", text)
        return self._plain(text)

    def _literal(self, text: str) -> str:
        return text if text in _PARTS_OF_A_TAG else self._plain(text)

    def _plain(self, text: str) -> str:
        if harmless(text) or is_type(text) or self._names.is_word(text):
            return text
        return self._names.of("value", text)
