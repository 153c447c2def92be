"""The state as the engine uses it: by one process or several, signed with a key."""

import hashlib
import os
import secrets
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from remediator.errors import BadInputError, StateError
from remediator.record.state import State

_KEY_BYTES = 32
NEWEST_OLD_SQLITE = (3, 42)


def check_sqlite() -> None:
    """Refuse a pair of Python and SQLite with which DBOS cannot begin.

    From Python 3.12 on, DBOS asks SQLite for `unixepoch('subsec')`, which came with SQLite 3.42.

    Raises:
        StateError: this pair does not work.
    """
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < NEWEST_OLD_SQLITE:
        python = ".".join(map(str, sys.version_info[:2]))
        raise StateError(
            f"Python {python} with SQLite {sqlite3.sqlite_version} cannot keep runs: SQLite 3.42 "
            "is needed; use Python 3.11, a Python with a newer SQLite, or --state postgresql://…"
        )


def unusable(state: State, how: Literal["read", "used"], error: Exception) -> StateError:
    """The error that a state cannot be read or used. It also tells how to put locks back anyway."""
    cause = getattr(error, "orig", None) or error
    first = next(iter(str(cause).splitlines()), type(error).__name__)
    mend = "" if state.shared else "put it back as it was, or move it away; "
    return StateError(
        f"{state.shown} cannot be {how}: {first}; {mend}to put back locks that a run took off, "
        f"use its record in {state.folder / 'runs'}: remediate restore-locks RUN"
    )


@contextmanager
def only_one(state: State) -> Iterator[None]:
    """Allow one process only to use a SQLite state. PostgreSQL does not need this.

    Raises:
        StateError: another process uses the state now.
    """
    if state.shared:
        yield
        return
    lock = FileLock(state.folder / "state.lock", timeout=0, mode=0o600)
    try:
        with lock:
            yield
    except Timeout:
        raise StateError(
            f"another run uses {state.shown} now; wait until it has ended, give this one another "
            "--state, or share a PostgreSQL"
        ) from None


def signing_key(folder: Path) -> bytes:
    """The key that marks this tool's own rows: REMEDIATE_STATE_KEY, or a file in the folder.

    Raises:
        BadInputError: the file can neither be read nor made, or it is not a key.
    """
    if said := os.environ.get("REMEDIATE_STATE_KEY"):
        return hashlib.sha256(said.encode()).digest()
    path = folder / "state.key"
    try:
        if not path.exists():
            with FileLock(folder / "state.key.lock", mode=0o600):
                if not path.exists():
                    _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"cannot keep {path}: {error.strerror}") from None
    if len(key) != _KEY_BYTES:
        raise BadInputError(
            f"{path} is not a key of this tool, so it is not used: put the right key back, or "
            "move the file away together with the state"
        )
    return key


def _make_key(path: Path) -> None:
    """Make a key file that is complete or missing, whatever happens meanwhile."""
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
