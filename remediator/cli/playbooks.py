"""`remediate playbooks …`: what there is, and what an author needs."""

from pathlib import Path
from typing import Annotated

import typer

from remediator.cli import options as o

app = typer.Typer(
    help="The playbooks: list, show, validate and test them. Asks nobody, not even Azure.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.command("list")
def list_playbooks(
    playbooks: o.Playbooks = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    lang: o.Lang = None,  # noqa: ARG001 - its callback acts on it
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """List the playbooks with their codes, how far they get and what they can cost."""
    from remediator.cli import offline
    from remediator.cli.output import OutputOptions

    show = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return offline.list_playbooks(playbooks, show)


@app.command("show")
def show_playbook(
    code: Annotated[str, typer.Argument(help="One of the playbook's codes, in any casing.")],
    playbooks: o.Playbooks = None,
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    config: o.Config = None,  # noqa: ARG001 - its callback acts on it
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Print a playbook's file, to begin one of your own with."""
    from remediator.cli import offline
    from remediator.cli.output import OutputOptions

    show = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return offline.show_playbook(code, playbooks, show)


@app.command()
def validate(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with playbooks; else the built-in ones.")
    ] = None,
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Read playbooks and tell every mistake with its file and line."""
    from remediator.cli import offline

    return offline.validate(folder)


@app.command("test")
def prove(
    folder: Annotated[
        Path, typer.Argument(help="A folder with playbooks and case files, NAME.cases.yaml.")
    ],
    format: o.Format = "text",  # noqa: A002 - the flag's name
    output: o.Output = None,
    debug: o.Debug = False,  # noqa: ARG001 - looked for where errors end
) -> int:
    """Run each case of a folder's case files on the local Azure."""
    from remediator.cli import proving
    from remediator.cli.output import OutputOptions

    show = OutputOptions(format=format, output=output, detailed_exitcode=False)
    return proving.test_folder(folder, show)


@app.command()
def schema() -> int:
    """Print the JSON Schema of a playbook, for an editor."""
    from remediator.cli.schemas import text

    typer.echo(text("playbook"), nl=False)
    return 0
