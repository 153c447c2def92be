"""Catch-alls among each other: which one counts where a job names several."""

from pathlib import Path

import pytest

from remediator.errors import PlaybookError
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.explain import explain
from remediator.playbook.playbook import load
from tests.job.messages import CATALOGUE

INTERNAL = "VMRestorePointInternalError"
CRP = "UserErrorCrpReportedUserError"
TEXT = (
    "Restore Point creation failed due to an internal execution error while creating VM snapshot."
)

WRONG = """\
codes: [Mine]
narrows: [UserErrorCrpReportedUserError]
title: Mine
sources: [https://example.invalid]
causes: [none]
ladder: []
manual: {text: Look.}
"""


def test_a_catch_all_narrows_only_other_catch_alls() -> None:
    playbooks = {playbook.name: playbook for playbook in read_catalogue().playbooks}
    told = [(playbook.name, name) for playbook in playbooks.values() for name in playbook.narrows]
    assert told
    for name, other in told:
        assert playbooks[name].triage
        assert playbooks[other].triage, f"{name} narrows {other}, which is no catch-all"
        assert name not in playbooks[other].narrows, f"{name} and {other} narrow each other"


def test_only_a_catch_all_may_narrow_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(PlaybookError, match=r"mine\.yaml:2: narrows is only for a catch-all"):
        load(path, str(path))
    path.write_text(WRONG + "triage: true\n", encoding="utf-8")
    assert load(path, str(path)).narrows == (CRP,)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (f"It ended with {CRP}: {INTERNAL}, see the log.", INTERNAL),
        (f"It ended with {INTERNAL} after {CRP}.", INTERNAL),
        (f"It ended with {CRP}. {TEXT}", INTERNAL),
        (f"{INTERNAL}, see the job. Backup failed with an internal error.", INTERNAL),
        (f"It ended with {CRP}: An internal execution error occurred.", "InternalExecutionError"),
    ],
)
def test_of_several_catch_alls_in_a_text_the_narrowest_is_explained(asked: str, code: str) -> None:
    assert [one.code for one in explain(asked, CATALOGUE).found] == [code]
