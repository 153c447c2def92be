"""The audit trail's file. One process at a time adds lines, and no line is ever removed."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from remediator.errors import BadInputError, StateError
from remediator.record.chain import Head, head_of, linked

NAME: Final = "audit.jsonl"
_PATIENCE: Final = 60.0
"""How many seconds to wait while another process writes its line."""
_PIECE: Final = 65536


class AuditFile:
    """`audit.jsonl` in a folder. All processes that use the folder share it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = FileLock(folder / "audit.lock", timeout=_PATIENCE, mode=0o600)

    def check(self) -> None:
        """Make sure that a line can be added, before a change that the trail must tell is made.

        Raises:
            StateError: the file's last line is not one that this tool writes.
            BadInputError: the file cannot be written.
        """
        if self.path.exists():
            with self._open() as file:
                _end(file, self.path)

    def append(self, line: dict[str, Any]) -> Head:
        """Add a line and wait until it is on disk. Return the new head.

        A killed process may have left half a line. The new line takes its place and keeps the half
        line in `torn`.

        Raises:
            StateError: as for `check`.
            BadInputError: as for `check`.
        """
        with self._open() as file:
            head, end, torn = _end(file, self.path)
            told = ""
            if head is None:
                began = {"event": "trail", "trail": secrets.token_hex(16), "at": _now()}
                first, head = linked(began, None)
                told = f"{first}\n"
            # The new line is longer than the half line, so it overwrites all of it.
            aside = {"torn": torn.decode("ascii", "backslashreplace")} if torn else {}
            text, head = linked({**line, **aside}, head)
            _write(file, f"{told}{text}\n".encode(), end)
            return head

    @contextmanager
    def _open(self) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._lock:
                file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    yield file
                finally:
                    os.close(file)
        except Timeout:
            raise StateError(
                f"{self.path} is in use by another process; nothing is changed that this audit "
                "trail cannot record"
            ) from None
        except OSError as error:
            raise BadInputError(
                f"cannot write the audit trail {self.path}: {error.strerror}; nothing is changed "
                "that it cannot record"
            ) from None


def _end(file: int, path: Path) -> tuple[Head | None, int, bytes]:
    """The head of the last whole line, the place where it ends, and the bytes behind it.

    Raises:
        StateError: the last line is not one of a chain.
    """
    size = os.fstat(file).st_size
    tail, at = b"", size
    # Two line ends are needed: that of the last line and that of the line before it.
    while at > 0 and tail.count(b"\n") < 2:
        step = min(_PIECE, at)
        at -= step
        tail = _read(file, step, at) + tail
    whole, newline, torn = tail.rpartition(b"\n")
    if not newline:
        return None, 0, torn
    try:
        last = head_of(whole.rpartition(b"\n")[2].decode("ascii"))
    except ValueError:
        raise StateError(
            f"the last line of {path} was not written by this tool, so nothing can be added to "
            "the file and nothing is changed: run remediate audit verify, then move the file "
            "away to begin a new one"
        ) from None
    return last, size - len(torn), torn


def _read(file: int, length: int, at: int) -> bytes:
    os.lseek(file, at, os.SEEK_SET)
    found = b""
    while len(found) < length and (piece := os.read(file, length - len(found))):
        found += piece
    return found


def _write(file: int, data: bytes, at: int) -> None:
    os.lseek(file, at, os.SEEK_SET)
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)


def _now() -> str:
    return datetime.now(UTC).isoformat()
