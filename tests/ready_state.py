"""A state without runs, made once: to make its tables takes half of a run's time."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

STATE = "state.sqlite"
"""The file in which the command keeps its runs, in its folder."""


def in_memory() -> str | None:
    """A folder in memory, where there is one: a run waits for the disk many times."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - names are random


class ReadyState:
    """Learns a state's tables from the first run, and lends them to those that follow."""

    def __init__(self, folder: Path) -> None:
        self._empty = folder / "empty.sqlite"

    def lend(self, records: Path) -> None:
        """Put it into the folder of a run that begins."""
        if self._empty.exists():
            shutil.copy(self._empty, records / STATE)

    def learn(self, records: Path) -> None:
        """Take it from the folder of a run that has ended."""
        if not self._empty.exists() and (records / STATE).exists():
            _emptied(records / STATE, self._empty)


def _emptied(state: Path, to: Path) -> None:
    """Copy a state without the runs that are in it."""
    with closing(sqlite3.connect(state)) as there, closing(sqlite3.connect(to)) as here:
        there.backup(here)
        rows = here.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in rows:
            if "migration" not in name:
                here.execute(f'DELETE FROM "{name}"')  # noqa: S608 - its own name
        here.commit()
