"""The small interpreter follows PowerShell where a script could go wrong by it."""

from pathlib import Path

import pytest

from tests.scripts.small_powershell.interpreter import play
from tests.scripts.small_powershell.values import PowerShellError

PRINT = "function Say([string]$Text) { [Console]::Out.WriteLine($Text) }\n"


def printed(tmp_path: Path, code: str) -> str:
    path = tmp_path / "script.ps1"
    path.write_text(PRINT + code, "utf-8")
    return play(path, {}).strip()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("Say @(@()).Count", "0"),
        ("Say @($null).Count", "1"),
        ("function None { }\nSay @(None).Count", "0"),
        ("function Two { 'a'; return 'b' }\nSay @(Two).Count", "2"),
        ("function List { return , @('a', 'b') }\nSay @(List).Count", "1"),
        ("Say ('A' -eq 'a')", "True"),
        ("Say ('A' -ceq 'a')", "False"),
        ("Say (@(1, 2, 3) -gt 1).Count", "2"),
        ("$h = @{ Key = 1 }\nSay $h['KEY']", "1"),
        ("$x = 'out'\nfunction In { $x = 'in' }\nIn\nSay $x", "out"),
        ("$x = 'out'\nfunction In { Say $x }\nfunction Deep { $x = 'in'; In }\nDeep", "in"),
        ("Say \"a`$b $('c' + 'd') $(1 + 1)\"", "a$b cd 2"),
        ("try { throw 'x' } catch { Say $_.Exception.Message } finally { Say 'f' }", "x\nf"),
        ("trap { Say 'trap'; exit 0 }\ntry { throw 'x' } finally { Say 'f' }\nSay 'on'", "f\ntrap"),
        ("try { exit 0 } finally { Say 'f' }\nSay 'on'", "f"),
        ("foreach ($i in 1, 2, 3) { if ($i -eq 2) { continue }\nSay $i }", "1\n3"),
    ],
)
def test_it_does_what_powershell_does(tmp_path: Path, code: str, says: str) -> None:
    assert printed(tmp_path, code) == says


@pytest.mark.parametrize("code", ["Say $none", "Say @{}.none", "Say 'x'.none", "Say $null.Length"])
def test_strict_mode_refuses_what_is_not_there(tmp_path: Path, code: str) -> None:
    with pytest.raises(PowerShellError):
        printed(tmp_path, "Set-StrictMode -Version 2\n" + code)


@pytest.mark.parametrize("code", ["Get-Process", "while ($true) { }", "Say (1 -shl 2)"])
def test_what_it_does_not_know_it_refuses(tmp_path: Path, code: str) -> None:
    with pytest.raises((PowerShellError, AttributeError, NotImplementedError, KeyError)):
        printed(tmp_path, code)
