"""Every playbook is proved by its case file: `tests/playbooks/CODE.yaml`."""

from pathlib import Path

import pytest

from remediator.playbook.catalogue import read_catalogue
from remediator.proving.casefile import Case
from tests.cases import FILES, problems


@pytest.mark.parametrize(
    ("case"), [pytest.param(c, id=f"{f.playbook}: {c.name}") for f in FILES for c in f.cases]
)
def test_case(case: Case, tmp_path: Path) -> None:
    assert list(problems(case, tmp_path)) == []


def test_every_playbook_has_a_case_file_and_every_rung_a_case() -> None:
    proved = {(f.playbook, visit.rung) for f in FILES for c in f.cases for visit in c.visits}
    wanted = {(p.name, r.rung) for p in read_catalogue().playbooks for r in p.ladder}
    assert wanted - proved == set()
