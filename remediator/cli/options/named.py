"""Options that name the jobs of a command."""

from dataclasses import dataclass
from typing import Annotated

import typer


def _unless_named(context: typer.Context, value: list[str] | None) -> list[str]:
    """The values of `--job-id`. A job without a flag wins over one from a configuration file."""
    source = context.get_parameter_source("job_id")
    from_file = source is not None and source.name == "DEFAULT_MAP"
    return [] if from_file and context.params.get("job") else value or []


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NamedOptions:
    """The jobs that a command is about."""

    job: Annotated[
        tuple[str, ...],
        typer.Argument(metavar="ID", help="The same as --job-id ID.", show_default=False),
    ] = ()
    job_id: Annotated[
        tuple[str, ...],
        typer.Option(
            "--job-id",
            help="A failed job: its ARM id, its bare name, or what names just this job: a URL, a "
            "row, its JSON, an alert; @FILE and - read several. Repeatable for run.",
            callback=_unless_named,
        ),
    ] = ()
