"""Options for the output: its forms, and where each form goes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

import typer

from remediator.cli.options import OUTPUT
from remediator.errors import BadInputError

Form = Literal["text", "json", "md", "junit", "sarif", "csv"]
PlainForm = Literal["text", "json"]

_BY_ENDING: Final = {
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".md": "md",
    ".xml": "junit",
    ".csv": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".txt": "text",
    ".log": "text",
    "": "text",
}


@dataclass(frozen=True, slots=True)
class Sink:
    """One form of the output, and its place."""

    form: str
    path: Path | None
    """A file. None: stdout."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutputOptions:
    """The forms of an output about VMs, and their places."""

    FORMS: ClassVar[tuple[str, ...]] = ("text", "json", "md", "junit", "sarif", "csv")
    """The forms that the command knows."""

    output: Annotated[
        tuple[str, ...],
        typer.Option(
            "--output",
            "-o",
            help="A format for stdout (text, json, md, junit, sarif, csv), or a file whose ending "
            "says its format (.txt, .json, .md, .xml, .sarif, .csv). Repeatable.",
            rich_help_panel=OUTPUT,
        ),
    ] = ()
    format: Annotated[
        Form | None,
        typer.Option(
            "--format", help="The format, whatever the file is called.", rich_help_panel=OUTPUT
        ),
    ] = None
    detailed_exitcode: bool = False
    """Whether pending changes have an exit code of their own."""

    @property
    def sinks(self) -> tuple[Sink, ...]:
        """Each form and its place. Without options: text on stdout.

        Raises:
            BadInputError: a form is not known, or a file's ending does not tell one.
        """
        if not self.output:
            return (Sink(self.format or self.FORMS[0], None),)
        return tuple(map(self._sink, self.output))

    def has(self, form: str) -> bool:
        """Whether something is shown in this form."""
        return any(sink.form == form for sink in self.sinks)

    def _sink(self, said: str) -> Sink:
        if said in self.FORMS:
            return Sink(said, None)
        path = Path(said)
        # A format that only other commands know is no file.
        form = None if said in _BY_ENDING.values() else self.format or _by_ending(path)
        if form not in self.FORMS:
            known = ", ".join(self.FORMS)
            raise BadInputError(
                f"--output {said!r} is neither a format ({known}) nor a file whose ending says its "
                "format; --format gives it"
            )
        return Sink(form, path)


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
