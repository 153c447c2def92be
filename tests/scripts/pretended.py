"""Cases of the Windows scripts, and the pretended Windows on which they are played.

A case says in what the machine differs from a usual one, which calls fail, what the script must
answer and change, and whether its undo commands bring the former state back. The pretended Windows
is written in PowerShell (`tests/scripts/windows/*.ps1`). It shows what a script asks of Windows,
not what Windows does. PowerShell 7 plays the cases where it is at hand, and everywhere the small
interpreter beside this module, which is not PowerShell.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from remediator.change.guest import read_answer
from remediator.value import Value
from remediator.yaml_file import plain, read_yaml
from tests.places import TESTS
from tests.scripts.small_powershell.interpreter import play
from tests.scripts.small_powershell.values import PowerShellError

WINDOWS: Final = TESTS / "scripts" / "windows"
CASES: Final = WINDOWS / "cases"
PLAYER: Final = WINDOWS / "play.ps1"
PWSH: Final = shutil.which("pwsh")
MADE_BY_UNDOING: Final = "C:\\ProgramData\\remediate"


class Fault(Value):
    """A call that fails: it throws `says`, or the program ends with `code` (-1: it hangs)."""

    call: str
    times: int = 1
    says: str | None = None
    code: int | None = None


class Wanted(Value):
    """The parts of the answer that count. A part that is not named may be anything."""

    before: dict[str, Any] = Field(default_factory=dict)
    changed: tuple[str, ...] | None = None
    after: dict[str, Any] = Field(default_factory=dict)
    problem: str | None = None
    """A part of the problem. None when the answer must have no problem."""


class WindowsCase(Value):
    """One machine, and what the script must do there."""

    name: str
    machine: dict[str, Any] = Field(default_factory=dict)
    """What differs from `machine.yaml`. A value of null takes the thing away."""
    faults: tuple[Fault, ...] = ()
    answer: Wanted
    calls: tuple[str, ...] = ()
    """Patterns of calls that the script must make, in this order, with others in between."""
    never: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    """The same as `calls`, for the task that the script sets up."""
    leaves: dict[str, Any] = Field(default_factory=dict)
    """Parts of the machine after the script and its task."""
    result: str | None = None
    """What the task writes into result.txt."""
    undone: bool = True
    """Whether the undo commands bring the former state back."""


class WindowsCases(Value):
    """A file of cases."""

    script: str
    cases: tuple[WindowsCase, ...] = Field(min_length=1)


def case_files() -> list[WindowsCases]:
    """All cases, by script."""
    return [
        WindowsCases.model_validate(plain(read_yaml(path))) for path in sorted(CASES.glob("*.yaml"))
    ]


def usual() -> dict[str, Any]:
    """A machine on which all is well."""
    found: dict[str, Any] = plain(read_yaml(WINDOWS / "machine.yaml"))
    return found


def merged(base: Any, over: Any) -> Any:
    """A copy of the base, in which the values of the other take their place."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    result = {key: value for key, value in base.items() if over.get(key, "") is not None}
    for key, value in over.items():
        if value is not None or key not in base:
            result[key] = merged(base.get(key), value)
    return result


def machine_of(case: WindowsCase) -> dict[str, Any]:
    """The whole machine of a case, with its faults."""
    machine: dict[str, Any] = merged(usual(), case.machine)
    return machine | {"faults": [fault.model_dump() for fault in case.faults]}


def missing(wanted: Any, found: Any, place: str) -> Iterator[str]:
    """Where the found value lacks something of the wanted one."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        lower = {str(key).lower(): value for key, value in found.items()}
        for key, value in wanted.items():
            if str(key).lower() not in lower and value is not None:
                yield f"{place}.{key} is not there"
            else:
                yield from missing(value, lower.get(str(key).lower()), f"{place}.{key}")
    elif wanted != found:
        yield f"{place} is {found!r}, not {wanted!r}"


def out_of_order(patterns: Sequence[str], calls: Sequence[str]) -> Iterator[str]:
    """The patterns that no call matches after the call of the pattern before."""
    left = iter(calls)
    for pattern in patterns:
        if not any(fnmatchcase(call, pattern) for call in left):
            yield f"no {pattern!r} in its order in {list(calls)}"


def settings(machine: Mapping[str, Any]) -> dict[str, Any]:
    """What undoing must bring back: settings, not whether a service runs just now."""
    services = {name: (s["start"], s["account"]) for name, s in machine["services"].items()}
    acls = {p: sorted(map(json.dumps, rules)) for p, rules in machine["acls"].items()}
    folders = [f for f in machine["folders"] if not f.startswith(MADE_BY_UNDOING)]
    return {
        "services": services,
        "registry": machine["registry"],
        "acls": acls,
        "certificates": sorted(map(json.dumps, machine["certificates"])),
        "folders": sorted(folders),
    }


def in_pwsh(arguments: Mapping[str, str]) -> str:
    """What the player prints when PowerShell 7 runs it.

    Raises:
        PowerShellError: it ended with an error.
    """
    assert PWSH
    given = [word for name, value in arguments.items() for word in (f"-{name}", value)]
    ended = subprocess.run(
        [PWSH, "-NoProfile", "-NonInteractive", "-File", str(PLAYER), *given],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    if ended.stderr or ended.returncode:
        raise PowerShellError(f"pwsh ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


def in_small_powershell(arguments: Mapping[str, str]) -> str:
    """What the player prints when the small interpreter runs it.

    Raises:
        PowerShellError: it ended with an error.
    """
    return play(PLAYER, arguments)


def problems(
    script: Path, case: WindowsCase, folder: Path, run: Callable[[Mapping[str, str]], str]
) -> Iterator[str]:
    """Play the case, and tell what is not as the case says."""
    described, report = folder / "case.json", folder / "report.json"
    described.write_text(json.dumps({"machine": machine_of(case)}), "utf-8")
    try:
        printed = run({"Script": str(script), "Case": str(described), "Report": str(report)})
    except PowerShellError as error:
        yield f"{error.message} ({error.place})"
        return
    told = json.loads(report.read_text("utf-8"))
    if (told["code"], told["thrown"]) != (0, None):
        yield f"exit code {told['code']}, thrown: {told['thrown']}"
    yield from about_the_answer(script.stem, case, printed)
    yield from out_of_order(case.calls, told["calls"])
    yield from out_of_order(case.task, told["task"])
    for pattern in case.never:
        yield from (f"{c} was called" for c in told["calls"] if fnmatchcase(c, pattern))
    yield from missing(case.leaves, told["later"], "machine")
    if case.result is not None:
        results = [t for f, t in told["later"]["files"].items() if f.endswith("\\result.txt")]
        if [each.strip() for each in results] != [case.result]:
            yield f"the result is {results}"
    if case.undone and settings(told["first"]) != settings(told["undone"]):
        yield f"not undone: {settings(told['undone'])}, not {settings(told['first'])}"


def about_the_answer(script: str, case: WindowsCase, output: str) -> Iterator[str]:
    """What is wrong with the output of the script."""
    answer = read_answer(script, output)
    if answer is None or len(output.splitlines()) != 1 or len(output) > 3502:
        yield f"the output is no answer: {output!r}"
        return
    yield from missing(case.answer.before, answer.before, "before")
    yield from missing(case.answer.after, answer.after, "after")
    if case.answer.changed is not None and answer.changed != case.answer.changed:
        yield f"changed is {answer.changed}"
    if case.answer.problem is None and answer.problem is not None:
        yield f"a problem: {answer.problem}"
    if case.answer.problem is not None and case.answer.problem not in (answer.problem or ""):
        yield f"the problem is {answer.problem!r}, not {case.answer.problem!r}"
