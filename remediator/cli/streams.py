"""Make the standard streams safe: all three exist, and none of them can end a run."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import ClassVar


class _Words(TextIOWrapper):
    """The stream for words beside the data. If its reader goes away, the run goes on.

    The reader may be a closed terminal, a `| head` or a full disk. The run's record still tells
    all.
    """

    def write(self, text: str) -> int:
        """Write the text, if possible."""
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream, if possible."""
        with suppress(OSError):
            super().flush()


class _Data(TextIOWrapper):
    """The stream for data. If its reader goes away, the rest of the data is dropped.

    So `| head` ends with the exit code of what was done. A full disk is still an error.
    """

    gone: ClassVar[bool] = False
    """Whether the reader of this process's stdout has gone away."""

    def write(self, text: str) -> int:
        """Write the text as long as somebody reads."""
        try:
            return super().write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        """Flush the stream as long as somebody reads."""
        try:
            super().flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        """Send what is left, also what the buffer still holds, to nowhere."""
        _Data.gone = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def is_read() -> bool:
    """Whether somebody may still read stdout, as far as its writes have shown."""
    return not _Data.gone


def prepare() -> None:
    """Make sure that all three streams exist, and that a reader who leaves can end no run."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the caller closed it
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        # A code page that lacks our symbols must not end a run before its report is shown.
        sys.stdout.flush()
        raw = open(sys.stdout.fileno(), "wb", closefd=False)  # noqa: SIM115
        sys.stdout = _Data(
            raw,
            encoding=sys.stdout.encoding,
            errors="replace",
            line_buffering=sys.stdout.line_buffering,
        )
    if isinstance(sys.stderr, TextIOWrapper):
        raw = open(sys.stderr.fileno(), "wb", closefd=False)  # noqa: SIM115
        sys.stderr = _Words(
            raw, encoding=sys.stderr.encoding, errors="replace", line_buffering=True
        )
