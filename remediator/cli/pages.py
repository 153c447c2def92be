"""`remediate help`: the page of a verb, for those who type `help` first."""

from typing import Annotated

import typer

from remediator.cli import completing


def help_on(
    verb: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[VERB [SUBVERB]]",
            help="The verb. Default: all of them.",
            autocompletion=completing.verbs,
        ),
    ] = None,
) -> int:
    """Show the page of a verb, as `VERB --help` does."""
    from remediator.cli import call

    return call([*(verb or ()), "--help"])
