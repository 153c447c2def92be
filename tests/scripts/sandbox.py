"""A guest for one script: a folder that stands for the machine's root.

The scripts take no settings, so that nobody in a guest can direct them to another folder. So the
sandbox runs a copy of the script. In the copy, folders in the sandbox replace the absolute folders.
PATH names one folder, with links to the real tools that are listed here, and with the pretended
tools of the test. The scripts drop what tools print on stderr; the copy keeps it, so that a test
sees it. Everything else is the script as it is sent. The sandbox needs no container and no
privilege.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remediator.change.guest import read_answer
from tests.places import SCRIPTS

SHELL = shutil.which("dash") or "/bin/sh"
TOOLS = (
    "awk",
    "cat",
    "chmod",
    "cmp",
    "cp",
    "cut",
    "date",
    "df",
    "env",
    "grep",
    "head",
    "id",
    "ls",
    "mkdir",
    "mv",
    "od",
    "rm",
    "sed",
    "sh",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tr",
    "uname",
    "uniq",
    "wc",
)
ABSOLUTE = re.compile(r"(?<![\w.$}/-])/(?=(?:etc|var|proc|run|usr/libexec)(?:/|\b))")
RUN_COMMAND_KEEPS = 4096


@dataclass(frozen=True)
class Said:
    """The answer of a script."""

    answer: dict[str, Any]
    line: str

    @property
    def changed(self) -> list[str]:
        found: list[str] = self.answer["changed"]
        return found

    @property
    def problem(self) -> str:
        found = self.answer["problem"]
        assert isinstance(found, str), self.line
        return found

    def fine(self) -> "Said":
        """The same answer, after a check that the script found or reached the wanted state."""
        assert self.answer["problem"] is None, self.line
        return self


class Guest:
    """A machine's root folder, and the commands that this machine has."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.bin.mkdir(parents=True)
        for tool in TOOLS:
            real = shutil.which(tool)
            assert real, f"this test needs {tool}"
            (self.bin / tool).symlink_to(real)
        (self.bin / "python3").symlink_to(Path(sys.executable).resolve())

    def path(self, absolute: str) -> Path:
        """The place of an absolute path of the guest."""
        return self.root / absolute.removeprefix("/")

    def write(self, absolute: str, content: str | bytes) -> Path:
        """Write a file of the guest."""
        path = self.path(absolute)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def pretend(self, command: str, body: str) -> None:
        """Let a few lines of shell play a command. The calls are recorded in their order."""
        path = self.bin / command
        path.unlink(missing_ok=True)
        path.write_text(
            f'#!/bin/sh\nstate="{self.root}"\necho "{command} $*" >>"$state/calls"\n{body}\n'
        )
        path.chmod(0o755)

    def without(self, tool: str) -> None:
        """Take a command away."""
        (self.bin / tool).unlink()

    def calls(self, starting: str = "") -> list[str]:
        """The calls of pretended commands, in their order."""
        path = self.root / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if line.startswith(starting)]

    def files(self) -> dict[str, bytes]:
        """Every file below /etc and /var. A test compares them to see that nothing else changed."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for top in ("etc", "var")
            for path in sorted((self.root / top).rglob("*"))
            if path.is_file()
        }

    def run(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Said:
        """Run a script.

        Check that its answer is one line of JSON in ASCII, that Run Command would return it
        whole, and that the script never ends with an error: Azure may drop the output then.
        """
        text = self.here((SCRIPTS / f"{name}.sh").read_text("ascii"))
        text, paths = re.subn(r"^PATH=.*$", f"PATH={self.bin}", text, flags=re.MULTILINE)
        text, silenced = re.subn(r"^exec 2>/dev/null\n", "", text, flags=re.MULTILINE)
        assert (paths, silenced) == (1, 1)
        script = self.root / f"{name}.sh"
        script.write_text(text)
        ended = subprocess.run(
            [SHELL, str(script), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment or {},
            cwd=self.root,
            timeout=60,
            check=False,
        )
        assert ended.stderr == b"", ended.stderr.decode()
        assert len(ended.stdout) <= 3500 < RUN_COMMAND_KEEPS
        line = ended.stdout.decode("ascii")
        assert line.count("\n") == 1
        assert line.endswith("\n")
        answer = json.loads(line)
        assert list(answer) == [
            "script", "version", "before", "changed", "after", "undo", "problem", "next",
        ]  # fmt: skip
        assert (answer["script"], answer["version"]) == (name, 1)
        assert read_answer(name, line), "the tool would not believe it"
        assert ended.returncode == 0, line
        return Said(answer, line)

    def here(self, text: str) -> str:
        """A text of the guest, in which folders of the sandbox replace its folders."""
        return ABSOLUTE.sub(f"{self.root}/", text)

    def undo(self, said: Said) -> None:
        """Run the commands in undo.txt with a shell, as a person would paste them."""
        folder = Path(said.answer["undo"])
        subprocess.run([SHELL, str(folder / "undo.txt")], env={"PATH": str(self.bin)}, check=True)
