"""Marks beside the records: the runs that took a lock off. A start need not read every record.

A mark is on disk before the lock is written down. It is removed only when the run has ended and
owes nothing. Records that are older than the marks are looked through once.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_FOLDER: Final = "owed"
_ALL: Final = ".all"
"""This mark exists once every record that is older than the marks was looked through."""


def mark(folder: Path, run_id: str) -> None:
    """Mark a run that is about to take a lock off.

    Raises:
        OSError: the mark cannot be kept.
    """
    _make(folder / _FOLDER, run_id)


def unmark(folder: Path, run_id: str) -> None:
    """Remove the mark of a run that has ended and owes nothing."""
    with suppress(OSError):
        (folder / _FOLDER / run_id).unlink()


def marked(folder: Path, look: Callable[[], Iterable[str]]) -> list[str]:
    """The runs that took a lock off and perhaps owe it, in the order of their ids.

    Args:
        folder: where runs are kept.
        look: looks through the records for such runs. It is called only while some records were
            never looked through.
    """
    try:
        found = {entry.name for entry in os.scandir(folder / _FOLDER)}
    except OSError:
        found = set()
    if _ALL not in found:
        older = set(look())
        with suppress(OSError):  # if this fails, they are looked through the next time too
            if older or (folder / "runs").is_dir():
                for run_id in (*older, _ALL):
                    _make(folder / _FOLDER, run_id)
        found |= older
    return sorted(name for name in found if not name.startswith("."))


def _make(folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / name).exists():
        return
    os.close(os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600))
    _sync(folder)


def _sync(folder: Path) -> None:
    """Wait until the folder's content is on disk, if the system can tell."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
