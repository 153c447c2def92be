"""The traps in Microsoft's articles and in real traffic, with the proofs that each is avoided.

`TRAPS` names each proof by the beginning of its name: a test as `file::function`, a case as
`playbook: name`.
"""

import ast
from typing import Final

import pytest

from remediator.conditions import CONDITIONS, State
from remediator.facts import AgentState, Known
from remediator.inspect import vm
from tests.cases import FILES
from tests.one_job import NOW, VM, facts
from tests.places import TESTS

TRAPS: Final[dict[int, tuple[str, ...]]] = {
    # The articles print another name for the collection. Its source identifies it.
    1: (
        "UserErrorRpCollectionLimitReached: only a collection whose source is this VM counts",
        "inspect/test_look_alikes.py::test_among_hundreds_of_names_that_look_alike_only_the_exact_vm_is_meant",
    ),
    # `web` is the beginning of `web1`.
    2: (
        "UserErrorRpCollectionLimitReached: the lock goes, Azure cleans up, the sibling's",
        "UserErrorRpCollectionMarkedForDeletion: asked for again it goes; other collections and",
        "test_ids.py::test_a_scope_covers_itself_and_what_is_below_and_no_name_that_only_begins",
    ),
    # The lock that counts is on Azure Backup's group, not on the group of the VM.
    3: (
        "UserErrorRpCollectionLimitReached: locks on the VM's own group are not in the way",
        "UserErrorResourceIsInLockedState: a ReadOnly lock on",
        "actions/test_remove_locks.py::test_a_lock_may_go_only_from_azure_backups_own_group_and_this_vms",
    ),
    # The commands of the zh-TW article are mangled.
    4: (
        "scripts/test_articles.py::test_no_command_of_the_mangled_article_is_used",
        "test_az_commands.py::test_a_command_has_the_flags_that_are_told",
    ),
    # The same message comes in several languages and spellings.
    5: (
        "job/test_classification.py::test_every_message_is_known_by_its_words",
        "job/test_classification_variants.py::test_a_thousand_variants_and_more_are_known",
        "job/test_classification_variants.py::test_what_is_only_near_a_message_is_not_known",
    ),
    # The code is an integer. Its name stands in the title.
    6: (
        "job/test_classification_order.py::test_a_number_is_one_in_either_form",
        "job/test_classification_order.py::test_the_first_place_that_leads_to_a_playbook_wins",
    ),
    # The articles contradict each other about copy-only backups.
    7: (
        "scripts/test_articles.py::test_whether_vss_copies_only_is_never_written_since_the_articles",
    ),
    # Some limits in the articles are out of date.
    8: (
        "UserErrorUnsupportedDiskSize: when no disk is over today's limit it is backed up",
        "UserErrorBCMUnsupportedDiskCount: within today's limit it is backed up",
    ),
    # More than 18 points can be right.
    9: (
        "UserErrorRpCollectionLimitReached: where more than 18 are there one place is made",
        "UserErrorRpCollectionLimitReached: the operator's limit counts before every other",
        "UserErrorRpCollectionLimitReached: a smaller number in the error's text",
    ),
    # The articles give a Linux path as advice for Windows.
    10: ("scripts/test_articles.py::test_application_control_is_told_the_path_of_windows",),
    # Classic resources no longer exist.
    11: (
        "UserErrorComputeVmWithClassicStorage: what is classic is named as such",
        "RestoreCloudInternalError: a restore into a classic cloud service is told",
    ),
    # The portal hides the extension, and lists sometimes do too.
    12: (
        "ExtensionStuckInDeletionState: an extension that only the agent still knows",
        "ExtensionStuckInDeletionState: another product's failed extension is named",
    ),
    # Several codes share the same stages of a job.
    13: (
        "job/test_classification_order.py::test_the_stages_of_a_job_say_nothing_where_a_code_does",
    ),
    # A job that lost its copy need not be `Failed`.
    14: (
        "job/test_classification_order.py::test_a_job_with_warnings_that_carries_an_error_is_one_to",
        "actions/test_vm_power.py::test_a_job_need_not_be_failed_to_be_remedied",
    ),
    # `actionsInfo` does not say whether a job can be cancelled now.
    15: (
        "actions/test_protection.py::test_actions_of_a_job_do_not_say_that_it_can_be_cancelled_now",
        "CancelFailedJobNotInProgress: a job that is past its snapshot is not cancelled",
    ),
    # The agent as Azure reports it: a dead one, and a ready one that complains.
    16: (
        "test_traps.py::test_an_agent_is_judged_by_its_code_and_its_message_is_shown",
        "UserErrorGuestAgentStatusUnavailable: the mildest repair comes first",
    ),
}


def test_every_trap_has_its_proof() -> None:
    assert list(TRAPS) == list(range(1, 17))


@pytest.mark.parametrize("proof", [each for proofs in TRAPS.values() for each in proofs])
def test_the_proof_is_there(proof: str) -> None:
    file, is_test, name = proof.partition("::")
    if is_test:
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert any(function.startswith(name) for function in functions)
        return
    playbook, _, beginning = proof.partition(": ")
    [cases] = [found.cases for found in FILES if found.playbook == playbook]
    assert any(case.name.startswith(beginning) for case in cases)


@pytest.mark.parametrize(
    ("code", "display", "version", "message", "state"),
    [
        # From a recording.
        (
            "ProvisioningState/Unavailable",
            "Not Ready",
            "Unknown",
            "VM status blob is found but not yet populated.",
            AgentState.NOT_READY,
        ),
        (
            "ProvisioningState/succeeded",
            "Ready",
            "2.7.41491.1075",
            "GuestAgent is running and waiting for network issue to be resolved.",
            AgentState.READY,
        ),
        ("ProvisioningState/succeeded", "Not Ready", "2.7", "", AgentState.NOT_READY),
        ("ProvisioningState/Unavailable", "Ready", "2.7", "", AgentState.NOT_READY),
    ],
)
def test_an_agent_is_judged_by_its_code_and_its_message_is_shown(
    code: str, display: str, version: str, message: str, state: AgentState
) -> None:
    told = {"code": code, "displayStatus": display, "level": "Warning", "message": message}
    agent = {"vmAgentVersion": version, "statuses": [told]}
    machine = vm.parse({"id": VM, "properties": {"instanceView": {"vmAgent": agent}}})
    assert machine.agent is state
    word = CONDITIONS["agent"].derive(facts(vm=Known(machine, "GET vm", NOW)))
    assert isinstance(word, State)
    assert message in word.because
