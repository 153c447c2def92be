"""`remediate runs …`: the former runs."""

from typing import Annotated

import typer

from remediator.cli import completing, examples, lists
from remediator.cli import options as o
from remediator.cli.grouped import grouped
from remediator.cli.help import group, verb
from remediator.cli.options.output import ListOutputOptions, PlainOutputOptions
from remediator.cli.options.silent import CONFIG, DEBUG, LANG, MASK

app = group("The history of runs.")


@verb(app, "list", epilog=examples.columns(lists.RUNS))
@grouped(LANG, CONFIG, MASK, DEBUG)
def list_runs(
    *,
    state: o.State = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Show only unfinished runs.")
    ] = False,
    show: ListOutputOptions,
) -> int:
    """All runs, the newest first."""
    from remediator.cli import former

    return former.list_runs(state, show, unfinished=unfinished)


@verb(app, "show")
@grouped(LANG, CONFIG, MASK, DEBUG)
def show_run(
    *,
    run_id: Annotated[str, typer.Argument(help="A run.", autocompletion=completing.runs)],
    state: o.State = None,
    show: PlainOutputOptions,
) -> int:
    """Show a run: its plan, its stages and its report."""
    from remediator.cli import former

    return former.show_run(state, run_id, show)


@verb(app, "prune")
@grouped(CONFIG, DEBUG)
def prune(
    *,
    days: Annotated[
        float,
        typer.Option("--older-than", help="Forget what ended more than this many days ago.", min=0),
    ] = 90.0,
    yes: o.Yes = False,
    state: o.State = None,
) -> int:
    """Forget runs and scans that ended long ago. Unfinished runs and records of runs are kept."""
    from remediator.cli import former

    return former.prune(state, days, yes=yes)
