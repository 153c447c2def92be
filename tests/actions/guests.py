"""A VM in which a playbook runs a script, and what that script prints."""

import json
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, environment, remediate
from tests.evidence import scenario, sent

PLAYBOOK = """\
codes: [GuestCode]
title: A script in the guest
sources: [https://example.invalid]
causes: [none]
ladder:
  - rung: script
    title: Run a script
    steps:
      - {action: run-guest-script, script: SCRIPT}
      - {action: back-up-now}
manual: {text: Look.}
"""

HISTORY = {"at": "3h ago", "code": "GuestCode"}
VM: dict[str, Any] = {
    "os": "linux",
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "history": [HISTORY],
}
ALLOWED = ("--allow", "guest")


def answer(script: str = "fs-freeze", **rest: Any) -> str:
    """What a script prints when it has done its work."""
    said = {
        "script": script,
        "version": 1,
        "before": {"MountsToSkip": "", "failed": ["/data"]},
        "changed": ["MountsToSkip += /data"],
        "after": {"MountsToSkip": "/data", "not_consistent": ["/data"]},
        "undo": "/var/lib/remediate/undo/fs-freeze-1",
        "problem": None,
    }
    return json.dumps(said | rest) + "\n"


def guest(stdout: str, **rest: Any) -> dict[str, Any]:
    """A guest that prints this text for every command."""
    return {"answers": [{"when": [], "stdout": stdout, **rest}]}


def cloud(folder: Path, **vm: Any) -> SimulatorProcess:
    """The cloud with that VM. The keywords change parts of the VM."""
    return SimulatorProcess(scenario(folder, VM | vm), time="stepped", step=STEP)


def run(
    azure: SimulatorProcess,
    folder: Path,
    *options: str,
    script: str = "fs-freeze",
    how: str = "--yes",
) -> Ended:
    """Run the playbook for the newest failed job."""
    arguments = arguments_of(azure, folder, *options, script=script)
    return remediate(*arguments, how, env=environment(azure, folder))


def arguments_of(
    azure: SimulatorProcess, folder: Path, *options: str, script: str = "fs-freeze"
) -> list[str]:
    """The options for the newest failed job and for the playbook, which is written to a folder."""
    books = folder / "books"
    books.mkdir(exist_ok=True)
    (books / "mine.yaml").write_text(PLAYBOOK.replace("SCRIPT", script), encoding="utf-8")
    return ["--job-id", azure.failed_jobs("web")[-1], "--playbooks", str(books), *options]


def scripts(azure: SimulatorProcess) -> list[dict[str, Any]]:
    """The requests that sent a script."""
    return sent(azure, "POST", "/runCommand")
