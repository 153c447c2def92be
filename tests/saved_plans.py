"""Plans that are saved and applied later, and what is seen where one is refused."""

import json
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate

LOCKS = "api-version=2020-05-01"
"""The query of a request for a lock that is made by hand."""


def planned(azure: SimulatorProcess, folder: Path, *options: str, vm: str = "web") -> Path:
    """A plan with changes, saved; the log is empty afterwards."""
    path = folder / "plan.json"
    job = azure.failed_jobs(vm)[-1]
    env = environment(azure, folder)
    remediate("plan", "--job-id", job, "--out", str(path), *options, env=env).check(0)
    assert json.loads(path.read_text("utf-8"))["summary"]["has_changes"]
    azure.clear_log()
    return path


def applied(azure: SimulatorProcess, folder: Path, path: Path, *options: str) -> Ended:
    """Apply a saved plan, with no more consent than these options give."""
    return remediate("apply", str(path), *options, env=environment(azure, folder))


def by_tool(azure: SimulatorProcess) -> list[dict[str, Any]]:
    """The writes that the tool sent, by its user agent."""
    return [w for w in azure.writes() if "remediate/" in str(w["headers"].get("user-agent"))]


def refused(
    azure: SimulatorProcess, folder: Path, path: Path, *says: str, options: tuple[str, ...] = ()
) -> None:
    """The plan is refused in one line, and nothing is written."""
    ended = applied(azure, folder, path, "--yes", *options).check(4)
    (line,) = ended.err.splitlines()
    for text in says:
        assert text in line
    assert by_tool(azure) == []
    assert not (folder / "runs").exists() or all(
        not file.read_text("utf-8") for file in (folder / "runs").iterdir()
    )


Saved = tuple[SimulatorProcess, Path]
"""A cloud, and a plan for it in a file."""
