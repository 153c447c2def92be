"""Writing a recording: whole or not at all, readable by its owner alone, over nothing else."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

from remediator.errors import BadInputError


def name_for(when: datetime) -> Path:
    """The name of a recording that was made at this time, in the current folder."""
    return Path(f"remediate-record-{when:%Y%m%dT%H%M%SZ}.jsonl")


def check_free(file: Path, *, replace: bool) -> None:
    """Refuse a file that is there already, or a folder that is not.

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
    """Write a file that only its owner can read; it appears with its whole content.

    Raises:
        BadInputError: it cannot be written, or is there meanwhile and is not to be replaced.
    """
    check_free(file, replace=replace)
    try:
        # The file is made with mode 0600.
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
            # A link is refused where the name was taken meanwhile; a rename would replace it.
            os.link(made, file)
    except OSError as error:
        raise BadInputError(f"cannot write {file}: {error.strerror}") from None
    finally:
        Path(made).unlink(missing_ok=True)
