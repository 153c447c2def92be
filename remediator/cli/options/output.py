"""Options for the output: its forms, and where each form goes."""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Annotated, ClassVar, Final, Literal

import typer

from remediator.cli.completing import words
from remediator.cli.options import OUTPUT
from remediator.cli.query import checked
from remediator.errors import BadInputError, closest

Form = Literal["text", "json", "md", "html", "junit", "sarif", "csv"]
PlainForm = Literal["text", "json"]
ListForm = Literal["text", "json", "table", "tsv"]

_BY_ENDING: Final = {
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".md": "md",
    ".html": "html",
    ".htm": "html",
    ".xml": "junit",
    ".csv": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".tsv": "tsv",
    ".txt": "text",
    ".log": "text",
    "": "text",
}
_WORDS: Final = ("text", "json", "ndjson", "table", "tsv", "csv", "md", "html", "junit", "sarif")
"""Words for formats. Where a command lacks the format, its word is no file either."""
_LIKE: Final = 0.7
"""How similar a word must be to a format to count as a misspelling. 1 means equal."""


@dataclass(frozen=True, slots=True)
class Sink:
    """One form of the output, and its place."""

    form: str
    path: Path | None
    """A file. None: stdout."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutputOptions:
    """The forms of an output about VMs, and their places."""

    FORMS: ClassVar[tuple[str, ...]] = ("text", "json", "md", "html", "junit", "sarif", "csv")
    """The forms that the command knows."""
    WHOLE_LINES: ClassVar[bool] = False
    """Whether a row of the text is one whole line wherever no terminal shows it."""

    output: Annotated[
        tuple[str, ...],
        typer.Option(
            "--output",
            "-o",
            help="A format for stdout (text, json, md, html, junit, sarif, csv), or a file whose "
            "ending says its format (.txt, .json, .md, .html, .xml, .sarif, .csv). Repeatable.",
            autocompletion=words(*FORMS),
            rich_help_panel=OUTPUT,
        ),
    ] = ()
    format: Annotated[
        Form | None,
        typer.Option(
            "--format", help="The format, whatever the file is called.", rich_help_panel=OUTPUT
        ),
    ] = None
    query: Annotated[
        str | None,
        typer.Option(
            "--query",
            help="JMESPath: print only this part of the JSON, as az does. Implies -o json.",
            callback=checked,
            rich_help_panel=OUTPUT,
        ),
    ] = None
    detailed_exitcode: bool = False
    """Whether pending changes have an exit code of their own."""
    details: bool = False
    """Whether the text tells everything."""

    @property
    def sinks(self) -> tuple[Sink, ...]:
        """Each form and its place. Without options: text on stdout, or JSON for a query.

        Raises:
            BadInputError: a form is not known, a file's ending does not tell one, or there is a
                query but no JSON.
        """
        usual = "json" if self.query is not None else self.FORMS[0]
        found = tuple(map(self._sink, self.output)) or (Sink(self.format or usual, None),)
        if self.query is not None and all(sink.form != "json" for sink in found):
            raise BadInputError("--query takes a part of the JSON: give -o json, or a file.json")
        return found

    def has(self, form: str) -> bool:
        """Whether something is shown in this form."""
        return any(sink.form == form for sink in self.sinks)

    def _sink(self, said: str) -> Sink:
        if said in self.FORMS:
            return Sink(said, None)
        path = Path(said)
        if not (self.format or said in _WORDS or "." in said) and path.name == said:
            self._not_misspelt(said)
        # A format that only other commands know is no file.
        form = None if said in _WORDS else self.format or _by_ending(path)
        if form not in self.FORMS:
            known = ", ".join(self.FORMS)
            raise BadInputError(
                f"--output {said!r} is neither a format ({known}) nor a file whose ending says its "
                "format; --format gives it"
            )
        return Sink(form, path)

    def _not_misspelt(self, said: str) -> None:
        """Check the name of a file without an ending: it could be a misspelt format.

        Raises:
            BadInputError: it looks like a format.
        """
        if near := closest(said, self.FORMS, like=_LIKE):
            raise BadInputError(
                f"--output {said!r} is no format; did you mean {near[0]}? A file of this name is "
                f"{quote(f'./{said}')}"
            )


def _by_ending(path: Path) -> str | None:
    """The form that a file's ending says. `.sarif.json` is one ending (OASIS, "SARIF 2.1.0")."""
    last_two = "".join(path.suffixes[-2:]).lower()
    return _BY_ENDING.get(last_two, _BY_ENDING.get(path.suffix.lower()))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlainOutputOptions(OutputOptions):
    """The forms of an output that has no row for each VM, and their places."""

    FORMS: ClassVar[tuple[str, ...]] = ("text", "json")

    output: Annotated[
        tuple[str, ...],
        typer.Option(
            "--output",
            "-o",
            help="A format for stdout (text, json), or a file whose ending says its format "
            "(report.json, report.txt). Repeatable.",
            autocompletion=words(*FORMS),
            rich_help_panel=OUTPUT,
        ),
    ] = ()
    format: Annotated[
        PlainForm | None,
        typer.Option(
            "--format", help="The format, whatever the file is called.", rich_help_panel=OUTPUT
        ),
    ] = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlanOutputOptions(OutputOptions):
    """The forms of a plan's output and their places."""

    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Show each step with its reasons, its request and its undo command.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", help="Exit 2 when changes are pending.", rich_help_panel=OUTPUT
        ),
    ] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JsonOutputOptions(PlainOutputOptions):
    """The place of an output that is always JSON."""

    FORMS: ClassVar[tuple[str, ...]] = ("json",)
    format: PlainForm | None = "json"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListOutputOptions(OutputOptions):
    """The forms of a list and their places.

    The table is what text shows. In tsv each record is a line; `remediator.cli.lists` names its
    columns.
    """

    FORMS: ClassVar[tuple[str, ...]] = ("text", "json", "table", "tsv")
    WHOLE_LINES: ClassVar[bool] = True

    output: Annotated[
        tuple[str, ...],
        typer.Option(
            "--output",
            "-o",
            help="A format for stdout (text, table, tsv, json), or a file whose ending says its "
            "format (list.tsv, list.json, list.txt). Repeatable.",
            autocompletion=words(*FORMS),
            rich_help_panel=OUTPUT,
        ),
    ] = ()
    format: Annotated[
        ListForm | None,
        typer.Option(
            "--format", help="The format, whatever the file is called.", rich_help_panel=OUTPUT
        ),
    ] = None  # type: ignore[assignment]  # a list has more forms
