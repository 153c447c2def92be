"""Every verb of the command line."""

from collections.abc import Iterator
from typing import Any

import typer

from remediator.cli.app import app

ROOT: Any = typer.main.get_command(app)
"""The command `remediate` itself."""


def verbs(command: Any = ROOT, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each verb and subverb: the words that name it, and its command."""
    yield names, command
    for name, below in getattr(command, "commands", {}).items():
        yield from verbs(below, *names, name)
