"""The standard streams as the commands may rely on them: there, and not able to end a run."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper


class _Words(TextIOWrapper):
    """What is said beside the data. Whoever listens may go away: a run does not end of that.

    A terminal that was closed, a `| head`, a full disk: the run's record tells all the same.
    """

    def write(self, text: str) -> int:
        """Say it, if it can be said."""
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Have it heard, if that can be."""
        with suppress(OSError):
            super().flush()


def prepare() -> None:
    """Have all three streams there, and stderr harmless."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        # A code page without our symbols must not end a run before its report is told.
        sys.stdout.reconfigure(errors="replace")
    if isinstance(sys.stderr, TextIOWrapper):
        raw = open(sys.stderr.fileno(), "wb", closefd=False)  # noqa: SIM115
        sys.stderr = _Words(
            raw, encoding=sys.stderr.encoding, errors="replace", line_buffering=True
        )
