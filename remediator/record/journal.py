"""The run's record on disk: one JSON entry per line. Each is on disk before the run goes on."""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from remediator.errors import UnwrittenError
from remediator.run.marks import mark
from remediator.run.run import Entry, LeaseTaken


def new_run_id(now: datetime) -> str:
    """A new id for a run. It sorts by time, and chance makes two equal ids unlikely."""
    return f"run-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


class FileJournal:
    """A journal in a file that only its owner can read."""

    def __init__(self, folder: Path, run_id: str, *, resumed: bool = False) -> None:
        self._how = os.O_APPEND if resumed else os.O_EXCL
        self._folder, self._run_id = folder, run_id
        self.path = folder / "runs" / f"{run_id}.jsonl"
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Open the record.

        Raises:
            UnwrittenError: the record cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | self._how, 0o600)
            if os.fstat(self._file).st_size:
                os.lseek(self._file, -1, os.SEEK_END)
                if os.read(self._file, 1) != b"\n":
                    # A killed process may have left half a line, which would spoil the next entry.
                    os.write(self._file, b"\n")
        except OSError as error:
            raise self._unwritten(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)
            if self.path.stat().st_size == 0:
                self.path.unlink()  # the run was refused before it began: there is nothing to tell

    def write(self, entry: Entry) -> None:
        """Add an entry and wait until it is on disk.

        Raises:
            UnwrittenError: the entry cannot be written. The record stays as it was.
        """
        if self._file is None:
            raise RuntimeError("the journal is not open")
        # The token is an address that Azure signed. It belongs in the engine's state, not in a file
        # that people read.
        line = f"{entry.model_dump_json(exclude={'token'})}\n".encode()
        end = os.fstat(self._file).st_size
        try:
            if isinstance(entry, LeaseTaken):
                mark(self._folder, self._run_id)
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, end)  # half an entry would spoil the next one
            raise self._unwritten(error) from None

    def _unwritten(self, error: OSError) -> UnwrittenError:
        return UnwrittenError(f"cannot write the run's record {self.path}: {error.strerror}")
