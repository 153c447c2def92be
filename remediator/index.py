"""The index of the built-in playbooks: what a lookup asks of them, without reading them all.

To read a hundred playbooks takes seconds, to read this file milliseconds. `python -m
remediator.index` writes it (`make index`). It is never trusted about a file that it does not fit:
it tells each file's digest, and a playbook that was changed since is read itself.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from remediator.dictionary import Entry, Message
from remediator.playbook import Playbook
from remediator.wording import message

FILE: Final = "index.json"


@dataclass(frozen=True, slots=True)
class Row:
    """What the index tells of one playbook."""

    file: str
    digest: str
    title: str
    entries: tuple[Entry, ...]
    messages: tuple[Message, ...]


def row(playbook: Playbook, file: str) -> Row:
    """The row of a playbook that was read."""
    messages: dict[str, Message] = {}
    for code, said in playbook.messages.items():
        for text in map(message, said.every()):
            messages.setdefault(text, Message(text, code))
    return Row(
        file=file,
        digest=playbook.digest,
        title=playbook.title,
        entries=tuple(
            Entry(code, playbook.name, playbook.triage, code in playbook.named_here)
            for code in playbook.codes
        ),
        messages=tuple(messages.values()),
    )


def text(rows: Iterable[Row]) -> str:
    """The index as the file holds it."""
    told = [
        {
            "file": row.file,
            "digest": row.digest,
            "title": row.title,
            "codes": [entry.code for entry in row.entries],
            "named_here": [entry.code for entry in row.entries if entry.ours],
            "triage": any(entry.triage for entry in row.entries),
            "messages": {m.text: m.code for m in row.messages},
        }
        for row in rows
    ]
    return json.dumps({"playbooks": told}, indent=1, ensure_ascii=False) + "\n"


def read(folder: Path) -> tuple[Row, ...]:
    """The rows of a folder's index; none when it has no index that this version reads."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return tuple(_rows(told["playbooks"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _rows(told: list[dict[str, Any]]) -> Iterator[Row]:
    for part in told:
        codes, ours = part["codes"], part["named_here"]
        yield Row(
            file=part["file"],
            digest=part["digest"],
            title=part["title"],
            entries=tuple(Entry(c, codes[0], part["triage"], c in ours) for c in codes),
            messages=tuple(Message(text, code) for text, code in part["messages"].items()),
        )


if __name__ == "__main__":
    from remediator.installed import built_in_folder
    from remediator.playbook import load

    folder = built_in_folder()
    rows = (row(load(path, path.name), path.name) for path in sorted(folder.glob("*.yaml")))
    (folder / FILE).write_text(text(rows), encoding="utf-8")
