"""The Windows scripts, as far as a test can judge them without Windows.

A grammar of PowerShell parses them. The tests judge the parse tree by lists of allowed calls, so a
call that nobody thought of is refused too. The scripts have not been run: the tests do not prove
that they do on Windows what they say.
"""

import re
from pathlib import Path

import pytest
import tree_sitter

from tests.places import SCRIPTS
from tests.scripts.parsed import PARSER, PROGRAMS, WINDOWS, nodes, of_type, parsed, said, tasks

READING = {
    "ForEach-Object", "Get-Acl", "Get-AuthenticodeSignature", "Get-ChildItem", "Get-CimInstance",
    "Get-ScheduledTask", "Get-Service", "Get-WinEvent", "Join-Path", "New-Object", "Select-Object",
    "Set-StrictMode", "Sort-Object", "Start-Sleep", "Where-Object", "ConvertTo-Json",
}  # fmt: skip
TASK = {
    "New-ScheduledTaskAction", "New-ScheduledTaskPrincipal", "New-ScheduledTaskSettingsSet",
    "New-ScheduledTaskTrigger", "Register-ScheduledTask", "Set-Service",
}  # fmt: skip
SERVICES = {"Set-Service", "Start-Service", "Stop-Service"}
CHANGING = {
    "com-plus": SERVICES | {"Invoke-CimMethod"},
    "reinstall-extension": TASK - {"Set-Service"},
    "reinstall-msdtc": SERVICES,
    "restart-agent": TASK,
    "vss-service": SERVICES,
    "vss-writers": SERVICES,
    "windows-installer": SERVICES,
}
"""The commands beyond reading that a script may call. A script that is not named may call none."""

METHODS = {
    "Add", "AddDays", "AddMinutes", "AddSeconds", "BeginConnect", "Close", "ContainsKey",
    "Dispose", "Exists", "Export", "Floor", "FromMinutes", "FromSeconds", "GetAccessRules",
    "GetAttributes", "GetFolderPath", "GetOwner", "GetPathRoot", "GetSubKeyNames",
    "GetType", "GetValue", "Kill", "Match", "Matches", "Min", "Open", "OpenRead", "OpenSubKey",
    "Read", "ReadToEndAsync", "Replace", "SetSecurityDescriptorSddlForm", "Split", "Start",
    "StartNew", "Substring", "ToInt32", "ToLowerInvariant", "ToString",
    "ToUInt16", "Translate", "Trim", "TryOpenExisting", "Wait", "WaitForExit", "WaitForStatus",
    "WaitOne", "WriteLine",
}  # fmt: skip
WRITING_METHODS = {
    "AppendAllText": {"scripts that change something"},
    "Copy": {"reinstall-msdtc"},
    "CreateDirectory": {"scripts that change something"},
    "Remove": {"machine-keys"},
    "SetValue": {"scripts that change the registry"},
    "WriteAllBytes": {"machine-keys"},
    "WriteAllText": {"reinstall-extension"},
}
"""The methods that write, and the scripts or shared parts that may call them."""


def part_of(path: Path, node: tree_sitter.Node) -> str:
    """The shared part that contains a node, or the script's name."""
    above = path.read_bytes()[: node.start_byte].decode("ascii")
    [*_, (begun, what)] = re.findall(r"^# (>>>|<<<) (.*)$", above, re.MULTILINE) or [("", "")]
    return str(what) if begun == ">>>" else path.stem


def broken(source: bytes) -> bool:
    return PARSER.parse(source).root_node.has_error


def test_the_parser_refuses_what_windows_powershell_does() -> None:
    for newer in (b"$a ?? $b", b"$a ??= 1", b"$x = $a ? 1 : 2", b"$a?.b", b"if ($a) {", b"'a"):
        assert broken(newer), newer


@pytest.mark.parametrize("path", WINDOWS, ids=lambda p: p.stem)
class TestEachScript:
    def test_it_is_windows_powershell(self, path: Path) -> None:
        text, root = parsed(path)
        wrong = [
            (node.start_point.row + 1, said(node)[:60])
            for node in nodes(root)
            if node.type in ("ERROR", "pipeline_chain_tail") or node.is_missing
        ]
        assert wrong == []
        assert not re.search(rb"-AsUTC|-AsHashtable|-Parallel|ConvertFrom-Json", text)

    def test_it_calls_only_what_it_may(self, path: Path) -> None:
        own = {said(node) for node in of_type(path, "function_name")}
        called = {said(node) for node in of_type(path, "command_name")}
        assert called <= own | READING | CHANGING.get(path.stem, set())

    def test_it_calls_only_methods_that_it_may(self, path: Path) -> None:
        calls = of_type(path, "invokation_expression")
        assert calls
        for node in calls:
            [name, *_] = [said(child) for child in node.children if child.type == "member_name"]
            if name not in METHODS:
                assert part_of(path, node) in WRITING_METHODS[name], name

    def test_no_text_becomes_a_program(self, path: Path) -> None:
        called = [
            said(node.parent)
            for node in of_type(path, "command_invokation_operator")
            if node.parent
        ]
        looks = path.stem in ("diagnose-windows", "vss-writers")
        assert called == (["& $Look"] if looks else [])

    def test_it_runs_only_programs_of_windows_by_their_full_path(self, path: Path) -> None:
        run = set()
        for node in of_type(path, "command"):
            call = re.match(r"Invoke-Tool (\S+)", said(node))
            if call:
                run.add(re.sub(r'^"\$system\\(.*)"$', r"\1", call[1]))
        assert run == PROGRAMS.get(path.stem, set())

    def test_it_answers_once_in_one_line(self, path: Path) -> None:
        commands = [said(node) for node in of_type(path, "command")]
        assert [c for c in commands if c.startswith("ConvertTo-Json")] == [
            "ConvertTo-Json -InputObject $said -Compress -Depth 6"
        ]
        assert len(of_type(path, "trap_statement")) == 1
        assert commands.count("Set-StrictMode -Version 2") == 1
        assert commands[-1].startswith("Write-Result")
        assert not any(re.match(r"(Write-(?!Result)|Out-|Format-)", c) for c in commands)

    def test_what_it_changes_can_be_undone(self, path: Path) -> None:
        commands = [said(node) for node in of_type(path, "command")]
        changes = any(c.startswith(("Add-Change", "Set-Registry")) for c in commands)
        restarts_only = path.stem == "vss-writers"
        assert changes == (path.stem != "diagnose-windows")
        # An error in the middle is answered with the state as it is then.
        assert not changes or "Get-Facts" in {said(n) for n in of_type(path, "function_name")}
        if changes and not restarts_only:
            assert any(c.startswith("Add-Undo") for c in commands)

    def test_it_ends_with_zero_whatever_happens(self, path: Path) -> None:
        assert [said(node) for node in of_type(path, "flow_control_statement") if ends(node)] == [
            "exit 0"
        ]
        [trap] = of_type(path, "trap_statement")
        assert said(trap).splitlines()[-2].strip().startswith("Write-Result ")

    def test_what_it_stops_is_started_in_a_finally(self, path: Path) -> None:
        _, root = parsed(path)
        assert left_off(root) == []

    def test_what_a_task_of_it_does_is_powershell_that_starts_what_it_stops(
        self, path: Path
    ) -> None:
        for text in tasks(path):
            root = PARSER.parse(text).root_node
            assert not root.has_error
            assert left_off(root) == []
            if path.stem == "restart-agent":
                assert b'"' not in text, "it stands between quotation marks"
                assert not broken(re.sub(rb"\s*\n\s*", b" ", text)), "it becomes one line"
            assert "Start-Service" in {said(n) for n in nodes(root) if n.type == "command_name"}


def ends(node: tree_sitter.Node) -> bool:
    return node.children[0].type == "exit"


STOPS = re.compile(r"(Stop|Restart)-Service |Invoke-Tool .*[-/](uninstall|unregister)\b", re.DOTALL)
STARTS = re.compile(
    r"\b(Start-Wanted|Start-Service|Install-Coordinator)\b|[-/](install|regserver)\b"
)


def left_off(root: tree_sitter.Node) -> list[str]:
    """The commands that stop or uninstall something which no `finally` around them starts again."""
    return [
        said(node)
        for node in nodes(root)
        if node.type == "command" and STOPS.match(said(node)) and not started_again(node)
    ]


def started_again(node: tree_sitter.Node) -> bool:
    below, above = node, node.parent
    while above is not None:
        if above.type == "try_statement" and below.type == "statement_block":
            last = above.children[-1]
            if last.type == "finally_clause" and STARTS.search(said(last)):
                return True
        below, above = above, above.parent
    return False


def test_a_stop_without_a_start_is_seen() -> None:
    stop, start = "Stop-Service -Name 'x'", "Start-Wanted 'x'"
    for text, seen in (
        (stop, True),
        (f"{stop}; {start}", True),
        (f"try {{ {stop} }} catch {{ {start} }}", True),
        (f"try {{ $a }} finally {{ {stop}; {start} }}", True),
        (f"try {{ {stop} }} finally {{ $a }}", True),
        (f"try {{ if ($a) {{ {stop} }} }} finally {{ {start} }}", False),
        ("[void](Invoke-Tool \"$system\\msdtc.exe\" '-uninstall' 120)", True),
    ):
        assert bool(left_off(PARSER.parse(text.encode()).root_node)) is seen, text


def test_only_tasks_are_here_strings() -> None:
    assert [path.stem for path in WINDOWS if tasks(path)] == [
        "reinstall-extension",
        "restart-agent",
    ]


def test_only_three_harmless_services_of_writers_are_restarted() -> None:
    text = (SCRIPTS / "vss-writers.ps1").read_text("ascii")
    table = re.findall(r"^    '([0-9a-f-]{36})' = '(\w+)'$", text, re.MULTILINE)
    assert {service for _, service in table} == {"VSS", "CryptSvc", "BITS"}
    # The ids of SQL Server, Exchange, NTDS, Hyper-V and the cluster must never be in the script.
    for never in (
        "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a",
        "76fe1ac4-15f7-4bcd-987e-8e1acb462fb7",
        "b2014c9e-8711-4c5c-a5a9-3cf384484757",
        "66841cd4-6ded-4f4b-8f17-fd23f8ddc3de",
        "41e12264-35d8-479b-8e5c-9b23d1dad37e",
    ):
        assert never not in text
    assert re.findall(
        r"Restart-Alone (?!\(\[)(\S+)", text.split("# <<< scripts that start")[1]
    ) == ["$each"]


def test_the_desktop_heap_is_changed_in_one_number_only() -> None:
    """The pattern comes from the script. The value is the default of Windows."""
    text = (SCRIPTS / "com-memory-quota.ps1").read_text("ascii")
    [pattern] = re.findall(r"^\$pattern = '(.*)'$", text, re.MULTILINE)
    windows = (
        "%SystemRoot%\\system32\\csrss.exe ObjectDirectory=\\Windows SharedSection=1024,20480,768"
        " Windows=On SubSystemType=Windows ServerDll=basesrv,1 MaxRequestThreads=16"
    )
    [found] = re.finditer(pattern, windows)
    assert windows[: found.start(3)] + "4096" + windows[found.end(3) :] == windows.replace(
        "20480,768", "20480,4096"
    )
    assert not re.search(pattern, windows.replace("768", "768,4"))
    assert not re.search(pattern, windows.replace(",768", ""))
