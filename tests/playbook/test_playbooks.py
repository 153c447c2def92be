"""Every playbook proved by its case file: `tests/playbooks/CODE.yaml`."""

from pathlib import Path

import pytest

from remediator.playbook.catalogue import read_catalogue
from remediator.proving.casefile import Case, read
from remediator.proving.prove import prove
from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.places import CASES

FILES = [read(path) for path in sorted(CASES.glob("*.yaml"))]


def run(azure: SimulatorProcess, folder: Path, *arguments: str) -> Ended:
    """Run the command as the tests do."""
    ended = remediate(*arguments, env=environment(azure, folder))
    assert "Traceback" not in ended.err + ended.out
    return ended


@pytest.mark.parametrize(
    ("case"), [pytest.param(c, id=f"{f.playbook}: {c.name}") for f in FILES for c in f.cases]
)
def test_case(case: Case, tmp_path: Path) -> None:
    assert list(prove(case, tmp_path, run)) == []


def test_every_playbook_has_a_case_file_and_every_rung_a_case() -> None:
    proved = {(f.playbook, c.expect.rung) for f in FILES for c in f.cases}
    wanted = {(p.name, r.rung) for p in read_catalogue().playbooks for r in p.ladder}
    assert wanted - proved == set()
