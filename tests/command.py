"""Run `remediate` as a user does: in its own process, pointed at a simulator."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.processes import start

STEP = 30.0
"""Simulated seconds that pass with every request. On a slow machine they are the same."""

SPEED = 1200.0
"""Simulated seconds per real one: a backup of ten minutes takes half a second."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """The JSON on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def check(self, code: int) -> "Ended":
        """Check the exit code and that there is no traceback, and return the same object."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err + self.out
        return self


def environment(azure: SimulatorProcess, state: Path) -> dict[str, str]:
    """The environment that points a command at a simulator, a folder, and at nothing else.

    A state that is shared has its records in the folder too, not in the home of whoever tests.
    """
    kept = {k: v for k, v in os.environ.items() if not re.match("AZURE_|REMEDIATE_|.*_proxy", k)}
    return kept | {
        "AZURE_ACCESS_TOKEN": azure.token,
        "REMEDIATE_ARM_ENDPOINT": azure.url,
        "REMEDIATE_AUTH": "token",
        "REMEDIATE_POLL_INTERVAL": "0.01",
        "REMEDIATE_STATE": str(state),
        "XDG_STATE_HOME": str(state),
        "COLUMNS": "100",
        **({"REQUESTS_CA_BUNDLE": azure.ca_file} if azure.ca_file else {}),
    }


def command(*arguments: str) -> list[str]:
    """The command line of `remediate` with these arguments."""
    return [sys.executable, "-m", "remediator", *arguments]


def remediate(
    *arguments: str, env: dict[str, str], cwd: Path | None = None, stdin: str = ""
) -> Ended:
    """Run `remediate` to its end, without a terminal."""
    code, out, err = completed("remediator", *arguments, env=env, cwd=cwd, stdin=stdin.encode())
    return Ended(code, _text(out), _text(err))


def completed(
    module: str,
    *arguments: str,
    env: dict[str, str],
    cwd: Path | None = None,
    stdin: bytes = b"",
    within: float = 120,
) -> tuple[int, bytes, bytes]:
    """Run a module to its end. Returns its exit code, its stdout and its stderr.

    Raises:
        subprocess.TimeoutExpired: it did not end within these seconds.
    """
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        process = start(module, list(arguments), (given, out, err), env, cwd)
        try:
            code = process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def _text(written: bytes) -> str:
    """The output decoded in the way of `subprocess`."""
    return written.decode().replace("\r\n", "\n").replace("\r", "\n")
