"""Options of `remediate history`: the period, what it is narrowed to, and the forms."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import typer

from remediator.cli import completing
from remediator.cli.options import OUTPUT
from remediator.cli.options.output import OutputOptions

HistoryForm = Literal["text", "json", "html", "csv", "table", "tsv"]
By = Literal["day", "week"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HistoryOptions:
    """What the history is to tell."""

    since: Annotated[
        str, typer.Option("--since", help="How far back runs and scans count: 12h, 7d.")
    ] = "30d"
    vms: Annotated[
        tuple[str, ...],
        typer.Option("--vm", help="Only this VM: its ARM id or name. Repeatable."),
    ] = ()
    codes: Annotated[
        tuple[str, ...],
        typer.Option(
            "--code",
            help="Only failures of this code or number. Repeatable.",
            autocompletion=completing.codes,
        ),
    ] = ()
    vaults: Annotated[
        tuple[str, ...],
        typer.Option("--vault", help="Only this vault: its ARM id or name. Repeatable."),
    ] = ()
    subscriptions: Annotated[
        tuple[str, ...],
        typer.Option("--subscription", help="Only VMs of this subscription: its id. Repeatable."),
    ] = ()
    by: Annotated[
        By | None,
        typer.Option(
            "--by", help="The parts of the trend. Default: days for two weeks, else weeks."
        ),
    ] = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HistoryOutputOptions(OutputOptions):
    """The forms of a history and their places. The table is what text shows.

    In tsv and CSV there is a record for each VM and code.
    """

    FORMS: ClassVar[tuple[str, ...]] = ("text", "json", "html", "csv", "table", "tsv")

    output: Annotated[
        tuple[str, ...],
        typer.Option(
            "--output",
            "-o",
            help="A format for stdout (text, table, json, html, csv, tsv), or a file whose ending "
            "says its format (.txt, .json, .html, .csv, .tsv). Repeatable.",
            autocompletion=completing.words(*FORMS),
            rich_help_panel=OUTPUT,
        ),
    ] = ()
    format: Annotated[
        HistoryForm | None,
        typer.Option(
            "--format", help="The format, whatever the file is called.", rich_help_panel=OUTPUT
        ),
    ] = None  # type: ignore[assignment]  # a history has other forms
