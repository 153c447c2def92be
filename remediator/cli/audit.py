"""`remediate audit …`: verify and list the audit trail."""

from pathlib import Path
from typing import Annotated

import typer

from remediator.cli import completing, examples, lists
from remediator.cli import options as o
from remediator.cli.grouped import grouped
from remediator.cli.help import group, verb
from remediator.cli.options.output import ListOutputOptions, PlainOutputOptions
from remediator.cli.options.silent import CONFIG, DEBUG

app = group("The audit trail of this machine's runs. Works offline.")

_File = Annotated[
    Path | None, typer.Argument(help="The trail's file. Default: the trail of --state.")
]


@verb(app, "verify")
@grouped(CONFIG, DEBUG)
def verify(
    *,
    file: _File = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            help="The head SEQ:CHAIN that a run's report shows: the file must contain it.",
        ),
    ] = None,
    state: o.State = None,
    show: PlainOutputOptions,
) -> int:
    """Check that no line was altered, moved or removed; at the end, with --head."""
    from remediator.cli import trail

    return trail.verify(file, state, head, show)


@verb(app, "show", epilog=examples.columns(lists.TRAIL))
@grouped(CONFIG, DEBUG)
def show(
    *,
    file: _File = None,
    run: Annotated[
        str | None,
        typer.Option("--run", help="Only this run.", autocompletion=completing.runs),
    ] = None,
    state: o.State = None,
    wanted: ListOutputOptions,
) -> int:
    """List the lines: time, person, change and result. Only `verify` checks them."""
    from remediator.cli import trail

    return trail.show(file, state, run, wanted)
