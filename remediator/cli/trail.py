"""The work of `remediate audit`."""

import json
import re
from pathlib import Path
from typing import Any

from remediator.cli import Exit, lists
from remediator.cli.options.output import ListOutputOptions, OutputOptions
from remediator.cli.output import put, start_output
from remediator.errors import BadInputError
from remediator.json_text import json_of
from remediator.record.audit_file import NAME
from remediator.record.chain import Checked, Head, check
from remediator.views.plain import plain

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def verify(file: Path | None, state: str | None, head: str | None, show: OutputOptions) -> int:
    """Check the chain. Return 1 if it is broken."""
    wanted = _head(head)
    start_output(show)
    path = _path(file, state)
    found = check(_lines(path), wanted)
    put(
        show,
        lambda console: console.out(plain(_told(path, found)), highlight=False),
        {"json": lambda: json_of(_facts(path, found))},
    )
    return Exit.ERROR if found.broken else Exit.OK


def _told(path: Path, found: Checked) -> str:
    if found.broken:
        return f"{path}: line {found.lines + 1}: {found.broken}"
    return f"{path}: {found.lines} lines, the chain holds; its head is {found.head}"


def _facts(path: Path, found: Checked) -> dict[str, Any]:
    """The result for a program. `lines` are whole; what is `broken`, if anything, comes next."""
    return {
        "schema_version": "1",
        "file": str(path),
        "holds": found.broken is None,
        "lines": found.lines,
        "head": str(found.head) if found.head else None,
        "broken": found.broken,
    }


def show(file: Path | None, state: str | None, run: str | None, wanted: ListOutputOptions) -> int:
    """List the lines of a trail, or only those of one run."""
    from remediator.views.audit_text import show_trail

    start_output(wanted)
    path = _path(file, state)
    rows = [row for row in map(_row, _lines(path)) if run is None or row.get("run") == run]
    if run is not None and not rows:
        raise BadInputError(f"{path}: no line of {run!r}")
    put(
        wanted,
        lambda console: show_trail(console, rows),
        {
            "json": lambda: json_of({"lines": rows}),
            "tsv": lambda: lists.tsv(lists.trail(rows)),
        },
    )
    return Exit.OK


def _row(raw: bytes) -> dict[str, Any]:
    """A line as an object. A line that is not one is told as unreadable."""
    try:
        row = json.loads(raw)
    except ValueError:
        row = None
    return row if isinstance(row, dict) else {"unreadable": raw.decode("utf-8", "replace")}


def _head(said: str | None) -> Head | None:
    if said is None:
        return None
    match = _HEAD.fullmatch(said.strip().lower())
    if match is None:
        raise BadInputError(f"--head takes SEQ:CHAIN as a report tells it, not {said!r}")
    return Head(seq=int(match[1]), chain=match[2])


def _path(file: Path | None, state: str | None) -> Path:
    if file is not None:
        return file
    from remediator.cli.state import state_of

    return state_of(state).folder / NAME


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from None
