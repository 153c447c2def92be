"""Runs `remediate` as a process of its own, which sees only a simulator."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from remediator.simulator.process import SimulatorProcess

_ELSEWHERE = re.compile("AZURE_|REMEDIATE_|.*_proxy", re.IGNORECASE)
_ENOUGH = 300.0
"""Real seconds, after which a run is ended."""


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class WithPlaybooks:
    """Runs the command with the playbooks of a folder."""

    playbooks: Path

    def __call__(self, azure: SimulatorProcess, folder: Path, *arguments: str) -> Done:
        """Run the command to its end, with its records in a folder, without a terminal."""
        command = [sys.executable, "-m", "remediator", *arguments]
        try:
            done = subprocess.run(  # noqa: S603 - ourselves
                [*command, "--playbooks", str(self.playbooks.absolute())],
                env=surroundings(os.environ, azure, folder),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_ENOUGH,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Done(1, "", f"it did not end within {_ENOUGH:.0f} seconds")
        return Done(done.returncode, done.stdout, done.stderr)


def surroundings(kept: Mapping[str, str], azure: SimulatorProcess, folder: Path) -> dict[str, str]:
    """The environment of such a process. It tells nothing of another Azure, or who we are."""
    own = {
        k: v
        for k, v in kept.items()
        if not re.match("AZURE_|REMEDIATE_|.*_proxy", k, re.IGNORECASE)
    }
    return own | {
        "AZURE_ACCESS_TOKEN": azure.token,
        "REMEDIATE_ARM_ENDPOINT": azure.url,
        "REMEDIATE_AUTH": "token",
        "REMEDIATE_POLL_INTERVAL": "0.01",
        "REMEDIATE_STATE": str(folder),
    }
