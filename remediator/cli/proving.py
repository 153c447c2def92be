"""`remediate playbooks test`: run a folder's cases on the local Azure."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remediator.cli import Exit
from remediator.cli.options.output import OutputOptions
from remediator.cli.output import put, start_output
from remediator.errors import BadInputError
from remediator.json_text import json_of
from remediator.playbook.catalogue import read_catalogue, read_folder
from remediator.proving.casefile import CaseFile, read
from remediator.proving.command import WithPlaybooks
from remediator.proving.prove import prove
from remediator.views.plain import plain


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one case. The case is proved if there are no problems."""

    playbook: str
    case: str
    problems: tuple[str, ...]


def test_folder(folder: Path, show: OutputOptions) -> int:
    """Run every case of a folder's case files.

    Raises:
        PlaybookError: a playbook or a case file is wrong.
        BadInputError: there is no case file.
    """
    read_catalogue(folder)
    files = [read(path) for path in sorted(folder.glob("*.cases.y*ml"))]
    if not files:
        raise BadInputError(f"{folder}: no case file; they are named NAME.cases.yaml")
    start_output(show)
    results = list(_unproved(folder, files))
    for result in results:
        _show(show, result)
    for file in files:
        for case in file.cases:
            with tempfile.TemporaryDirectory(prefix="remediate-test-") as records:
                problems = tuple(prove(case, Path(records), WithPlaybooks(folder)))
            results.append(Result(file.playbook, case.name, problems))
            _show(show, results[-1])
    failed = sum(1 for result in results if result.problems)
    last = Text(f"{len(results) - failed} proved, {failed} not", style="bold")
    told = {"schema_version": "1", "results": [asdict(result) for result in results]}
    put(show, lambda console: console.print(last), {"json": lambda: json_of(told)})
    return Exit.UNFIXED if failed else Exit.OK


def _show(show: OutputOptions, result: Result) -> None:
    """Show a result as soon as it is known, if the output is text."""
    put(show, lambda console: _print(console, result), {})


def _unproved(folder: Path, files: list[CaseFile]) -> list[Result]:
    """The rungs that no case expects. Nobody has seen what they do."""
    proved = {
        (file.playbook, visit.rung)
        for file in files
        for case in file.cases
        for visit in case.visits
    }
    return [
        Result(playbook.name, f"rung {rung.rung}", ("no case expects it",))
        for playbook in read_folder(folder)
        for rung in playbook.ladder
        if (playbook.name, rung.rung) not in proved
    ]


def _print(console: Console, result: Result) -> None:
    mark = Text("✗ ", style="bold red") if result.problems else Text("✓ ", style="green")
    console.print(mark + Text(plain(f"{result.playbook}: {result.case}")))
    for problem in result.problems:
        console.print(Padding(Text(plain(problem), style="red"), (0, 0, 0, 4)))
