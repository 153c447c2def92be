"""A text that went through a portal, a web page or a shell is known as the one that Azure sent."""

import json

import pytest

from remediator.job.failure import Confidence, classify
from remediator.playbook.explain import By, explain
from tests.job.messages import CATALOGUE, TEXTS, error, job

DESIRABLE = "UserErrorVmNotInDesirableState"
SILENT = "UserErrorGuestAgentStatusUnavailable"
GONE = "BCMV2VMNotFound"
FULL = "UserErrorRpCollectionLimitReached"
BODY = json.dumps({"error": {"code": SILENT, "message": "no answer"}})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # Entities of a web page, also escaped twice, and the escapes of JSON.
        ("VM isn&#39;t in a state that allows backups", DESIRABLE),
        ("VM isn&#x27;t in a state that allows backups", DESIRABLE),
        ("VM isn&rsquo;t in a state that allows backups", DESIRABLE),
        ("VM isn&amp;#39;t in a state that allows backups", DESIRABLE),
        ("VM&nbsp;is not in a state that&nbsp;allows backups.", DESIRABLE),
        (r"VM isn\u0027t in a state that allows backups", DESIRABLE),
        # Invisible characters, as such and as entities.
        ("VM is not in a state that al\u200blows back\u00adups\ufeff", DESIRABLE),
        ("VM is not in a state that al&#8203;lows back&shy;ups", DESIRABLE),
        # Every kind of apostrophe, and what a wrong encoding leaves of it.
        ("The virtual machine doesn‘t exist", GONE),
        ("The virtual machine doesnʼt exist", GONE),
        ("The virtual machine doesn`t exist", GONE),
        ("The virtual machine doesn´t exist", GONE),
        ("The virtual machine doesn\ufffdt exist", GONE),
        ("The virtual machine doesnâ€™t exist", GONE),
        ("The virtual machine doesnt exist", GONE),
        ("“The virtual machine doesn’t exist”", GONE),
        # The portal points to another part of its page.
        ("The Restore Point collection max limit has reached See details on the right", FULL),
        ("The Restore Point collection max limit has reached. See details on the right.", FULL),
        ("See the details on the right pane The virtual machine doesn't exist", GONE),
        ("The virtual machine doesn't exist Learn more", GONE),
        # How the service misspells.
        (
            "Extension failed to due to run time environment failure",
            "GuestAgentPluginInstallCommandProcessingFailed",
        ),
        (
            "VMSnapshot extention operation failed",
            "ExtensionOperationFailedForManagedDisks",
        ),
        ("VM creation failed as VM size selected is not avaialable", "UserErrorSkuNotAvailable"),
    ],
)
def test_a_text_is_known_in_the_form_in_which_it_was_pasted(text: str, code: str) -> None:
    found = classify(job(error(text)), CATALOGUE)
    assert (found.code, found.confidence) == (code, Confidence.TEXT)
    assert [one.code for one in explain(text, CATALOGUE).found] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "VM isn&#39;t in a state",
        "It was checked whether VM isn&#39;t in a state that allows backups",
        "VM is&nbsp;in a state that allows backups",
        "See details on the right if the virtual machine doesn't exist",
        "The virtual machine doesn't exist on the right",
        "The virtual machine doesn't exist see details of the other vault",
        "The virtual machine doesn&period;t exist",
    ],
)
def test_what_was_near_a_message_is_near_it_in_every_form(text: str) -> None:
    found = classify(job(error(text)), CATALOGUE)
    assert (found.known, found.candidates) == (False, ())
    assert explain(text, CATALOGUE).found == ()


@pytest.mark.parametrize(
    "title",
    [f"{SILENT}\u200b", "UserError\u00adGuestAgent\u200bStatusUnavailable", f"\ufeff{SILENT}"],
)
def test_a_code_is_known_with_invisible_characters_in_it(title: str) -> None:
    found = classify(job(error("?", title)), CATALOGUE)
    assert (found.code, found.confidence) == (SILENT, Confidence.CERTAIN)
    found = classify(job(error(f"It ended with {title}, again")), CATALOGUE)
    assert (found.code, found.confidence) == (SILENT, Confidence.MENTIONED)
    assert [(one.code, one.by) for one in explain(title, CATALOGUE).found] == [(SILENT, By.CODE)]


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace('"', "&quot;"),
        BODY.replace("no answer", "the agent &quot;web&quot; gave no answer"),
    ],
)
def test_a_body_is_read_whether_its_quotes_or_its_texts_are_escaped(body: str) -> None:
    found = classify(job(error(f"It failed: {body}")), CATALOGUE)
    assert (found.code, found.confidence) == (SILENT, Confidence.INNER)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("User Error Guest Agent Status Unavailable", SILENT),
        ("user error guest agent status unavailable", SILENT),
        ("User_Error_Guest_Agent_Status_Unavailable.", SILENT),
        ("UserErrorGuestAgent\nStatusUnavailable", SILENT),
        ("User&nbsp;Error&nbsp;Guest&nbsp;Agent&nbsp;Status&nbsp;Unavailable", SILENT),
        ("Extension Snapshot Failed No Network", "ExtensionSnapshotFailedNoNetwork"),
    ],
)
def test_a_code_that_was_cut_into_words_is_explained(asked: str, code: str) -> None:
    assert [(one.code, one.by) for one in explain(asked, CATALOGUE).found] == [(code, By.CODE)]


@pytest.mark.parametrize(
    "asked",
    [
        "resource not found",
        "Resource not found",
        "Internal Error",
        "400 196",
        "Restore Cloud Internal Error",
        "User Error Guest Agent Status",
        "the User Error Guest Agent Status Unavailable was gone",
    ],
)
def test_a_heading_or_a_sentence_is_no_code_that_was_cut(asked: str) -> None:
    assert explain(asked, CATALOGUE).found == ()


@pytest.mark.parametrize(
    ("code", "playbook"),
    [
        ("SystemBackupOperationInProgress", "UserErrorBackupOperationInProgress"),
        ("CloudInternalError", "RegisterInternalError"),
        ("UserErrorKeyvaultPermissionNotConfigured", "UserErrorKeyvaultPermissionsNotConfigured"),
        ("ExtentionOperationFailed", "ExtensionOperationFailedForManagedDisks"),
        ("UserErrorSkuNotAvaialable", "UserErrorSkuNotAvailable"),
        # What the Linux extension calls its failures, in its log and its status.
        ("FailedRetryableSnapshotFailedNoNetwork", "ExtensionSnapshotFailedNoNetwork"),
        ("FailedSnapshotLimitReached", "ExtensionFailedSnapshotLimitReachedError"),
        ("FailedRetryableSnapshotRateExceeded", "ExtensionFailedSnapshotRateExceededError"),
        ("FailedRetryableFsFreezeFailed", "UserErrorFsFreezeFailed"),
        ("FailedRetryableFsFreezeTimeout", "UserErrorFsFreezeTimeout"),
        ("FailedRetryableUnableToOpenMount", "UserErrorUnableToOpenMount"),
        ("FailedHandlerGuestAgentCertificateNotFound", "GuestAgentCertificateNotFound"),
        ("FailedPrepostPreScriptTimeout", "ExtensionPreScriptTimeout"),
        ("FailedPrepostPostScriptTimeout", "ExtensionPreScriptTimeout"),
        ("FailedPrepostPluginhostPreTimeout", "ExtensionPreScriptTimeout"),
        ("FailedPrepostPostScriptFailed", "Pre-ScriptExecutionFailed"),
        ("FailedPrepostPreScriptNotFound", "Pre-ScriptExecutionFailed"),
        ("FailedPrepostPluginConfigParsing", "Pre-ScriptExecutionFailed"),
        ("FailedPrepostPreScriptPermissionError", "InsufficientPermissionforPre-Script"),
        ("FailedPrepostPluginConfigOwnershipError", "InsufficientPermissionforPre-Script"),
        ("FailedPrepostPluginhostConfigParsing", "IncorrectPluginhostFile"),
        ("FailedPrepostCheckSumMismatch", "IncorrectPluginhostFile"),
        # Codes with a hyphen, in the casings in which they are written.
        ("pre-scripttimeout", "ExtensionPreScriptTimeout"),
        ("Post-ScriptNotFound", "Pre-ScriptExecutionFailed"),
    ],
)
def test_another_name_of_a_failure_leads_to_its_playbook(code: str, playbook: str) -> None:
    found = classify(job(error("?", code)), CATALOGUE)
    assert found.confidence is Confidence.CERTAIN
    row = CATALOGUE.row(found.code or "")
    assert row is not None
    assert row.name == playbook
    assert [one.playbook.name for one in explain(code, CATALOGUE).found] == [playbook]


def test_a_code_with_a_hyphen_is_a_word_of_its_own() -> None:
    def meant(text: str) -> list[str]:
        return [one.code for one in explain(text, CATALOGUE).found]

    assert meant("The job ended with Post-ScriptNotFound (see the log)") == ["Post-ScriptNotFound"]
    assert meant("the VM Big-Pre-ScriptTimeout is well") == []
    assert meant("the VM Pre-ScriptTimeout-01 is well") == []


def test_a_text_of_two_playbooks_chooses_none() -> None:
    text = "Snapshot operation failed due to VSS Writers in bad state"
    both = ["ExtensionFailedVssServiceInBadState", "ExtensionFailedVssWriterInBadState"]
    found = classify(job(error(text)), CATALOGUE)
    assert (found.code, found.known) == (None, False)
    assert [candidate.code for candidate in found.candidates] == both
    assert [one.code for one in explain(text, CATALOGUE).found] == both
    for code in both:
        assert classify(job(error(text, code)), CATALOGUE).code == code


VAGUE = """\
Backup failed because of system file errors.This could be due to actions pending on this server
extension could not be installed
Command execution failed.
Azure Backup for SQL Server requires .NET Framework version 4.5.2 or higher to be on the VM.
VM is not backed up.
The operation is not valid for Managed disk VMs.
Your backup operation has failed because the virtual machine does not exist.
Generic SQL User Correctable Error.
"""
"""Titles of the portal that stand for more than one failure, or for another product."""


@pytest.mark.parametrize("text", VAGUE.splitlines())
def test_a_title_that_fits_many_failures_leads_nowhere(text: str) -> None:
    found = classify(job(error(text)), CATALOGUE)
    assert (found.known, found.candidates) == (False, ())
    assert explain(text, CATALOGUE).found == ()


@pytest.mark.parametrize("text", [text for text, _, where in TEXTS if where.startswith("portal")])
def test_a_title_of_the_portal_is_explained(text: str) -> None:
    codes = next(codes for said, codes, _ in TEXTS if said == text)
    assert explain(text, CATALOGUE).found[0].code in codes
