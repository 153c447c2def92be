"""The run's record on disk: one JSON entry per line, each on disk before the run goes on."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import IO, Self

from remediator.errors import BadInputError
from remediator.run import Entry


def new_run_id(now: datetime) -> str:
    """A run's id: sortable by time, and not guessable into a clash."""
    return f"run-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class FileJournal:
    """A journal in a file that only its owner can read."""

    def __init__(self, folder: Path, run_id: str, *, resumed: bool = False) -> None:
        self._how = os.O_APPEND if resumed else os.O_EXCL
        self.path = folder / "runs" / f"{run_id}.jsonl"
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | self._how, 0o600)
        except OSError as error:
            raise BadInputError(
                f"cannot write the run's record {self.path}: {error.strerror}; choose another "
                "folder with --state"
            ) from None
        self._file = os.fdopen(opened, "w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()
            if self.path.stat().st_size == 0:
                self.path.unlink()  # refused before it began: there is nothing to tell

    def write(self, entry: Entry) -> None:
        """Add an entry and wait until the disk has it."""
        if self._file is None:
            raise RuntimeError("the journal is not open")
        # An operation's address is signed by Azure: it is for the engine's state, not for readers.
        self._file.write(entry.model_dump_json(exclude={"token"}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
