"""Check a guard's refusal from outside."""

from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.evidence import fix


def refused(
    azure: SimulatorProcess, folder: Path, *options: str, guard: str, says: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Check that applying is refused: all changes listed, nothing written. Returns the output."""
    # Without this limit, a run that is not refused would wait for ever: the clock stands still.
    ended = fix(azure, folder, *options, "--timeout", "5s", "--format", "json").check(4)
    check_refused(azure, folder, ended, guard, says)
    return ended.json()


def check_refused(
    azure: SimulatorProcess, folder: Path, ended: Ended, guard: str, says: tuple[str, ...]
) -> None:
    """Check a refusal: its data, its text, and that nothing was done."""
    assert azure.writes() == []
    assert not (folder / "runs").exists()
    steps = ended.json()["steps"]
    held = [step for step in steps if step["kind"] == "held"]
    assert held
    assert not [step for step in steps if step["kind"] == "change"]
    assert [step["guard"] for step in held] == [guard] * len(held)
    assert all(step["change"]["request"]["url"] for step in held)
    [line] = [line for line in ended.err.splitlines() if "refused by a guard" in line]
    for text in says:
        assert all(text in step["why"][0] for step in held), held[0]["why"][0]
        assert text in line
    assert "Traceback" not in ended.err


def dry(azure: SimulatorProcess, folder: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """The plan of a dry run."""
    job = azure.failed_jobs("web")[-1]
    env = environment(azure, folder)
    arguments = ("--job-id", job, "--dry-run", "--format", "json", *options)
    return remediate(*arguments, env=env).check(code).json()


def saved(azure: SimulatorProcess, folder: Path, *options: str) -> Path:
    """Save a plan for later."""
    path = folder / "plan.json"
    job = azure.failed_jobs("web")[-1]
    arguments = ("plan", "--job-id", job, "--out", str(path), *options)
    remediate(*arguments, env=environment(azure, folder)).check(0)
    return path


def applied(azure: SimulatorProcess, folder: Path, path: Path, *options: str) -> Ended:
    """Apply a saved plan."""
    return remediate("apply", str(path), "--yes", *options, env=environment(azure, folder))


def kinds(plan: dict[str, Any]) -> list[str]:
    """The kind of each step."""
    return [step["kind"] for step in plan["steps"]]
