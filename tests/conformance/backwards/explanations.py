"""Differences that are right, with the evidence for each: `explained.yaml`.

There are three kinds of evidence. `recording`: a file of the recordings shows it. `page`: a page of
Microsoft's documentation says it. `scrubbed`: the recorder leaves it out of its files. A
declaration in a specification is no evidence, because recordings refute specifications.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TABLE = Path(__file__).with_name("explained.yaml")
EVIDENCE = ("recording", "page", "scrubbed")


@dataclass
class Explanation:
    """The reason why some differences are right."""

    pattern: str
    because: str
    evidence: str
    """The kind of evidence: one of the three."""
    shown_by: str
    used: bool = False

    def fits(self, text: str) -> bool:
        return re.search(self.pattern, text) is not None


@dataclass
class Explanations:
    """All explanations."""

    differences: list[Explanation] = field(default_factory=list)
    beyond: dict[str, str] = field(default_factory=dict)
    """Patterns of recorded kinds that the simulator cannot give, with the reasons."""
    _met: set[str] = field(default_factory=set)

    def why(self, difference: str) -> Explanation | None:
        """The explanation of a difference, or None."""
        for each in self.differences:
            if each.fits(difference):
                each.used = True
                return each
        return None

    def why_not(self, kind: str) -> str | None:
        """The reason why the simulator does not give a recorded kind, or None."""
        for pattern, reason in self.beyond.items():
            if re.search(pattern, kind):
                self._met.add(pattern)
                return reason
        return None

    @property
    def unused(self) -> list[str]:
        """Patterns that matched nothing: the difference that they explained no longer exists."""
        idle = [each.pattern for each in self.differences if not each.used]
        return idle + [pattern for pattern in self.beyond if pattern not in self._met]


def read_explanations(path: Path = TABLE) -> Explanations:
    """Read the table.

    Raises:
        ValueError: an entry has no evidence, or more than one kind of it.
    """
    table: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return Explanations([_explanation(row) for row in table["differences"]], table["beyond"])


def _explanation(row: dict[str, str]) -> Explanation:
    given = [name for name in EVIDENCE if row.get(name)]
    if len(given) != 1 or row.keys() - {"pattern", "because", *EVIDENCE}:
        raise ValueError(f"one piece of evidence of {EVIDENCE}, not {given}: {row['pattern']}")
    return Explanation(row["pattern"], row["because"], given[0], row[given[0]])
