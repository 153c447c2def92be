"""Every code, number and text of the newest documents leads to its playbook.

A text leads there on its own, inside each of the catch-all errors, and in the message that a job
carries besides its error.
"""

import json

import pytest

from remediator.cli import call
from remediator.job.failure import Failure, classify
from remediator.job.job import ErrorDetail
from tests.job.messages import CATALOGUE, error, job
from tests.newest import NEWEST, Newest

KNOWN = [row for row in NEWEST if not row.outside]
ASKED = [(row, asked) for row in NEWEST for asked in (*row.codes, *row.texts)]
CATCH_ALLS = {
    "UserErrorCrpReportedUserError": 400349,
    "VMRestorePointClientError": None,
    "BackUpOperationFailed": 400002,
}
SEE_DETAILS = "Backup failed due to an error. For details, see Job Error Message Details."


def explained(asked: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The playbooks to which `remediate explain` leads."""
    code = call(["explain", "--format", "json", asked])
    found = json.loads(capsys.readouterr().out)["found"]
    assert code == (0 if found else 3)
    return [one["playbook"]["codes"][0] for one in found]


def led(*errors: ErrorDetail, dynamic: str | None = None) -> tuple[str | None, Failure]:
    """The playbook to which a job leads, and the failure that the tool made of it."""
    failure = classify(job(*errors, dynamic=dynamic), CATALOGUE)
    row = CATALOGUE.row(failure.code) if failure.code and failure.known else None
    return (row.name if row else None), failure


@pytest.mark.parametrize(
    ("row", "asked"),
    [pytest.param(row, asked, id=f"{row.id}: {asked[:40]}") for row, asked in ASKED],
)
def test_it_is_explained_by_its_playbook(
    row: Newest, asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explained(asked, capsys)
    if row.outside:
        assert found == [], row.outside
        return
    assert len(found) == 1
    assert found == [row.playbook]


@pytest.mark.parametrize("title", CATCH_ALLS)
@pytest.mark.parametrize(
    ("row", "text"),
    [pytest.param(row, text, id=f"{row.id}: {text[:40]}") for row in KNOWN for text in row.texts],
)
def test_its_text_decides_inside_a_catch_all(row: Newest, text: str, title: str) -> None:
    number = CATCH_ALLS[title]
    for found, failure in (
        led(error(text, title, number)),
        led(error(SEE_DETAILS, title, number), dynamic=text),
        led(error("?", title, number), error(text, "Unheard")),
        led(
            error(
                f'{{"error": {{"code": "OperationNotAllowed", "message": {json.dumps(text)}}}}}',
                title,
            )
        ),
    ):
        assert found == row.playbook, failure.evidence
        assert failure.candidates == ()


@pytest.mark.parametrize("title", CATCH_ALLS)
@pytest.mark.parametrize("row", [row for row in KNOWN if row.codes], ids=lambda row: row.id)
def test_its_code_decides_inside_a_catch_all(row: Newest, title: str) -> None:
    code = row.codes[0]
    if CATALOGUE.row(title) == CATALOGUE.row(code):
        return
    if (own := CATALOGUE.row(code)) and own.triage and title not in own.narrows:
        return  # a catch-all that says no more than this one
    for text in (
        f"It was refused with {code}, see the log.",
        json.dumps({"error": {"code": code}}),
    ):
        found, failure = led(error(text, title))
        assert found == row.playbook, failure.evidence


def test_two_texts_of_different_playbooks_choose_none() -> None:
    rows = {row.id: row for row in NEWEST}
    both = " ".join(rows[one].texts[0] for one in ("RP01", "RP03"))
    found, failure = led(error(both, "VMRestorePointClientError"))
    assert found is None
    assert {one.code for one in failure.candidates} == {
        "ExtensionSnapshotFailedCOM",
        "ExtensionFailedVssWriterInBadState",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Restore Point creation failed",
        "Restore Point creation failed due to an error.",
        "Restore Point creation failed due to COM error",
        "If the issue persists, restart the VM.",
        "You may exclude this disk from the restore point via excludeDisks property.",
        "Please retry later.",
        "Allocation failed.",
        "Operation 'Create Restore Point' is not allowed",
        "Creation of Restore Point of a Virtual Machine with Shared disks is supported.",
        "It was checked whether Restore Point creation failed due to COM+ error",
    ],
)
def test_a_part_of_a_text_that_fits_many_errors_stays_in_the_catch_all(text: str) -> None:
    found, _ = led(error(text, "UserErrorCrpReportedUserError"))
    assert found == "UserErrorCrpReportedUserError"
    assert led(error(text))[0] is None


def test_every_row_says_where_it_leads_or_why_not() -> None:
    for row in NEWEST:
        assert bool(row.playbook) != bool(row.outside), row.id
        assert row.codes or row.texts, row.id
