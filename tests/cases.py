"""The case files of the built-in playbooks, and what happens when a case is played."""

from collections.abc import Iterator
from pathlib import Path

from remediator.proving.casefile import Case, read
from remediator.proving.prove import prove
from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.places import CASES
from tests.untold import english_left

FILES = [read(path) for path in sorted(CASES.glob("*.yaml"))]


def problems(case: Case, folder: Path) -> Iterator[str]:
    """Every difference between what the case expects and what happens."""
    return prove(case, folder, _run)


def _run(azure: SimulatorProcess, folder: Path, *arguments: str) -> Ended:
    """Run the command as the tests do. What it makes must be Chinese on a Chinese screen, too."""
    ended = remediate(*arguments, env=environment(azure, folder))
    assert "Traceback" not in ended.err + ended.out
    if ended.out.startswith("{"):
        left = english_left(ended.out)
        assert left == [], f"English on a Chinese screen: {left}"
    return ended
