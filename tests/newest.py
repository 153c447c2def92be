"""The codes, numbers and texts of `data/newest.yaml`: what the newest documents name."""

from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML

from tests.places import DATA


@dataclass(frozen=True)
class Newest:
    """A code, or a text without a code of its own, and where it should lead."""

    id: str
    """The code. `RP` and a number for a text of a restore point's error."""
    grade: str = ""
    playbook: str | None = None
    number: int | None = None
    texts: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    same: str | None = None
    """The row of the older articles, or of this file, whose cases prove this one too."""
    outside: str | None = None
    """Why it is no failure of a backup or a restore."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every form of its code, and its number."""
        own = () if self.id.startswith("RP") else (self.id,)
        return (*own, *self.spellings, *((str(self.number),) if self.number else ()))


def _read() -> tuple[Newest, ...]:
    data = YAML(typ="safe").load((DATA / "newest.yaml").read_text(encoding="utf-8"))
    return tuple(
        Newest(
            name,
            row.get("class", ""),
            row.get("playbook"),
            row.get("number"),
            tuple(row.get("texts", ())),
            tuple(row.get("spellings", ())),
            row.get("same"),
            row.get("outside"),
        )
        for name, row in data.items()
    )


NEWEST: Final = _read()
"""All rows, in the order of the file."""
