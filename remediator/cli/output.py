"""Where the output goes: data to stdout or a file, words to stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console

from remediator.cli.options.output import OutputOptions
from remediator.errors import BadInputError
from remediator.views.plain import plain


class _Data(Console):
    """The console for data. Its reader may have stopped to read."""

    def on_broken_pipe(self) -> None:
        """Tell the caller. Rich would end the process instead."""
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise BrokenPipeError


def say(text: str) -> None:
    """Print one line for the person, beside the data. The text is made safe to show."""
    print(f"remediate: {plain(text)}", file=sys.stderr)  # noqa: T201 - one line, no layout


@contextmanager
def stdout(show: OutputOptions) -> Iterator[Console]:
    """The console for data.

    Raises:
        BadInputError: the output file cannot be written.
    """
    if show.output is None:
        yield _Data(highlight=False)
        return
    try:
        with show.output.open("a", encoding="utf-8") as file:
            yield Console(file=file, highlight=False, width=100)
    except OSError as error:
        raise BadInputError(f"cannot write {show.output}: {error.strerror}") from None


def start_output(show: OutputOptions) -> None:
    """Empty the output file. If it cannot be written, refuse it before anything is changed."""
    if show.output is not None:
        write(show.output, "")


def stderr() -> Console:
    """The console for questions and progress."""
    return Console(stderr=True, highlight=False)


def write(path: Path, text: str) -> None:
    """Write a file.

    Raises:
        BadInputError: the file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}") from None
