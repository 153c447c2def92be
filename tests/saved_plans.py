"""Plans that are saved and applied later, and the check of a refused plan."""

import json
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate

LOCKS = "api-version=2020-05-01"
"""The query of a request that changes a lock by hand."""


def planned(azure: SimulatorProcess, folder: Path, *options: str, vm: str = "web") -> Path:
    """Save a plan with changes, and clear the log."""
    path = folder / "plan.json"
    job = azure.failed_jobs(vm)[-1]
    env = environment(azure, folder)
    remediate("plan", "--job-id", job, "--out", str(path), *options, env=env).check(0)
    assert json.loads(path.read_text("utf-8"))["summary"]["has_changes"]
    azure.clear_log()
    return path


def applied(azure: SimulatorProcess, folder: Path, path: Path, *options: str) -> Ended:
    """Apply a saved plan, with only the consent that these options give."""
    return remediate("apply", str(path), *options, env=environment(azure, folder))


def by_tool(azure: SimulatorProcess) -> list[dict[str, Any]]:
    """The writes that the tool sent. Its user agent tells them apart."""
    return [w for w in azure.writes() if "remediate/" in str(w["headers"].get("user-agent"))]


def refused(
    azure: SimulatorProcess, folder: Path, path: Path, *says: str, options: tuple[str, ...] = ()
) -> None:
    """Check that the plan is refused in one line, and that nothing is written."""
    ended = applied(azure, folder, path, "--yes", *options).check(4)
    (line,) = ended.err.splitlines()
    for text in says:
        assert text in line
    assert by_tool(azure) == []
    assert not (folder / "runs").exists() or all(
        not file.read_text("utf-8") for file in (folder / "runs").iterdir()
    )


Saved = tuple[SimulatorProcess, Path]
"""A simulator, and the file of a plan for it."""
