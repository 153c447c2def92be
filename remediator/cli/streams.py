"""Make the standard streams safe: all three exist, and none of them can end a run."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper


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


def prepare() -> None:
    """Make sure that all three streams exist, and that stderr can do no harm."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the caller closed it
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        # A code page that lacks our symbols must not end a run before its report is shown.
        sys.stdout.reconfigure(errors="replace")
    if isinstance(sys.stderr, TextIOWrapper):
        raw = open(sys.stderr.fileno(), "wb", closefd=False)  # noqa: SIM115
        sys.stderr = _Words(
            raw, encoding=sys.stderr.encoding, errors="replace", line_buffering=True
        )
