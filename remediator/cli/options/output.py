"""Options for the output and its place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from remediator.cli.options import OUTPUT

Form = Literal["text", "json"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutputOptions:
    """The form of the output and its place."""

    format: Annotated[Form, typer.Option("--format", help="On stdout.", rich_help_panel=OUTPUT)] = (
        "text"
    )
    output: Annotated[
        Path | None,
        typer.Option("--output", help="A file instead of stdout.", rich_help_panel=OUTPUT),
    ] = None
    detailed_exitcode: bool = False
    """Whether pending changes have an exit code of their own."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlanOutputOptions(OutputOptions):
    """The form of a plan's output and its place."""

    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", help="Exit 2 when changes are pending.", rich_help_panel=OUTPUT
        ),
    ] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JsonOutputOptions(OutputOptions):
    """The place of an output that is always JSON."""

    format: Form = "json"
