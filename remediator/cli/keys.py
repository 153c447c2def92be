"""`remediate keys …`: the keys with which plans are signed."""

from pathlib import Path
from typing import Annotated

import typer

from remediator.cli.grouped import grouped
from remediator.cli.help import group, verb
from remediator.cli.options.silent import DEBUG

app = group("Keys to sign plans with. Works offline.")


@app.callback()
def _root() -> None:
    pass


@verb(app, "new")
@grouped(DEBUG)
def new(
    *,
    path: Annotated[Path, typer.Argument(help="A file for the key; PATH.pub is its public part.")],
) -> int:
    """Make a key: PATH signs (plan --sign), and PATH.pub verifies (apply --verify)."""
    from remediator.plan.signing import new_key, public_path

    typer.echo(f"{new_key(path)} {public_path(path)}")
    return 0
