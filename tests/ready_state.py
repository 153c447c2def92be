"""A state without runs, made only once. Making its tables takes half of the time of a run."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

STATE = "state.sqlite"
"""The file in the command's folder that keeps its runs."""


def in_memory() -> str | None:
    """A folder in memory if there is one, because a run waits for the disk many times."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - names are random


class ReadyState:
    """Keeps the tables of the first run's state, and lends them to the following runs."""

    def __init__(self, folder: Path) -> None:
        self._empty = folder / "empty.sqlite"

    def lend(self, records: Path) -> None:
        """Copy the empty state into the folder of a run that begins."""
        if self._empty.exists():
            shutil.copy(self._empty, records / STATE)

    def learn(self, records: Path) -> None:
        """Make the empty state from the folder of a run that has ended."""
        if not self._empty.exists() and (records / STATE).exists():
            _emptied(records / STATE, self._empty)


def _emptied(state: Path, to: Path) -> None:
    """Copy a state without its runs."""
    with closing(sqlite3.connect(state)) as there, closing(sqlite3.connect(to)) as here:
        there.backup(here)
        rows = here.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in rows:
            if "migration" not in name:
                here.execute(f'DELETE FROM "{name}"')  # noqa: S608 - the database gave it
        here.commit()
