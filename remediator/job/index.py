"""The index of the built-in playbooks: the data for a lookup, without reading every playbook.

Reading a hundred playbooks takes seconds; reading this file takes milliseconds. The index holds
each file's digest. If a playbook file does not match its digest, the index is not trusted for it,
and the playbook itself is read.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from remediator.job.dictionary import Entry, Message

FILE: Final = "index.json"
GUEST: Final = "guest"
"""The impact of work inside the VM."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A rung, as it is shown to a person."""

    rung: str
    title: str
    when: Mapping[str, tuple[str, ...]]
    actions: tuple[str, ...]
    impacts: tuple[str, ...]
    """The possible impacts of its changes, mildest first."""
    opt_ins: tuple[str, ...]
    """The impacts among them that `--allow` must name."""
    permissions: tuple[str, ...]
    only_asked: bool = False
    """Whether it is taken only if a script has asked for it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The guidance that is only for one operating system."""

    system: str
    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """The index's data about one playbook."""

    file: str
    digest: str
    origin: str
    """`built-in`, or the file that a user brought."""
    title: str
    codes: tuple[str, ...]
    numbers: Mapping[str, int]
    """Azure's number for each code whose number is known."""
    named_here: tuple[str, ...]
    triage: bool
    narrows: tuple[str, ...]
    """The playbooks of catch-alls that say less than this one."""
    messages: Mapping[str, str]
    """The code of each message. The message is in its comparable form."""
    causes: tuple[str, ...]
    checks: tuple[str, ...]
    ladder: tuple[Remedy, ...]
    advice: str
    commands: tuple[str, ...]
    by_system: tuple[Advice, ...]
    """What else a person does, by the VM's operating system."""
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """The playbook's name: its first code."""
        return self.codes[0]

    @property
    def impacts(self) -> tuple[str, ...]:
        """The possible impacts of all its rungs."""
        return tuple(dict.fromkeys(impact for rung in self.ladder for impact in rung.impacts))

    @property
    def reach(self) -> str:
        """How far it helps: `A` from outside the VM, `B` in the guest, `C` only guidance."""
        guest = [GUEST in rung.impacts for rung in self.ladder if rung.impacts]
        outside = "A" if not all(guest) else ""
        inside = "B" if any(guest) else ""
        return "+".join(filter(None, (outside, inside))) or "C"

    @property
    def entries(self) -> Iterator[Entry]:
        """Its codes, for the dictionary."""
        for code in self.codes:
            ours = code in self.named_here
            number = self.numbers.get(code)
            yield Entry(code, self.name, self.triage, ours, number, self.narrows)

    @property
    def known(self) -> Iterator[Message]:
        """Its messages, for the dictionary."""
        return (Message(text, code) for text, code in self.messages.items())


def text(rows: Iterable[Row]) -> str:
    """The index as text, as the file holds it."""
    return json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n"


def read(folder: Path) -> tuple[Row, ...]:
    """The rows of a folder's index. Empty if the folder has no index that this version can read."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return tuple(_row(part) for part in told)
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def digest(raw: bytes) -> str:
    """The digest of a playbook file. It tells two versions of the file apart."""
    return hashlib.sha256(raw).hexdigest()[:16]


def _row(told: dict[str, Any]) -> Row:
    ladder = tuple(Remedy(**_frozen(rung)) for rung in told["ladder"])
    by_system = tuple(Advice(**_frozen(part)) for part in told["by_system"])
    return Row(**_frozen(told) | {"ladder": ladder, "by_system": by_system})


def _frozen(told: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(part) if isinstance(part, list) else part for key, part in told.items()}
