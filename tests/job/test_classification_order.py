"""Where the tool looks for a job's code, in which order, and what needs certainty."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediator.job.dictionary import Dictionary, Entry, Message
from remediator.job.failure import Confidence, classify
from remediator.job.job import ErrorDetail, Task
from remediator.job.wording import message
from remediator.plan.planning import check_remediable
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.job.messages import CATALOGUE, error, job

KNOWN = Dictionary(
    (
        Entry("Agent", "Agent"),
        Entry("Disk", "Disk", number=400123),
        Entry("LockedScope", "LockedScope"),
        Entry("CatchAll", "CatchAll", triage=True),
        Entry("AnotherCatchAll", "AnotherCatchAll", triage=True),
        Entry("NarrowCatchAll", "NarrowCatchAll", triage=True, narrows=("CatchAll",)),
        Entry("OurName", "OurName", ours=True),
        Entry("Pre-Locked", "Pre-Locked"),
        Entry("OperationNotAllowed", "Agent"),
        Entry("RestoreNotSupportedForRegion", "Region"),
    ),
    (
        Message(message("The agent of the VM is silent"), "Agent"),
        Message(message("VM 代理没有响应"), "Agent"),
        Message(message("The disk of the VM is full"), "Disk"),
        Message(message("The disk of the VM is full of snapshots"), "LockedScope"),
        Message(message("Something went wrong"), "CatchAll"),
        Message(message("Nobody gave this a code"), "OurName"),
    ),
)

AGENT = "The agent of the VM is silent."
DISK = "The disk of the VM is full."
BODY = json.dumps({"error": {"code": "CrpError", "innererror": {"code": "LockedScope"}}})
NESTED = json.dumps({"error": {"code": "CrpError", "message": BODY}})


@pytest.mark.parametrize(
    ("errors", "dynamic", "code", "confidence", "evidence"),
    [
        # Each place wins over all places after it.
        ([error(AGENT, "Disk", 1)], "LockedScope", "Disk", "certain", "[0].errorTitle = Disk"),
        ([error(AGENT, "odd", 400123)], "LockedScope", "Disk", "certain", "[0].errorCode = 400123"),
        ([error(AGENT, "odd", "disk")], None, "Disk", "certain", "[0].errorCode = disk"),
        ([error(f"{AGENT} {BODY}", "odd", 7)], None, "LockedScope", "inner", "[0].errorString"),
        ([error(AGENT, "odd", 7)], BODY, "LockedScope", "inner", "dynamicErrorMessage"),
        ([error(AGENT, "odd", 7)], NESTED, "LockedScope", "inner", "dynamicErrorMessage"),
        ([error(AGENT)], "It says LockedScope.", "LockedScope", "mentioned", "dynamicError"),
        ([error(AGENT, "odd")], None, "Agent", "text", "[0].errorString says the message"),
        ([error("", "VM 代理没有响应")], None, "Agent", "text", "[0].errorTitle says"),
        ([], AGENT, "Agent", "text", "dynamicErrorMessage says the message of Agent"),
        # A catch-all counts only if nothing else fits. Both are named if something else fits.
        ([error("?", "CatchAll")], None, "CatchAll", "certain", "errorTitle = CatchAll"),
        ([error(AGENT, "CatchAll")], None, "Agent", "text", "inside the catch-all error"),
        ([error("?", "CatchAll")], BODY, "LockedScope", "inner", "errorTitle = CatchAll"),
        ([error("?", "CatchAll"), error("?", "Disk")], None, "Disk", "certain", "[1].errorTitle"),
        ([error("?", "CatchAll", 400123)], None, "Disk", "certain", "errorTitle = CatchAll"),
        ([error("Something went wrong.")], "Disk is odd", "CatchAll", "text", "says"),
        ([error("AnotherCatchAll", "CatchAll")], None, "CatchAll", "certain", "errorTitle"),
        # Of two catch-alls the narrower one counts, wherever it stands.
        ([error("NarrowCatchAll", "CatchAll")], None, "NarrowCatchAll", "mentioned", "errorString"),
        ([error("NarrowCatchAll", "CatchAll")], "Something went wrong.", "NarrowCatchAll",
         "mentioned", "errorString"),
        ([error("Something went wrong.", "NarrowCatchAll")], None, "NarrowCatchAll", "certain",
         "errorTitle"),
        ([error("?", "CatchAll"), error("?", "NarrowCatchAll")], None, "NarrowCatchAll", "certain",
         "[1].errorTitle"),
        ([error("NarrowCatchAll", "AnotherCatchAll")], None, "AnotherCatchAll", "certain",
         "errorTitle"),
        ([error(f"NarrowCatchAll: {AGENT}", "CatchAll")], None, "Agent", "text", "inside the"),
        # A code that many errors share does not count, but its text does.
        ([error("?", "OperationNotAllowed")], None, "OperationNotAllowed", "none", "errorTitle"),
        ([error(AGENT, "OperationNotAllowed")], None, "Agent", "text", "errorString"),
        ([error("?")], "OperationNotAllowed: too many", None, "none", "names no code"),
        # Names that only this project uses count only through their message, never as a code.
        ([error("It says OurName.")], None, None, "none", "names no code"),
        ([error("Nobody gave this a code")], None, "OurName", "text", "errorString"),
        # Azure wrote it with three p until 2023.
        ([error("?", "RestoreNotSuppportedForRegion")], None, "RestoreNotSupportedForRegion",
         "certain", "NotSuppported"),
        ([error("See RestoreNotSuppportedForRegion.")], None, "RestoreNotSupportedForRegion",
         "mentioned", "errorString"),
        # A code is not a common word: in a sentence, the tool knows a code by a capital inside the
        # word.
        ([error("The disk, the agent, the catchall")], None, None, "none", "names no code"),
        ([error("lockedscope")], None, None, "none", "names no code"),
        # A hyphen is part of a code, and no other word may hang on it.
        ([error("It says Pre-Locked.")], None, "Pre-Locked", "mentioned", "errorString"),
        ([error("It says Pre-LockedScope.")], None, None, "none", "names no code"),
        ([error("It says my-LockedScope and LockedScope-1.")], None, None, "none", "names no code"),
        # In a sentence, a number counts only if the sentence calls it a code.
        ([error("Error code: 400123")], None, "Disk", "mentioned", "errorString"),
        ([error("ErrorCode       : 400123")], None, "Disk", "mentioned", "errorString"),
        ([error("Error 400123 (see the portal)")], None, "Disk", "mentioned", "errorString"),
        ([error("?")], '{"error": {"code": 400123}}', "Disk", "inner", "dynamicErrorMessage"),
        ([error("错误代码：400123")], None, "Disk", "mentioned", "errorString"),
        ([error("It has 400123 files.")], None, None, "none", "names no code"),
    ],
)  # fmt: skip
def test_the_first_place_that_leads_to_a_playbook_wins(
    errors: list[ErrorDetail], dynamic: str | None, code: str | None, confidence: str, evidence: str
) -> None:
    found = classify(job(*errors, dynamic=dynamic), KNOWN)
    assert (found.code, found.confidence) == (code, Confidence(confidence)), found.evidence
    assert found.known == (confidence != "none")
    assert evidence in found.evidence
    assert found.candidates == ()


@pytest.mark.parametrize(
    ("errors", "dynamic", "codes"),
    [
        ([error("", "Agent"), error("", "Disk")], None, ["Agent", "Disk"]),
        ([error(f"{AGENT} {DISK}")], None, ["Agent", "Disk"]),
        ([error(AGENT)], DISK, ["Agent", "Disk"]),
        ([error("LockedScope, or RestoreNotSupportedForRegion?")], None,
         ["LockedScope", "RestoreNotSupportedForRegion"]),
        ([error(f"{AGENT} {DISK}", "CatchAll")], None, ["Agent", "Disk"]),
    ],
)  # fmt: skip
def test_two_playbooks_that_fit_are_both_named_and_none_is_taken(
    errors: list[ErrorDetail], dynamic: str | None, codes: list[str]
) -> None:
    found = classify(job(*errors, dynamic=dynamic), KNOWN)
    assert sorted(one.code for one in found.candidates) == sorted(codes)
    assert (found.code, found.known, found.confidence) == (None, False, Confidence.NONE)
    assert all(code in found.evidence for code in codes)
    assert all(one.evidence for one in found.candidates)
    decided = classify(job(*errors, dynamic=dynamic), KNOWN, codes[0].upper())
    assert (decided.code, decided.confidence) == (codes[0], Confidence.OPERATOR)


def test_the_longest_message_wins_over_one_inside_it() -> None:
    found = classify(job(error("The disk of the VM is full, of snapshots")), KNOWN)
    assert found.code == "LockedScope"


@pytest.mark.parametrize("vm", ["web", "fileserver", "WEB", "vm-web", "agent"])
def test_the_name_of_the_vm_is_no_part_of_the_sentence(vm: str) -> None:
    text = f"The disk of the VM {vm} is full."
    found = classify(job(error(text), vm=vm), KNOWN)
    # A VM's name that is also a word of the messages stays in the text. Without that word the text
    # could become another message.
    assert found.code == (None if vm == "agent" else "Disk")
    assert classify(job(error("LockedScope is off"), vm="lockedscope"), KNOWN).code is None


# --- the traps of the articles -------------------------------------------------------------------


def test_the_stages_of_a_job_say_nothing_where_a_code_does() -> None:
    """Trap 13: the stages of a copy that timed out are also those of a VM that no longer exists."""
    stages = (
        Task(name="Take Snapshot", status="Completed"),
        Task(name="Transfer data to vault", status="Failed"),
    )
    about = job(error("", "UserErrorGuestAgentStatusUnavailable"))
    told = about.model_copy(update={"tasks": stages})
    assert classify(told, CATALOGUE).code == "UserErrorGuestAgentStatusUnavailable"
    bare = job().model_copy(update={"tasks": stages})
    assert not classify(bare, CATALOGUE).known


def test_a_job_with_warnings_that_carries_an_error_is_one_to_remedy() -> None:
    """Trap 14: the recorded job lost its copy to the vault, and ended CompletedWithWarnings."""
    about = job(error("", "CopyingVHDsFromBackUpVaultTakingLongTime"))
    warned = about.model_copy(update={"status": "CompletedWithWarnings"})
    check_remediable(warned)
    assert classify(warned, CATALOGUE).known


@pytest.mark.parametrize("number", [400123, "400123", " 400123 "])
def test_a_number_is_one_in_either_form(number: int | str) -> None:
    """Trap 6: the specification says integer, but the service need not keep to it."""
    assert classify(job(error("?", code=number)), KNOWN).code == "Disk"


# --- what needs certainty -----------------------------------------------------------------------

PLAYBOOK = """\
codes: [{code}]
title: {code}
sources: [https://example.invalid]
causes: [none]
messages:
  {code}: {{en: {text}}}
ladder:
  - rung: only
    title: What the test wants held
    steps: [{{action: {action}}}]
manual: {{text: Look.}}
"""


def scenario(folder: Path, text: str, title: str = "Unheard") -> Path:
    failed = {"at": "3h ago", "code": title, "message": text}
    vm: dict[str, Any] = {
        "name": "web",
        "protection": {"vault": "vault-main"},
        "collection": {"points": {"count": 3, "every": "1d", "newest": "1d ago"}},
        "history": [failed],
    }
    path = folder / "scenario.yaml"
    vaults = [{"name": "vault-main", "group": "rg-backup"}]
    path.write_text(json.dumps({"vaults": vaults, "vms": [vm]}), encoding="utf-8")
    return path


def test_nothing_that_cannot_be_undone_rests_on_a_guess(tmp_path: Path) -> None:
    text = "The collection 'web' is beyond repair: see /subscriptions/s/resourceGroups/g"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a.yaml").write_text(
        PLAYBOOK.format(
            code="Beyond", text="The collection is beyond repair", action="delete-collection"
        ),
        encoding="utf-8",
    )
    with SimulatorProcess(scenario(tmp_path, text), time="stepped", step=30) as azure:
        env = environment(azure, tmp_path)
        asked = [
            *("--job-id", azure.failed_jobs("web")[-1], "--playbooks", str(mine), "--yes"),
            *("--allow", "destructive", "--allow-data-loss"),
        ]
        held = remediate(*asked, "--format", "json", env=env).check(3).json()
        assert held["failure"]["confidence"] == "text"
        assert held["failure"]["code"] == "Beyond"
        [step] = held["steps"]
        assert step["kind"] == "held"
        assert "needs --error-code Beyond" in step["why"][0]
        shown = remediate(*asked, "--dry-run", env=env)
        assert "--error-code Beyond" in shown.out.split("Needs your consent: ")[1]
        assert azure.writes() == []

        remediate(*asked, "--error-code", "Beyond", env=env)
        assert [w["method"] for w in azure.writes()][:1] == ["DELETE"]


def test_two_playbooks_that_fit_are_shown_with_the_way_to_decide(tmp_path: Path) -> None:
    text = "The front of the VM fell off. The back of the VM fell off."
    mine = tmp_path / "mine"
    mine.mkdir()
    for code, said in (("Front", "front of the VM fell off"), ("Back", "back of the VM fell off")):
        (mine / f"{code}.yaml").write_text(
            PLAYBOOK.format(code=code, text=f"The {said}", action="back-up-now"), encoding="utf-8"
        )
    with SimulatorProcess(scenario(tmp_path, text), time="stepped", step=30) as azure:
        env = environment(azure, tmp_path)
        asked = ["--job-id", azure.failed_jobs("web")[-1], "--playbooks", str(mine), "--yes"]
        done = remediate(*asked, "--format", "json", env=env).check(3).json()
        assert {one["code"] for one in done["failure"]["candidates"]} == {"Front", "Back"}
        assert done["playbook"] is None
        [step] = done["steps"]
        assert step["kind"] == "manual"
        assert {c.rsplit(" ", 1)[1] for c in step["commands"]} == {"Front", "Back"}
        assert azure.writes() == []
        remediate(*asked, "--error-code", "Front", env=env).check(0)
        assert len(azure.writes()) == 1
