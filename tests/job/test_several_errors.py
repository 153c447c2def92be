"""The errors inside a `MultipleErrorsOccurred` decide its code, wherever they are."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.azure.errors import envelope
from remediator.inspect.jobs import parse_job
from remediator.job.failure import Confidence, Failure, classify
from remediator.job.job import VaultRef
from remediator.reading import Answer
from tests.job.messages import CATALOGUE

PROVISIONING = "UserErrorVmProvisioningStateFailed"
LIMIT = "UserErrorRpCollectionLimitReached"
TEXT = "The VM is in failed provisioning state"
OUTER = "Multiple error occurred: Conflict,Conflict. Please see details."


def wrapped(*inner: dict[str, Any]) -> dict[str, Any]:
    """An error of Azure Resource Manager that contains other errors."""
    return {"code": "MultipleErrorsOccurred", "message": OUTER, "details": list(inner)}


def arm(code: str, message: str = "?") -> dict[str, Any]:
    return {"code": code, "message": message}


def failure(*errors: dict[str, Any], dynamic: str = "") -> Failure:
    """Classify a job whose answer has these errorDetails."""
    job = parse_job(
        Answer(
            body={
                "id": "j",
                "name": "j",
                "properties": {
                    "backupManagementType": "AzureIaasVM",
                    "operation": "Backup",
                    "status": "Failed",
                    "entityFriendlyName": "web",
                    "errorDetails": list(errors),
                    "extendedInfo": {"dynamicErrorMessage": dynamic},
                },
            },
            at=datetime(2026, 1, 2, tzinfo=UTC),
        ),
        VaultRef(subscription="s", group="g", name="v"),
        "GET j",
    )
    return classify(job, CATALOGUE)


def detail(**more: Any) -> dict[str, Any]:
    return {"errorTitle": "MultipleErrorsOccurred", "errorString": OUTER} | more


def body(*inner: dict[str, Any]) -> str:
    return json.dumps({"error": wrapped(*inner)})


ONE = [
    pytest.param(detail(details=[arm(PROVISIONING)]), id="details of the entry"),
    pytest.param(detail(details=[arm("Conflict"), arm(PROVISIONING)]), id="one of them unknown"),
    pytest.param(detail(details=[wrapped(arm(PROVISIONING))]), id="a wrapper in a wrapper"),
    pytest.param(detail(details=[{"errorTitle": PROVISIONING}]), id="an inner title"),
    pytest.param(detail(details=[{"errorCode": 400160}]), id="an inner number"),
    pytest.param(detail(details=[{"code": 400160}]), id="an inner number under code"),
    pytest.param(wrapped(arm(PROVISIONING)), id="an entry in the form of Resource Manager"),
    pytest.param(detail(errorString=body(arm(PROVISIONING))), id="a body in the text"),
    pytest.param(detail(errorString=f"{OUTER} {body(arm(PROVISIONING))}"), id="a body after words"),
    pytest.param(
        detail(errorString=body(arm("BadRequest", body(arm(PROVISIONING))))), id="a body in a body"
    ),
    pytest.param(
        detail(details=[arm("BadRequest", json.dumps({"error": arm(PROVISIONING)}))]),
        id="a body in an inner message",
    ),
    pytest.param(
        detail(details=[arm("BackUpOperationFailed"), arm(PROVISIONING)]), id="besides a catch-all"
    ),
]


@pytest.mark.parametrize("entry", ONE)
def test_an_inner_error_is_the_failure(entry: dict[str, Any]) -> None:
    found = failure(entry)
    assert (found.code, found.confidence) == (PROVISIONING, Confidence.INNER), found.evidence
    assert "carries the error" in found.evidence
    assert OUTER in found.message or "MultipleErrorsOccurred" in found.message


def test_an_inner_error_is_found_in_the_dynamic_message_too() -> None:
    found = failure(detail(), dynamic=body(arm(PROVISIONING)))
    assert (found.code, found.confidence) == (PROVISIONING, Confidence.INNER)
    assert "dynamicErrorMessage" in found.evidence


@pytest.mark.parametrize(
    "entry",
    [
        detail(details=[arm("Conflict", TEXT)]),
        detail(errorString=body(arm("Conflict", TEXT))),
        detail(errorString=f"Multiple error occurred: 'Conflict':'{TEXT}'."),
    ],
)
def test_an_inner_message_is_known_by_its_words(entry: dict[str, Any]) -> None:
    found = failure(entry)
    assert (found.code, found.confidence) == (PROVISIONING, Confidence.TEXT), found.evidence


@pytest.mark.parametrize(
    "entry",
    [
        detail(details=[arm(PROVISIONING), arm(LIMIT)]),
        detail(details=[wrapped(arm(PROVISIONING)), arm(LIMIT)]),
        detail(details=[arm(PROVISIONING)], errorString=body(arm(LIMIT))),
        detail(errorString=body(arm(PROVISIONING), arm(LIMIT))),
    ],
)
def test_two_inner_errors_with_a_playbook_each_are_both_told(entry: dict[str, Any]) -> None:
    found = failure(entry)
    assert (found.code, found.known) == (None, False)
    assert {one.code for one in found.candidates} == {PROVISIONING, LIMIT}
    assert {one.how for one in found.candidates} == {Confidence.INNER}


def test_what_no_playbook_knows_is_called_by_the_inner_code() -> None:
    found = failure(detail(details=[arm("Unheard", "The sky fell.")]))
    assert (found.code, found.confidence) == ("Unheard", Confidence.NONE)
    assert "The sky fell." in found.message
    bare = failure(detail())
    assert (bare.code, bare.confidence) == ("MultipleErrorsOccurred", Confidence.NONE)


def test_a_code_that_many_errors_share_counts_inside_as_little_as_outside() -> None:
    assert not failure(detail(details=[arm("OperationNotAllowed")])).known


def test_details_without_an_end_are_left_alone() -> None:
    deep = arm(PROVISIONING)
    for _ in range(200):
        deep = wrapped(deep)
    assert not failure(detail(details=[deep])).known


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (wrapped(arm("ScopeLocked", "It is locked.")), "ScopeLocked", ["It is locked."]),
        (wrapped(wrapped(arm("ScopeLocked"))), "ScopeLocked", ["ScopeLocked"]),
        (wrapped(arm("A", "one"), arm("B", "two")), "MultipleErrorsOccurred", ["A: one", "B: two"]),
        (wrapped(), "MultipleErrorsOccurred", [OUTER]),
        (wrapped() | {"details": None}, "MultipleErrorsOccurred", [OUTER]),
        (wrapped() | {"details": ["x", {}, None]}, "MultipleErrorsOccurred", [OUTER]),
        (arm("Conflict", "x") | {"details": [arm("Inner")]}, "Conflict", ["x"]),
    ],
)
def test_an_answer_that_wraps_errors_is_told_by_them(
    error: dict[str, Any], code: str, says: list[str]
) -> None:
    assert envelope({"error": error}) == envelope(error)
    found, message = envelope(error)
    assert found == code
    assert all(text in message for text in says)
    assert {f.entry.code for f in CATALOGUE.mentioned_codes(message, frozenset())} == (
        {"ScopeLocked"} if code == "ScopeLocked" else set()
    )
