"""The records of finished scans: a compressed file for each, beside the records of the runs."""

import gzip
import os
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from remediator.errors import BadInputError, StateError
from remediator.ordinary_file import read_ordinary

FOLDER: Final = "scans"
"""The folder in the state's folder."""

LARGEST: Final = 256 * 1024 * 1024
"""The largest record that is read, in bytes, packed or unpacked. Ten thousand VMs take a few
millions."""

_NAME: Final = re.compile(r"scan-(\d{8}-\d{6})-[0-9a-f]{6}\.json\.(?:gz|new)")
_MOMENT: Final = "%Y%m%d-%H%M%S"
_MAGIC: Final = b"\x1f\x8b"
"""The beginning of each gzip file (RFC 1952, section 2.3.1)."""


def keep_scan(folder: Path, ended: datetime, content: Iterable[str]) -> Path:
    """Keep the JSON of a scan in a file that only its owner can read.

    Args:
        folder: the state's folder.
        ended: when the scan ended.
        content: the JSON, in pieces: the whole would take as much memory as the scan itself.

    Returns:
        The file.

    Raises:
        StateError: the file cannot be written. Then no part of it is left.
    """
    name = f"scan-{ended.astimezone(UTC).strftime(_MOMENT)}-{secrets.token_hex(3)}.json"
    path = folder / FOLDER / f"{name}.gz"
    new = path.with_suffix(".new")
    try:
        for each in (folder, new.parent):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as opened:
                with gzip.GzipFile(fileobj=opened, mode="wb", mtime=0) as packed:
                    for piece in content:
                        packed.write(piece.encode())
                opened.flush()
                os.fsync(file)
            new.replace(path)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StateError(f"cannot keep the scan in {path.parent}: {error.strerror}") from None
    return path


def kept_scans(folder: Path, since: datetime | None = None) -> Iterator[Path]:
    """The records of scans, the oldest first.

    Args:
        folder: the state's folder.
        since: only scans that ended at this moment or later. None: all.

    Raises:
        StateError: the folder cannot be read.
    """
    for path, ended in _files(folder):
        if path.suffix == ".gz" and (since is None or ended >= since.replace(microsecond=0)):
            yield path


def read_scan(path: Path) -> bytes:
    """The JSON of a scan: of its record, or of a file that a person saved.

    Raises:
        BadInputError: the file cannot be read or unpacked, or is too large.
    """
    try:
        return unpacked(read_ordinary(path, LARGEST))
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise BadInputError(f"{path}: cannot be read: {error}") from None


def unpacked(raw: bytes) -> bytes:
    """The content of a file that may be packed with gzip.

    Raises:
        ValueError: it is packed and cannot be unpacked, or becomes too large.
    """
    if not raw.startswith(_MAGIC):
        return raw
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpacking.decompress(raw, LARGEST)
    except zlib.error:
        raise ValueError("it is damaged: it cannot be unpacked") from None
    if unpacking.unconsumed_tail:
        raise ValueError(f"it is larger than {LARGEST} bytes when it is unpacked")
    if not unpacking.eof:
        raise ValueError("it is damaged: its end is missing")
    return content


def old_scans(folder: Path, before: datetime) -> list[Path]:
    """The records of scans that ended before a moment, and what broken writing left.

    Raises:
        StateError: the folder cannot be read.
    """
    return [path for path, ended in _files(folder) if ended < before]


def forget_scans(paths: Iterable[Path]) -> None:
    """Delete records of scans.

    Raises:
        StateError: one of them cannot be deleted.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StateError(f"{path} cannot be deleted: {error.strerror}") from None


def _files(folder: Path) -> list[tuple[Path, datetime]]:
    """The files that this module writes, the oldest first. Other files are left alone."""
    found = []
    try:
        for path in (folder / FOLDER).iterdir():
            if (match := _NAME.fullmatch(path.name)) is not None:
                with suppress(ValueError):
                    ended = datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
                    found.append((path, ended))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError(f"{folder / FOLDER} cannot be read: {error.strerror}") from None
    return sorted(found)
