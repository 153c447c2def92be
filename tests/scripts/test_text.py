"""Rules for the text of every guest script."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import SCRIPTS
from tests.scripts.every import EVERY

LINUX = [p for p in EVERY if p.suffix == ".sh"]
FIELDS = ["For", "Does", "Never", "Undo", "Source"]
SHELLCHECK = Path(sys.executable).parent / "shellcheck"
NEVER = (
    r"umount|fsck|reboot|shutdown|poweroff|halt|mkfs|kill|setenforce|permissive|curl|wget|eval"
    r"|rm -[a-z]*r|dd|chattr|systemctl (re)?start|systemctl stop"
)


def ids(path: Path) -> str:
    return path.name


def parts(text: str) -> dict[str, str]:
    """The shared parts of a script, by the title in their first line."""
    return dict(re.findall(r"^# >>> (.*)\n((?s:.*?))^# <<< \1$", text, re.MULTILINE))


def test_the_shell_scripts_have_nothing_that_shellcheck_minds() -> None:
    said = subprocess.run(
        [SHELLCHECK, "--shell=sh", "--severity=style", *LINUX],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout + said.stderr == ""
    assert LINUX


@pytest.mark.parametrize("path", EVERY, ids=ids)
def test_it_is_plain_text_that_takes_nothing_from_outside(path: Path) -> None:
    data = path.read_bytes()
    text = data.decode("ascii")
    assert b"\r" not in data
    assert b"\t" not in data
    assert data.endswith(b"\n")
    assert max(len(line) for line in text.splitlines() if "https://" not in line) <= 160
    assert len(data) < 20_000
    if path.suffix == ".ps1":
        assert not re.search(r"^\s*param\s*\(|\$args\b|\$env:|Read-Host", text, re.MULTILINE)
        assert f"\n$scriptName = '{path.stem}'\n" in text
    else:
        assert text.startswith("#!/bin/sh\n")
        assert f"\nname='{path.stem}'\n" in text


@pytest.mark.parametrize("path", EVERY, ids=ids)
def test_its_head_says_what_it_is(path: Path) -> None:
    text = path.read_text("ascii").removeprefix("#!/bin/sh\n")
    [head, *_] = text.split("\n\n")
    lines = head.splitlines()
    assert lines[0].startswith(f"# {path.stem}: ")
    assert re.findall(r"^# (\w+): ", head, re.MULTILINE)[-len(FIELDS) :] == FIELDS


@pytest.mark.parametrize("path", LINUX, ids=ids)
def test_it_never_does_what_no_script_may(path: Path) -> None:
    code = re.sub(r"^\s*#.*$", "", path.read_text("ascii"), flags=re.MULTILINE)
    code = code.replace("AccuracySec=1s \\\n        systemctl restart", "")  # systemd does it later
    assert not re.search(rf"(?<![\w-])({NEVER})(?![\w-])", code)


@pytest.mark.parametrize("path", LINUX, ids=ids)
def test_it_ends_without_an_error(path: Path) -> None:
    """Azure may drop the output of a script that ends with another exit code than 0."""
    code = re.sub(r"^\s*#.*$", "", path.read_text("ascii"), flags=re.MULTILINE)
    assert set(re.findall(r"\bexit\b[ \t]*(\S*)", code)) == {"0"}
    assert not re.search(r"^set -\w*e", code, re.MULTILINE)


@pytest.mark.parametrize("suffix", [".sh", ".ps1"])
def test_what_scripts_share_is_the_same_in_each(suffix: str) -> None:
    """Run Command sends one file, so each script has a copy of the shared parts. All must match."""
    known: dict[str, str] = {}
    for path in (p for p in EVERY if p.suffix == suffix):
        found = parts(path.read_text("ascii"))
        assert "every script" in found, path.name
        for what, text in found.items():
            assert known.setdefault(what, text) == text, f"{path.name}: {what}"


def test_the_page_names_every_script_and_its_codes() -> None:
    page = (SCRIPTS / "README.md").read_text("utf-8")
    named = re.findall(r"^\| `([\w-]+\.(?:sh|ps1))`", page, re.MULTILINE)
    assert sorted(named) == [p.name for p in EVERY]
    for path in EVERY:
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{path.name}`")]
        head = path.read_text("ascii").split("\n\n")[0]
        [codes] = re.findall(r"^# For:((?s:.*?))^# Does:", head, re.MULTILINE)
        for code in re.findall(r"(?<![\w-])[A-Z][\w-]*[a-z][A-Z][\w-]{6,}", codes):
            assert f"`{code}`" in row, (path.name, code)
