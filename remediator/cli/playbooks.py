"""`remediate playbooks …`: the playbooks, and tools for their authors."""

from pathlib import Path
from typing import Annotated

import typer

from remediator.cli import completing, examples, lists
from remediator.cli import options as o
from remediator.cli.grouped import grouped
from remediator.cli.help import group, verb
from remediator.cli.options.output import ListOutputOptions, PlainOutputOptions
from remediator.cli.options.silent import CONFIG, DEBUG, LANG

app = group("The playbooks: list, show, validate and test them. Works offline.")


@verb(app, "list", epilog=examples.columns(lists.PLAYBOOKS))
@grouped(LANG, CONFIG, DEBUG)
def list_playbooks(
    *,
    playbooks: o.Playbooks = None,
    show: ListOutputOptions,
) -> int:
    """List the playbooks with their codes, their reach and their possible costs."""
    from remediator.cli import offline

    return offline.list_playbooks(playbooks, show)


@verb(app, "show")
@grouped(CONFIG, DEBUG)
def show_playbook(
    *,
    code: Annotated[
        str,
        typer.Argument(
            help="One of the playbook's codes, in any casing.", autocompletion=completing.playbooks
        ),
    ],
    playbooks: o.Playbooks = None,
    show: PlainOutputOptions,
) -> int:
    """Print a playbook's file, as a start for your own."""
    from remediator.cli import offline

    return offline.show_playbook(code, playbooks, show)


@verb(app)
@grouped(DEBUG)
def validate(
    *,
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with playbooks; else the built-in ones.")
    ] = None,
) -> int:
    """Read playbooks and tell every mistake with its file and line."""
    from remediator.cli import offline

    return offline.validate(folder)


@verb(app, "test")
@grouped(DEBUG)
def prove(
    *,
    folder: Annotated[
        Path, typer.Argument(help="A folder with playbooks and case files, NAME.cases.yaml.")
    ],
    show: PlainOutputOptions,
) -> int:
    """Run each case of a folder's case files on the local Azure."""
    from remediator.cli import proving

    return proving.test_folder(folder, show)


@verb(app)
def schema() -> int:
    """Print the JSON Schema of a playbook, for an editor."""
    from remediator.cli.schemas import text

    typer.echo(text("playbook"), nl=False)
    return 0
