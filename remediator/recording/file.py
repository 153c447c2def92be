"""Writing a recording: whole or not at all, for its owner's eyes only, without overwriting."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from remediator.errors import BadInputError


def name_for(when: datetime) -> Path:
    """The name of a recording from this time, in the current folder."""
    return Path(f"remediate-record-{when:%Y%m%dT%H%M%SZ}.jsonl")


def check_free(file: Path, *, replace: bool) -> None:
    """Refuse a file that already exists, or whose folder does not exist.

    Raises:
        BadInputError: why the file will not be written.
    """
    if not file.parent.is_dir():
        raise BadInputError(f"cannot write {file}: there is no folder {file.parent}")
    if file.is_dir():
        raise BadInputError(f"cannot write {file}: it is a folder")
    if file.exists() and not replace:
        raise BadInputError(f"{file} is there already; choose another name, or give --force")


def write_whole(file: Path, text: str, *, replace: bool) -> None:
    """Write a file that only its owner can read. It appears with its whole content.

    Raises:
        BadInputError: the file cannot be written, or it exists meanwhile and must not be replaced.
    """
    check_free(file, replace=replace)
    try:
        # mkstemp makes the file with mode 0600.
        handle, made = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise BadInputError(f"cannot write {file}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as open_file:
            open_file.write(text)
            open_file.flush()
            os.fsync(open_file.fileno())
        if replace:
            Path(made).replace(file)
        else:
            # If the name was taken meanwhile, a link is refused. A rename would replace the other
            # file.
            os.link(made, file)
    except OSError as error:
        raise BadInputError(f"cannot write {file}: {error.strerror}") from None
    finally:
        Path(made).unlink(missing_ok=True)
