"""Only answers decide about an assumption: it is confirmed, refuted, or not seen."""

import copy
import re
from typing import Any

import pytest

from remediator.assumptions import Judged, Verdict, all_assumptions, assess
from remediator.recording.pair import Pair
from remediator.recording.scrub import scrub
from tests import fidelity
from tests.beside import is_there, recorded

beside = pytest.mark.skipif(not is_there(), reason="the recordings are not beside the project")

JOB = "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V/backupJobs/J"


def job(**properties: Any) -> Pair:
    told = {
        "jobType": "AzureIaaSVMJob",
        "operation": "Backup",
        "status": "Failed",
        "startTime": "2025-01-06T02:51:56.256037Z",
        "actionsInfo": ["Cancellable"],
        "errorDetails": [
            {
                "errorCode": 400249,
                "errorTitle": "UserErrorBackupOperationInProgress",
                "errorString": "Another one is in progress.",
                "recommendations": ["Wait."],
            }
        ],
    }
    return Pair(
        method="GET",
        uri=f"https://management.azure.com{JOB}?api-version=2024-10-01",
        status=200,
        headers={"date": "Mon, 06 Jan 2025 02:52:10 GMT"},
        body={"id": JOB, "name": "J", "properties": told | properties},
    )


def verdict(name: str, *pairs: Pair) -> Judged:
    [found] = [each for each in assess(pairs) if each.name == name]
    return found


def test_without_answers_no_assumption_is_seen() -> None:
    assert {each.verdict for each in assess(())} == {Verdict.NOT_SEEN}


def test_each_says_a_sentence_and_why_it_matters() -> None:
    for each in all_assumptions():
        assert re.fullmatch(r"[a-z0-9-]+", each.name)
        assert each.says.endswith(".")
        assert each.matters.endswith(".")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("vm-job-does-not-say-who-began-it", {"isUserTriggered": True}),
        ("vm-job-type", {"jobType": "AzureIaaSVMJobV2"}),
        ("job-states", {"status": "Paused"}),
        ("cancel-is-offered-as-a-word", {"actionsInfo": [1]}),
        ("detail-tells-errors", {"errorDetails": None}),
        ("title-is-the-code", {"errorDetails": [{"errorCode": 400249, "errorTitle": "Try again"}]}),
        ("code-is-a-number", {"errorDetails": [{"errorCode": "400249"}]}),
        ("job-times-have-a-zone", {"startTime": "2025-01-06T02:51:56"}),
        (
            "one-number-one-code",
            {
                "errorDetails": [
                    {"errorCode": 7, "errorTitle": "UserErrorOne"},
                    {"errorCode": 7, "errorTitle": "UserErrorTwo"},
                ]
            },
        ),
    ],
)
def test_one_answer_against_it_refutes(name: str, other: dict[str, Any]) -> None:
    before = verdict(name, job())
    assert (before.verdict, before.breaks) == (Verdict.CONFIRMED, 0)
    after = verdict(name, job(), job(**other))
    assert after.verdict is Verdict.REFUTED
    assert after.breaks >= 1


def test_only_a_scheduled_backup_shows_that_it_has_no_expiry() -> None:
    name = "scheduled-backup-has-no-expiry"
    bag = {"VM Name": "web", "Recovery Point Expiry Time in UTC": "8/16/2026 8:03:31 AM"}
    on_demand = job(extendedInfo={"propertyBag": bag})
    assert verdict(name, on_demand).verdict is Verdict.NOT_SEEN
    scheduled = job(extendedInfo={"propertyBag": {"VM Name": "web"}})
    assert verdict(name, on_demand, scheduled).verdict is Verdict.CONFIRMED


@beside
def test_recorded_answers_settle_what_the_tool_rests_on() -> None:
    found = {each.name: each for each in assess(recorded())}
    assert found["vm-job-does-not-say-who-began-it"].verdict is Verdict.CONFIRMED
    assert found["vm-job-does-not-say-who-began-it"].holds > 100
    for name in (
        "row-tells-errors",
        "title-is-the-code",
        "row-has-activity-id",
        "on-demand-backup-has-an-expiry",
        "vm-of-another-subscription",
        "absent-backup-thing",
        "cancelled-job-has-no-error",
        "tiers-are-words",
        "tiers-are-numbers",
        "locked-scope",
    ):
        assert found[name].verdict is Verdict.CONFIRMED, name


@beside
def test_scrubbing_changes_no_verdict() -> None:
    def told(pairs: tuple[Pair, ...]) -> dict[str, tuple[str, int, int]]:
        return {each.name: (each.verdict, each.holds, each.breaks) for each in assess(pairs)}

    pairs = copy.deepcopy(recorded())
    assert told(scrub(pairs, "https://management.azure.com")) == told(pairs)


@beside
def test_the_page_is_that_of_the_recordings() -> None:
    assert fidelity.PAGE.read_text(encoding="utf-8") == fidelity.page(), "renew it: make fidelity"
