"""Differences that are right, each with the evidence for it: `explained.yaml`.

Evidence is one of three things. `recording`: a file of the recordings that shows it. `page`: a page
of Microsoft's documentation. `scrubbed`: what the recorder leaves out of its files. That a
specification declares something is none: recordings refute it.
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
    """Why some differences, or some kinds that the simulator does not give, are right."""

    pattern: str
    because: str
    evidence: str
    """Which of the three it is."""
    shown_by: str
    used: bool = False

    def fits(self, text: str) -> bool:
        return re.search(self.pattern, text) is not None


@dataclass
class Explanations:
    """All of them."""

    differences: list[Explanation] = field(default_factory=list)
    beyond: dict[str, str] = field(default_factory=dict)
    """Patterns of recorded kinds that the simulator has no place for, and why."""
    _met: set[str] = field(default_factory=set)

    def why(self, difference: str) -> Explanation | None:
        """The explanation of a difference; None for one that nobody explained."""
        for each in self.differences:
            if each.fits(difference):
                each.used = True
                return each
        return None

    def why_not(self, kind: str) -> str | None:
        """Why the simulator does not give a recorded kind; None where nobody said."""
        for pattern, reason in self.beyond.items():
            if re.search(pattern, kind):
                self._met.add(pattern)
                return reason
        return None

    @property
    def unused(self) -> list[str]:
        """Patterns that nothing needed: what they explained is gone."""
        idle = [each.pattern for each in self.differences if not each.used]
        return idle + [pattern for pattern in self.beyond if pattern not in self._met]


def read_explanations(path: Path = TABLE) -> Explanations:
    """Read the table.

    Raises:
        ValueError: an entry has no evidence, or more than one piece of it.
    """
    table: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return Explanations([_explanation(row) for row in table["differences"]], table["beyond"])


def _explanation(row: dict[str, str]) -> Explanation:
    given = [name for name in EVIDENCE if row.get(name)]
    if len(given) != 1 or row.keys() - {"pattern", "because", *EVIDENCE}:
        raise ValueError(f"one piece of evidence of {EVIDENCE}, not {given}: {row['pattern']}")
    return Explanation(row["pattern"], row["because"], given[0], row[given[0]])
