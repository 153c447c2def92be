"""Sections of a story: labelled texts, and steps with badges.

The scripts and the template show any section, and know nothing of plans, scans or histories.
"""

from collections.abc import Iterable
from typing import Any

from remediator.language.translation import translated
from remediator.views.html.embedded import Packed, Parts
from remediator.views.html.page import Tone

Item = tuple[str, str, str]
"""A label, a form, and a text. The form is `text`, `code` (to be copied) or `link`. An item without
a text is left out. A `text` is told in the chosen language."""

Badge = tuple[str, Tone]
"""A word beside a title, and its colour."""

Section = dict[str, Any]
"""A section, or one of its steps, as the scripts and the template take it. It may be empty."""


class Sections:
    """Makes sections whose texts share their parts."""

    def __init__(self, parts: Parts) -> None:
        self.pack = parts.pack

    def section(self, title: str, items: Iterable[Item]) -> Section:
        """A section of labelled texts."""
        told = self._items(items)
        return {"title": self.pack(title), "items": told} if told else {}

    def steps(self, title: str, steps: Iterable[Section]) -> Section:
        """A section of steps."""
        told = list(steps)
        return {"title": self.pack(title), "steps": told} if told else {}

    def step(
        self, title: str, badges: Iterable[Badge], items: Iterable[Item], number: int | None = None
    ) -> Section:
        """One step. A step without a number has none on the page."""
        told = {
            "title": self.pack(title),
            "badges": [[self.pack(text), tone] for text, tone in badges],
            "items": self._items(items),
        }
        return told if number is None else {"number": number, **told}

    def _items(self, items: Iterable[Item]) -> list[list[Packed | str]]:
        return [
            [self.pack(label), form, self.pack(translated(text) if form == "text" else text)]
            for label, form, text in items
            if text
        ]
