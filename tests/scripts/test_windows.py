"""The Windows scripts on a pretended Windows.

A small interpreter plays the cases everywhere, and PowerShell 7 does where it is on the path. The
tests also show that the cases fit the scripts, and that the pretended Windows has all that the
scripts ask for.
"""

import re
from functools import cache
from pathlib import Path

import pytest
import tree_sitter

from tests.scripts.parsed import PARSER, PROGRAMS, nodes, of_type, said, tasks
from tests.scripts.parsed import WINDOWS as SCRIPTS
from tests.scripts.pretended import (
    PWSH,
    WINDOWS,
    WindowsCase,
    case_files,
    in_pwsh,
    in_small_powershell,
    machine_of,
    merged,
    missing,
    out_of_order,
    problems,
    usual,
)

FILES = case_files()
PLAYERS = sorted(WINDOWS.glob("*.ps1"))
RISKY = {
    "com-plus",
    "machine-keys",
    "reinstall-extension",
    "reinstall-msdtc",
    "restart-agent",
    "system-proxy",
    "vss-service",
    "vss-writers",
    "windows-installer",
}
REAL = {
    "ConvertTo-Json", "ForEach-Object", "Select-Object", "Set-StrictMode", "Sort-Object",
    "Where-Object",
}  # fmt: skip
"""The commands of PowerShell 7 that a script may really run: they reach no machine."""
HARMLESS = {
    "BitConverter", "Console", "DateTime", "Globalization.CultureInfo", "Math", "regex",
    "scriptblock", "System.Diagnostics.Stopwatch", "TimeSpan",
}  # fmt: skip
"""The types whose static methods a script may really call."""
NUMBERS = (
    r"Microsoft\.Win32\.RegistryValue\w+"
    r"|System\.(IO|Security)\.[\w.]*(Flags?|Rights|\w+Type|Attributes)"
)
"""Enumerations: .NET has them on every system."""
REAL_OBJECTS = {
    "System.Collections.ArrayList", "System.Diagnostics.ProcessStartInfo", "byte[]",
}  # fmt: skip


EVERY_CASE = [pytest.param(f.script, c, id=f"{f.script}: {c.name}") for f in FILES for c in f.cases]


@pytest.mark.skipif(PWSH is None, reason="not run: no pwsh")
@pytest.mark.parametrize(("script", "case"), EVERY_CASE)
def test_in_powershell_the_script_does_what_the_case_says(
    script: str, case: WindowsCase, tmp_path: Path
) -> None:
    assert list(problems(of(script), case, tmp_path, in_pwsh)) == []


@pytest.mark.parametrize(("script", "case"), EVERY_CASE)
def test_the_script_does_what_the_case_says(script: str, case: WindowsCase, tmp_path: Path) -> None:
    assert list(problems(of(script), case, tmp_path, in_small_powershell)) == []


@pytest.mark.parametrize(
    ("script", "sound", "broken"),
    [
        ("reinstall-msdtc", "        Install-Coordinator\n", ""),
        ("vss-writers", "$_.state -gt 5", "$_.state -gt 4"),
        ("system-proxy", "if (-not $direct) {", "if ($false) {"),
        (
            "vss-service",
            "    } finally {\n        Start-Wanted",
            "    } finally {\n        Get-State",
        ),
        ("machine-keys", "            $after = Get-Facts\n", ""),
        ("com-plus", "    exit 0", "    exit 1"),
        ("reinstall-extension", "[System.IO.Directory]::Move($old, 'PLUGIN')", ""),
        ("restart-agent", "Start-Service -ErrorAction", "Get-Service -ErrorAction"),
        ("windows-installer", "if (-not (Test-Free)) {", "if ($false) {"),
    ],
)
def test_a_broken_script_is_seen(script: str, sound: str, broken: str, tmp_path: Path) -> None:
    text = of(script).read_text("ascii")
    assert sound in text
    copy = tmp_path / f"{script}.ps1"
    copy.write_text(text.replace(sound, broken), "ascii")
    [file] = [each for each in FILES if each.script == script]
    assert any(
        problem for c in file.cases for problem in problems(copy, c, tmp_path, in_small_powershell)
    )


def test_every_script_has_cases_and_the_risky_ones_several() -> None:
    number = {file.script: len(file.cases) for file in FILES}
    assert sorted(number) == [path.stem for path in SCRIPTS]
    assert {name for name in RISKY if number[name] < 2} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.script)
def test_the_cases_fit_the_machine_and_the_script(file: object) -> None:
    """A case names only what the machine has, and expects only what the script can say."""
    assert file in FILES
    for name, case in ((f.script, c) for f in FILES if f is file for c in f.cases):
        assert set(case.machine) <= set(usual()), case.name
        text = of(name).read_text("ascii")
        sources = [text, *(fault.says or "" for fault in case.faults)]
        if case.answer.problem:
            words = max(re.split(r"'|: ", case.answer.problem), key=len)
            assert any(part in s for s in sources for part in pieces(words)), case.name
        for fault in case.faults:
            assert (fault.says is None) != (fault.code is None), case.name
        assert not (case.task and not tasks(of(name))), case.name
        for part in ("services", "registry", "cim"):
            assert isinstance(machine_of(case)[part], dict)


def of(script: str) -> Path:
    """The file of a script."""
    return SCRIPTS[0].parent / f"{script}.ps1"


def pieces(words: str) -> list[str]:
    """A text, and its longest part without the numbers that a script puts in."""
    return [words, max(re.split(r"\d+", words), key=len).strip()]


@cache
def shims() -> set[str]:
    return {
        said(node).removeprefix("global:") for p in PLAYERS for node in of_type(p, "function_name")
    }


@cache
def roots(path: Path) -> tuple[tree_sitter.Node, ...]:
    """A script, and the program of its task."""
    return tuple(PARSER.parse(text).root_node for text in (path.read_bytes(), *tasks(path)))


def texts(path: Path, kind: str) -> set[str]:
    return {said(node) for root in roots(path) for node in nodes(root) if node.type == kind}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
class TestThePretendedWindows:
    def test_it_plays_every_command_of_the_script(self, path: Path) -> None:
        own = texts(path, "function_name")
        assert texts(path, "command_name") - own - REAL <= shims()

    def test_it_plays_every_program_of_the_script(self, path: Path) -> None:
        programs = (WINDOWS / "programs.ps1").read_text("utf-8")
        played = set(re.findall(r"^        '([\w.]+)' \{", programs, re.MULTILINE))
        wanted = {p.replace("$setup", "vcredist2013_x64.exe") for p in PROGRAMS.get(path.stem, ())}
        undone = re.findall(r"Add-(?:Undo|Line) [\"'](\w+)(?:\.exe)? ", path.read_text("ascii"))
        assert wanted | {f"{name}.exe" for name in undone} <= played

    def test_it_plays_every_type_that_reaches_the_machine(self, path: Path) -> None:
        for root in roots(path):
            for name, member in re.findall(r"\[([\w.]+)\]::(\w+)", said(root)):
                if name in HARMLESS or (name not in played() and re.fullmatch(NUMBERS, name)):
                    continue
                assert member in members(played()[name]), (name, member)

    def test_it_makes_every_object_that_reaches_the_machine(self, path: Path) -> None:
        made = set(re.findall(r"New-Object ([\w.]+(?:\[\])?)", path.read_text("ascii")))
        branches = re.findall(
            r"^        '([\w.]+)' \{ return",
            (WINDOWS / "types.ps1").read_text("utf-8"),
            re.MULTILINE,
        )
        assert made - REAL_OBJECTS <= set(branches)

    def test_it_knows_every_method_that_the_script_calls(self, path: Path) -> None:
        """Of .NET's own text, lists and times, or of a pretended type."""
        real = {
            "Add", "AddDays", "AddMinutes", "AddSeconds", "Clone", "ContainsKey", "GetType",
            "Matches", "Replace", "Split", "Substring", "ToLowerInvariant", "ToString", "Trim",
            "WriteLine",
        }  # fmt: skip
        methods = {m for kind in classes() for m in members(kind)}
        called = {name for root in roots(path) for name in re.findall(r"\.(\w+)\(", said(root))}
        assert called - real <= methods


@cache
def played() -> dict[str, str]:
    """The types of .NET that are played, and what plays them."""
    text = (WINDOWS / "play.ps1").read_text("utf-8")
    return dict(re.findall(r"^    '([\w.]+)' = '(Guest\w+)'$", text, re.MULTILINE))


@cache
def classes() -> dict[str, tree_sitter.Node]:
    found = {}
    for path in PLAYERS:
        for node in of_type(path, "class_statement"):
            [name, *_] = [said(child) for child in node.children if child.type == "simple_name"]
            found[name] = node
    return found


@cache
def members(name: str) -> set[str]:
    """The methods and properties of a pretended type."""
    found = set()
    for node in classes()[name].children:
        for child in node.children:
            if node.type == "class_method_definition" and child.type == "simple_name":
                found.add(said(child))
            if node.type == "class_property_definition" and child.type == "variable":
                found.add(said(child).removeprefix("$"))
    return found


@pytest.mark.parametrize("path", PLAYERS, ids=lambda p: p.stem)
def test_the_pretended_windows_is_powershell(path: Path) -> None:
    root = PARSER.parse(path.read_bytes()).root_node
    wrong = [
        (node.start_point.row + 1, said(node)[:60])
        for node in nodes(root)
        if node.type == "ERROR" or node.is_missing
    ]
    assert wrong == []
    called = {said(node) for node in of_type(path, "command_name")}
    real = REAL | {"ConvertFrom-Json", "Microsoft.PowerShell.Utility\\New-Object", "."}
    own = {name for name in called if name.startswith(("[", "("))}
    assert called - real - own <= shims() | texts(path, "function_name")


def test_no_pretended_method_reaches_a_real_machine() -> None:
    """Only the player reads and writes files, and only those of the case."""
    for path in PLAYERS:
        if path.stem != "play":
            for name in played():
                assert f"[{name}]::" not in path.read_text("utf-8"), path.name


def test_a_case_is_compared_strictly() -> None:
    assert list(missing({"a": {"B": 1}}, {"A": {"b": 1, "c": 2}}, "x")) == []
    assert list(missing({"a": 1, "b": None}, {"a": 1}, "x")) == []
    assert list(missing({"a": [1]}, {"a": []}, "x")) == ["x.a is [], not [1]"]
    assert list(missing({"a": 1}, {}, "x")) == ["x.a is not there"]
    assert list(out_of_order(["stop *", "start A"], ["stop A", "x", "start A"])) == []
    assert len(list(out_of_order(["start A", "stop *"], ["stop A", "start A"]))) == 1
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": None, "c": 4}}) == {
        "a": {"c": 4},
        "d": 3,
    }
    assert merged({}, {"a": None}) == {"a": None}
