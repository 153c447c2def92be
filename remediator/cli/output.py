"""Where the output goes: data to stdout and to files, words to stderr."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from remediator.cli.loudness import is_quiet
from remediator.cli.masking import is_masked, masked_path, masked_text
from remediator.cli.options.output import OutputOptions, Sink
from remediator.cli.query import queried
from remediator.errors import BadInputError
from remediator.language.translation import translated
from remediator.views.plain import plain

Draw = Callable[[Console], None]
"""Draws the text for a person."""

Made = Callable[[], str]
"""Makes the whole output in one form."""

_FOR_PEOPLE: Final = ("text", "table")
_WHOLE: Final = 100_000
"""A width, in columns, that no line reaches."""


def say(text: str) -> None:
    """Print one line for the person, beside the data, in the chosen language and safe to show."""
    told = plain(translated(masked_text(text)))
    print(f"remediate: {told}", file=sys.stderr)  # noqa: T201 - one line, no layout


def note(text: str) -> None:
    """Print one line that may be missed. `--quiet` leaves it out."""
    if not is_quiet():
        say(text)


def put(show: OutputOptions, text: Draw | None, forms: Mapping[str, Made]) -> None:
    """Put out each wanted form.

    Args:
        show: the forms and their places.
        text: the text for a person. None if there is no text to show.
        forms: the other forms. A form that is not among them is left out.

    Raises:
        BadInputError: a file cannot be written, or the query does not fit the result.
    """
    for sink in show.sinks:
        if sink.form in _FOR_PEOPLE:
            if text is not None:
                with _opened(sink, whole=show.WHOLE_LINES) as console:
                    text(console)
        elif sink.form in forms:
            made = forms[sink.form]()
            if sink.form == "json" and show.query is not None:
                made = queried(made, show.query)
            with _opened(sink, whole=False) as console:
                # Rich would turn tabs into spaces, and take the carriage returns out of CSV.
                console.file.write(made)
                console.file.flush()


@contextmanager
def _opened(sink: Sink, *, whole: bool) -> Iterator[Console]:
    """The console for one place. `whole`: it folds lines for a terminal only.

    Raises:
        BadInputError: the file cannot be written.
    """
    if sink.path is None:
        console = Console(highlight=False)
        if whole and not console.file.isatty():
            console.width = _WHOLE
        yield console
        return
    try:
        # CSV brings its own line ends.
        newline = "" if sink.form == "csv" else None
        with sink.path.open("a", encoding="utf-8", newline=newline) as file:
            yield Console(file=file, highlight=False, width=_WHOLE if whole else 100)
    except OSError as error:
        where = masked_path(str(sink.path))
        raise BadInputError(f"cannot write {where}: {error.strerror}") from None


def start_output(show: OutputOptions) -> None:
    """Empty the output files. If one cannot be written, refuse it before anything is changed."""
    for sink in show.sinks:
        if sink.path is not None:
            write(sink.path, "")


def stderr() -> Console:
    """The console for questions, and for what is shown right above them."""
    return Console(stderr=True, highlight=False)


def passing() -> Console:
    """The console for progress. With `--quiet` it shows nothing.

    Progress tells real names. So with `--mask` only a terminal shows it, which nobody else reads.
    """
    unread = is_masked() and not sys.stderr.isatty()
    return Console(stderr=True, highlight=False, quiet=is_quiet() or unread)


def write(path: Path, text: str) -> None:
    """Write a file.

    Raises:
        BadInputError: the file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot write {masked_path(str(path))}: {error.strerror}") from None
