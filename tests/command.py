"""Running `remediate` as a user does: a process of its own, pointed at a simulator."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess

STEP = 30.0
"""Seconds that pass on a stepped simulator with every request: the same on a slow machine."""

SPEED = 1200.0
"""Simulated seconds per real one: a backup of ten minutes takes half a second."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """What was printed on stdout, as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def check(self, code: int) -> "Ended":
        """The same, after making sure that it ended with this code and no traceback."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err + self.out
        return self


def environment(azure: SimulatorProcess, state: Path) -> dict[str, str]:
    """The environment that points a command at a simulator, and at nothing else."""
    kept = {k: v for k, v in os.environ.items() if not re.match("AZURE_|REMEDIATE_|.*_proxy", k)}
    return kept | {
        "AZURE_ACCESS_TOKEN": azure.token,
        "REMEDIATE_ARM_ENDPOINT": azure.url,
        "REMEDIATE_AUTH": "token",
        "REMEDIATE_POLL_INTERVAL": "0.05",
        "REMEDIATE_STATE": str(state),
        "COLUMNS": "100",
        **({"REQUESTS_CA_BUNDLE": azure.ca_file} if azure.ca_file else {}),
    }


def command(*arguments: str) -> list[str]:
    """The command line of `remediate` with these arguments."""
    return [sys.executable, "-m", "remediator", *arguments]


def remediate(
    *arguments: str, env: dict[str, str], cwd: Path | None = None, stdin: str | None = ""
) -> Ended:
    """Run `remediate` to its end, without a terminal."""
    done = subprocess.run(
        command(*arguments),
        env=env,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
