"""Where the output goes: data to stdout and to files, words to stderr."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from remediator.cli.options.output import OutputOptions, Sink
from remediator.errors import BadInputError
from remediator.views.plain import plain

Draw = Callable[[Console], None]
"""Draws the text for a person."""

Made = Callable[[], str]
"""Makes the whole output in one form."""


def say(text: str) -> None:
    """Print one line for the person, beside the data. The text is made safe to show."""
    print(f"remediate: {plain(text)}", file=sys.stderr)  # noqa: T201 - one line, no layout


def put(show: OutputOptions, text: Draw | None, forms: Mapping[str, Made]) -> None:
    """Put out each wanted form.

    Args:
        show: the forms and their places.
        text: the text for a person. None if there is no text to show.
        forms: the other forms. A form that is not among them is left out.

    Raises:
        BadInputError: a file cannot be written.
    """
    for sink in show.sinks:
        if sink.form == "text":
            if text is not None:
                with opened(sink) as console:
                    text(console)
        elif sink.form in forms:
            with opened(sink) as console:
                _write_out(console, forms[sink.form]())


def _write_out(console: Console, text: str) -> None:
    """Write data as it is. Rich would take the carriage returns out of CSV."""
    try:
        console.file.write(text)
        console.file.flush()
    except BrokenPipeError:
        console.on_broken_pipe()


@contextmanager
def opened(sink: Sink) -> Iterator[Console]:
    """The console for one place.

    Raises:
        BadInputError: the file cannot be written.
    """
    if sink.path is None:
        yield Console(highlight=False)
        return
    try:
        # CSV brings its own line ends.
        newline = "" if sink.form == "csv" else None
        with sink.path.open("a", encoding="utf-8", newline=newline) as file:
            yield Console(file=file, highlight=False, width=100)
    except OSError as error:
        raise BadInputError(f"cannot write {sink.path}: {error.strerror}") from None


def start_output(show: OutputOptions) -> None:
    """Empty the output files. If one cannot be written, refuse it before anything is changed."""
    for sink in show.sinks:
        if sink.path is not None:
            write(sink.path, "")


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
