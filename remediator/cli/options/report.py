"""Options of `remediate report`: the forms of a result that is shown again."""

from dataclasses import dataclass
from typing import Annotated

import typer

from remediator.cli.options import OUTPUT
from remediator.cli.options.output import OutputOptions


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReportOutputOptions(OutputOptions):
    """The forms of a stored result, and their places."""

    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Of a plan: each step in full. Of a scan: each VM with its job, its reason and "
            "its next command.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
