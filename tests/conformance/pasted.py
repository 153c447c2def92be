"""azure-cli, unmodified, runs the undo command that a person copies from a narrow screen."""

import re
import shlex
import tempfile
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.conformance import install
from tests.conformance.azure_cli import Cli
from tests.conformance.verdict import Verdict
from tests.terminal import Terminal

SIZE = (24, 80)
SPEED = 60.0


def judge() -> Verdict:
    """Take a lock off with the tool, and put it back with what its screen says."""
    wrong: list[str] = []
    with (
        SimulatorProcess("limit-reached", https=True, time="fast", speed=SPEED) as cloud,
        tempfile.TemporaryDirectory() as home,
    ):
        folder = Path(home)
        before, job = _locks(cloud), cloud.failed_jobs("web")[-1]
        pasted = _copied(cloud, folder, job)
        remediate("--job-id", job, "--yes", env=environment(cloud, folder)).check(0)
        if _locks(cloud):
            wrong.append(f"the tool left {_locks(cloud)}")
        cli = Cli(install.azure_cli(), cloud, folder / "az")
        cli.home.mkdir()
        cli.run(f"cloud register -n simulated --endpoint-resource-manager {cloud.url}")
        cli.run("cloud set -n simulated")
        who = f"-u {cloud.client_id} -p {cloud.client_secret} --tenant {cloud.tenant_id}"
        cli.run(f"login --service-principal {who}")
        done = cli.call(shlex.split(pasted)[1:])
        if done.returncode:
            wrong.append(f"`{pasted}`: {done.stderr.strip()[-700:]}")
        if _locks(cloud) != before:
            wrong.append(f"after it there is {_locks(cloud)}, and there was {before}")
    asked = "the undo command of a lock, copied from a screen of 80 columns, puts the lock back"
    return Verdict(f"azure-cli {install.AZURE_CLI}, a pasted command", asked, pasted[:40], wrong)


def _copied(cloud: SimulatorProcess, folder: Path, job: str) -> str:
    """What a person selects behind `undo`. The terminal itself wraps it, and copies it whole."""
    command = ("--job-id", job, "--dry-run", "--details")
    with Terminal(cloud, folder, *command, size=SIZE) as terminal:
        terminal.end()
        found = re.search(r"undo +(az lock create .*)", terminal.said)
    return found[1].strip() if found else ""


def _locks(cloud: SimulatorProcess) -> list[dict[str, Any]]:
    """The locks that are on: where, and how much they forbid."""
    rows = (lock for lock in cloud.state()["locks"] if not lock["deleted"])
    return [{key: lock[key] for key in ("id", "level")} for lock in rows]
