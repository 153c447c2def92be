"""What the shell completes after Tab: codes, runs, and the words that options take.

A person waits for each of these answers. So they come from small files, and load neither Azure nor
the engine. What cannot be read completes nothing, and says nothing. Typer keeps the words that
begin like the incomplete one.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    import sqlite3

MODES: Final = ("auto", "cli", "env", "workload", "managed", "token")
"""The words of `--auth`. The code that signs in is too slow to load here; a test compares them."""

CLOUDS: Final = ("public", "china", "usgov")
"""The words of `--cloud`; a test compares them too."""

IMPACTS: Final = ("downtime", "cost", "protection", "security", "guest", "destructive")
"""The words of `--allow`: the impacts that need consent."""

_SECONDS: Final = 0.2
"""How long to wait for a database that another process uses."""

_RUNS: Final = (
    "SELECT workflow_uuid, status IN ('PENDING', 'ENQUEUED', 'DELAYED') FROM workflow_status "
    "WHERE name = 'remediate' ORDER BY created_at DESC LIMIT 50"
)
"""The newest runs in the engine's table. `remediator.engine.history` reads these rows in full."""


def words(*known: str) -> Callable[[], tuple[str, ...]]:
    """A completion of known words."""
    return lambda: known


def codes(ctx: typer.Context) -> Iterator[str]:
    """Codes of failures, also those of the playbooks that the person brings."""
    return (code for row in _codes(ctx) for code in row)


def playbooks(ctx: typer.Context) -> Iterator[str]:
    """Names of playbooks: their first codes."""
    return (row[0] for row in _codes(ctx))


def scenarios() -> list[str]:
    """Names of the simulator's scenarios."""
    folder = Path(__file__).parent.parent / "simulator" / "scenarios"
    return sorted(path.stem for path in folder.glob("*.yaml"))


def runs(ctx: typer.Context) -> list[str]:
    """Ids of runs, the newest first."""
    return [run for run, _open in _known_runs(ctx)]


def unfinished(ctx: typer.Context) -> list[str]:
    """Ids of the runs that have not ended. If all have ended, some may still owe something."""
    found = _known_runs(ctx)
    return [run for run, is_open in found if is_open] or [run for run, _open in found]


def verbs(ctx: typer.Context) -> list[str]:
    """The verbs that may follow those that were typed."""
    command: object = ctx.find_root().command
    for word in ctx.params.get("verb") or ():
        command = getattr(command, "commands", {}).get(word)
    return list(getattr(command, "commands", {}))


def as_run(is_run: Callable[[str], bool], own: Iterable[str]) -> None:
    """Complete `remediate --job-id ID …` like `remediate run --job-id ID …`.

    Args:
        is_run: whether the first word means that the verb `run` is left out.
        own: the options of `remediate` itself. Their beginnings stay as they are.
    """
    for variable in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"):
        program, _space, rest = os.environ.get(variable, "").partition(" ")
        first, space, _more = rest.partition(" ")
        if not is_run(first) or (not space and any(option.startswith(first) for option in own)):
            continue
        os.environ[variable] = f"{program} run {rest}"
        if variable == "COMP_WORDS":
            os.environ["COMP_CWORD"] = str(int(os.environ.get("COMP_CWORD", "1")) + 1)


def _codes(ctx: typer.Context) -> Iterator[tuple[str, ...]]:
    """The codes of each playbook."""
    from remediator.errors import PlaybookError
    from remediator.installed import built_in_folder
    from remediator.job import index

    if folder := ctx.params.get("playbooks"):
        from remediator.playbook.catalogue import read_folder

        with suppress(PlaybookError, OSError):
            yield from (playbook.codes for playbook in read_folder(Path(folder)))
    yield from (row.codes for row in index.read(built_in_folder()))


def _known_runs(ctx: typer.Context) -> list[tuple[str, bool]]:
    """The newest runs of the state, each with whether it has not ended.

    A PostgreSQL is not asked: it may be far away.
    """
    import sqlite3

    from remediator.cli.state import state_of
    from remediator.errors import BadInputError

    said = ctx.params.get("state") or os.environ.get("REMEDIATE_STATE")
    try:
        file = state_of(said).file
        if file is None:
            return []
        address = f"{file.as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_SECONDS)) as database:
            return [(str(run), bool(is_open)) for run, is_open in _rows(database)]
    except (BadInputError, OSError, sqlite3.Error):
        return []


def _rows(database: "sqlite3.Connection") -> Iterable[tuple[str, int]]:
    return database.execute(_RUNS)
