"""What is printed, and where."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from remediator.cli.options import OUTPUT

Form = Literal["text", "json"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OutputOptions:
    """What is printed, and where."""

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
    """What is printed of a plan, and where."""

    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode", help="Exit 2 when changes are pending.", rich_help_panel=OUTPUT
        ),
    ] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JsonOutputOptions(OutputOptions):
    """Where that is printed which is JSON in any case."""

    format: Form = "json"
