"""The verbs that ask nobody: the meaning of a code, the playbooks and the actions."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from remediator.cli import Exit, lists
from remediator.cli.options.output import ListOutputOptions, OutputOptions
from remediator.cli.output import Made, put, start_output
from remediator.errors import BadInputError
from remediator.job.index import Row
from remediator.json_text import json_of
from remediator.playbook.catalogue import read_catalogue, read_folder

SCHEMA_VERSION: Final = "1"
_LONGEST_INPUT: Final = 1024 * 1024


def explain(words: list[str], playbooks: Path | None, show: OutputOptions) -> int:
    """Show what codes or a text mean."""
    from remediator.playbook.explain import explain as look_up
    from remediator.redaction import redacted
    from remediator.views.explain_text import show_explanation

    asked = _read_stdin() if words == ["-"] else " ".join(words)
    if not asked.strip():
        raise BadInputError("nothing to explain: give a code, or the text of an error")
    start_output(show)
    said = look_up(redacted(asked), read_catalogue(playbooks))
    put(show, lambda console: show_explanation(console, said), _json(lambda: asdict(said)))
    return Exit.OK if said.found else Exit.UNFIXED


def list_playbooks(playbooks: Path | None, show: ListOutputOptions) -> int:
    """Show all playbooks, sorted by name."""
    from remediator.views.explain_text import show_playbooks

    start_output(show)
    rows = sorted(read_catalogue(playbooks).rows, key=lambda row: row.name.lower())
    put(
        show,
        lambda console: show_playbooks(console, rows),
        _json(lambda: {"playbooks": [_row(row) for row in rows]})
        | {"tsv": lambda: lists.tsv(lists.playbooks(rows))},
    )
    return Exit.OK


def show_playbook(code: str, playbooks: Path | None, show: OutputOptions) -> int:
    """Show the file of one playbook, to read it or to begin a new one with it.

    Raises:
        BadInputError: no playbook has this code.
    """
    from remediator.views.plain import plain

    catalogue = read_catalogue(playbooks)
    row = catalogue.known(code)
    start_output(show)

    def text(console: Console) -> None:
        for line in catalogue.file(row).read_text(encoding="utf-8").splitlines():
            console.out(plain(line), highlight=False)

    put(show, text, _json(lambda: _row(row)))
    return Exit.OK


def validate(folder: Path | None) -> int:
    """Read every playbook of a folder, or all built-in ones, and tell every mistake.

    Raises:
        PlaybookError: some playbook has a mistake; the message tells every problem of every file.
        BadInputError: the folder has no playbook.
    """
    if folder is None:
        found = len(read_catalogue().playbooks)
    else:
        read_catalogue(folder)
        found = sum(1 for _ in read_folder(folder))
        if not found:
            raise BadInputError(f"{folder}: no playbook; they are files named *.yaml")
    print(f"{found} playbooks, and nothing wrong with them")  # noqa: T201 - one line, no layout
    return Exit.OK


def actions(show: ListOutputOptions) -> int:
    """Show every action that a playbook may name."""
    from remediator.playbook.abilities import abilities
    from remediator.views.actions_text import show_actions

    start_output(show)
    known = abilities().values()
    put(
        show,
        lambda console: show_actions(console, known),
        _json(lambda: {"actions": [asdict(a) | {"permissions": a.permissions} for a in known]})
        | {"tsv": lambda: lists.tsv(lists.actions(known))},
    )
    return Exit.OK


def _row(row: Row) -> dict[str, Any]:
    return asdict(row) | {"impacts": row.impacts, "class": row.reach}


def _json(told: Callable[[], dict[str, Any]]) -> dict[str, Made]:
    return {"json": lambda: json_of({"schema_version": SCHEMA_VERSION} | told())}


def _read_stdin() -> str:
    """The text from stdin. Bytes that are not UTF-8 are replaced and do no harm."""
    return sys.stdin.buffer.read(_LONGEST_INPUT).decode(errors="replace")
