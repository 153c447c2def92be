"""Reads a file that somebody else may have put there: only an ordinary file, of limited size."""

import errno
import os
import stat
from pathlib import Path


def read_ordinary(path: Path, largest: int) -> bytes:
    """The content of an ordinary file. Other kinds are not opened: opening a pipe would wait.

    Args:
        path: the file; a link is followed.
        largest: the largest allowed size, in bytes.

    Raises:
        OSError: it cannot be read, is no ordinary file, or is too large; `strerror` says which.
    """
    _check(path.stat().st_mode, path)
    # The path may be another kind of file by now. Then the flags prevent a wait, and it is not
    # read.
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    with os.fdopen(file, "rb") as opened:
        _check(os.fstat(file).st_mode, path)
        raw = opened.read(largest + 1)
    if len(raw) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest} bytes", str(path))
    return raw


def _check(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
