"""What a page shows, as data without layout. All texts are safe to show and translated."""

from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["bad", "act", "ask", "human", "unread", "quiet", "good"]
"""What a colour means: it failed, it will be fixed, it needs consent, it needs a human, it could
not be read, it is left alone, it is well."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of the head. It filters the table, too."""

    kind: str
    """The kind of the rows that it counts. `failed`: all that are not well. Empty: no filter."""
    label: str
    count: int
    tone: Tone
    told: str = ""
    """What is shown instead of the count, such as a length of time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One command, or one sentence, with the name of the VM that it belongs to."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """Things that one decision settles: they need the same consent, or the same human."""

    title: str
    names: tuple[str, ...]
    """The first VMs, so that a closed case tells whom it is about. They are links to their rows."""
    why: str
    count: str
    """How many VMs, in words."""
    rest: int
    """How many of its VMs are not named."""
    lines: tuple[Line, ...]
    """What to do: commands, each with the VM's name if it is about one of several."""
    tone: Tone
    kind: str
    """The kind of its rows, to show them in the table."""
    code: str = ""
    """The failure's code of its rows, if they have the same."""
    link: str = ""
    """The row that its links lead to. Empty: each name leads to its own row."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One heading of what must be decided, with its cases."""

    title: str
    cases: tuple[Case, ...]
    rest: int
    """How many VMs have another case, which is not shown."""
    kind: str
    """The kind of their rows, to show them in the table."""

    @property
    def open(self) -> bool:
        """Whether all cases are shown at once. Many of them are only named."""
        return len(self.cases) <= 4


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers that have one colour in a picture: one for each label."""

    label: str
    tone: Tone
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, one for each label. The same numbers stand below it as a table."""

    name: str
    title: str
    about: str
    """What the picture shows, in one sentence, for those who do not see it."""
    of: str
    """What a label names."""
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    filters: str = ""
    """The column of the table that a click on a bar filters. Empty if none."""
    upright: bool = False
    """Whether the bars stand, because their order is that of time."""
    apart: bool = False
    """Whether the bars of one label stand side by side, because their sum means nothing."""

    @property
    def drawn(self) -> dict[str, Any]:
        """What the script needs to draw it."""
        return {
            "name": self.name,
            "labels": self.labels,
            "filters": self.filters,
            "upright": self.upright,
            "apart": self.apart,
            "series": [
                {"label": each.label, "tone": each.tone, "values": each.values}
                for each in self.series
            ],
        }


@dataclass(frozen=True, slots=True)
class Still:
    """One row for viewers that run no scripts."""

    name: str
    standing: str
    tone: Tone
    items: tuple[tuple[str, str], ...]
    """Labels and texts."""
    story: tuple[dict[str, Any], ...]
    """The sections of its story, as the scripts take them."""


@dataclass(frozen=True, slots=True)
class Page:
    """All of a page."""

    title: str
    lead: str
    """The one sentence that says how things stand."""
    facts: tuple[tuple[str, str], ...]
    """When and by what the page was made: labels and texts."""
    tiles: tuple[Tile, ...]
    decisions: tuple[Decision, ...]
    charts: tuple[Chart, ...]
    texts: dict[str, str]
    """The words of the page and of its scripts."""
    data: dict[str, Any]
    """The rows and the stories, as the scripts take them."""
    still: tuple[Still, ...] = ()
    """The first rows, for viewers that run no scripts."""
    alarms: tuple[Line, ...] = ()
    """What comes before all else, such as a lock that is off."""
    next: tuple[Line, ...] = ()
    """What to do now, if the page is about one VM."""
    notes: tuple[str, ...] = ()
    """Sentences right below the head."""
    cells: str = "cells.js"
    """The script that says what the columns of its tables show."""
    more: tuple[tuple[str, str], ...] = ()
    """Further tables: names and headings."""
