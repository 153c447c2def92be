"""Read all recordings in a folder."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.cassette import Pair, UnreadableError, read
from tests.places import RECORDINGS

SUFFIXES = {".jsonl", ".json", ".yaml", ".yml"}


@dataclass(frozen=True)
class Recorded:
    """The recordings of a folder."""

    pairs: list[Pair] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """One line for each file that could not be read."""


def everything(folder: Path = RECORDINGS) -> Recorded:
    """Read every file below a folder. A file that cannot be read is listed; it raises no error."""
    found = Recorded()
    if not folder.is_dir():
        found.unreadable.append(f"{folder}: no such folder")
        return found
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES]
    if not files:
        found.unreadable.append(f"{folder}: no recording in it (*.jsonl, *.json, *.yaml)")
    for path in files:
        try:
            found.pairs.extend(read(path))
        except UnreadableError as error:
            found.unreadable.append(str(error))
    return found
