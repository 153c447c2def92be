"""Pseudonyms replace names wherever they stand, and nothing but names."""

from shlex import quote
from typing import Final

import pytest

from remediator.change.step import Manual
from remediator.facts import Lock
from remediator.recording.masking import Masker
from remediator.report.batch import Standing, Target
from remediator.report.estate import EstateTarget

SUB: Final = "12345678-9abc-def0-1234-56789abcdef0"
VM: Final = (
    f"/subscriptions/{SUB}/resourceGroups/rg-crown/providers/Microsoft.Compute/virtualMachines"
)
TOLD: Final = (
    "/subscriptions/subscription-1/resourceGroups/group-1/providers/Microsoft.Compute/"
    "virtualMachines"
)
VAULT: Final = (
    f"/subscriptions/{SUB}/resourceGroups/rg-vaults/providers/Microsoft.RecoveryServices/vaults/Vlt"
)
ITEM: Final = (
    f"{VAULT}/backupFabrics/Azure/protectionContainers/IaasVMContainer;iaasvmcontainerv2;rg-crown;web"
    "/protectedItems/VM;iaasvmcontainerv2;rg-crown;web/backup?api-version=2024-10-01"
)
TOLD_ITEM: Final = (
    "/subscriptions/subscription-1/resourceGroups/group-1/providers/Microsoft.RecoveryServices/"
    "vaults/vault-1/backupFabrics/Azure/protectionContainers/"
    "IaasVMContainer;iaasvmcontainerv2;group-2;vm-1/protectedItems/"
    "VM;iaasvmcontainerv2;group-2;vm-1/backup?api-version=2024-10-01"
)


def named(*vms: str) -> Masker:
    """A masker that knows VMs of these names, in this order."""
    masker = Masker()
    for vm in vms:
        masker.of(Target(job="", vm=vm, standing=Standing.HUMAN))
    return masker


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"{VM}/web",
            f"{TOLD}/vm-1",
        ),
        (
            f"(GET {VM}/web/instanceView?api-version=2024-11-01), not read",
            f"(GET {TOLD}/vm-1/instanceView?api-version=2024-11-01), not read",
        ),
        (
            ITEM,
            TOLD_ITEM,
        ),
        (f"/subscriptions/{SUB}: no access.", "/subscriptions/subscription-1: no access."),
        (
            f"/subscriptions/{SUB}/providers/Microsoft.Compute/locations/westeurope/usages",
            "/subscriptions/subscription-1/providers/Microsoft.Compute/locations/westeurope/usages",
        ),
        (
            f"{VM}/web/extensions/VMSnapshot",
            f"{TOLD}/vm-1/extensions/VMSnapshot",
        ),
        ("jane.doe@contoso.example wrote", "user-1 wrote"),
        ("from 10.1.2.3, not from 168.63.129.16", "from address-1, not from 168.63.129.16"),
        ("agent 2.7.41.1 at 12:30:45 on 2026-01-02", "agent 2.7.41.1 at 12:30:45 on 2026-01-02"),
        ("in fd00::1234:1 now", "in address-1 now"),
        ("/home/jane/state/runs", "/home/user-1/state/runs"),
        (f"id {SUB} was refused", "id id-1 was refused"),
        (
            "remediate scan --arm-endpoint https://arm.contoso.example:8443 --mask",
            "remediate scan --arm-endpoint https://endpoint-1:8443 --mask",
        ),
        (
            "remediate scan --arm-endpoint http://127.0.0.1:8080",
            "remediate scan --arm-endpoint http://127.0.0.1:8080",
        ),
        ("https://otter.blob.core.windows.net/x", "https://account-1.blob.core.windows.net/x"),
        ("UserErrorGuestAgentStatusUnavailable (Failed)",) * 2,
        ("remediate --job-id X --allow downtime --dry-run",) * 2,
        ("",) * 2,
    ],
)
def test_ids_and_addresses_become_pseudonyms_and_the_rest_stays(text: str, told: str) -> None:
    assert Masker().text(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "web is off; web's agent, (web) and 'web'.",
            "vm-1 is off; vm-1's agent, (vm-1) and 'vm-1'.",
        ),
        ("WEB and Web", "vm-1 and vm-1"),
        ("web-1 and web-2 and webs", "vm-2 and web-2 and webs"),
        ("cobweb websites web_x", "cobweb websites web_x"),
        ("az vm start --name web --ids x", "az vm start --name vm-1 --ids x"),
        ("open web.contoso.example", "open vm-1.contoso.example"),
        ("AzureBackup_web_1234567890", "AzureBackup_vm-1_1234567890"),
        ("the backup of a vm failed", "the backup of a vm failed"),
        ("az vm start --name vm", "az vm start --name vm-3"),
        ("az backup job list -n backup -g vm", "az backup job list -n vm-4 -g vm-3"),
        ("no VM 'backup' is known", "no VM 'vm-4' is known"),
        ("18 of 18 points", "18 of 18 points"),
        ("needs --allow downtime", "needs --allow downtime"),
    ],
)
def test_whole_names_are_found_in_sentences_and_words_stay(text: str, told: str) -> None:
    assert named("web", "web-1", "vm", "backup", "18", "downtime").text(text) == told


def test_an_ordinary_name_is_masked_where_it_is_a_name() -> None:
    told = Masker().of(
        Target(job=f"{VM}/backup", vm="backup", standing=Standing.HUMAN, text="the backup failed")
    )
    assert told.vm == "vm-1"
    assert told.job.endswith("/virtualMachines/vm-1")
    assert told.text == "the backup failed"


def test_a_sentence_before_the_field_with_the_name_is_masked_too() -> None:
    step = Manual(action="x", target=f"{VM}/otter", why=("otter is full",), commands=("ssh otter",))
    told = Masker().of(step)
    assert told.why == ("vm-1 is full",)
    assert told.commands == ("ssh vm-1",)
    assert told.action == "x"


@pytest.mark.parametrize(
    "name", ["keep $(id); `x` 'q' \"d\" [red]", "jane's lock", "a b", "Ω-løck", "x" * 90, "  sp  "]
)
def test_names_that_are_not_words_are_found_as_they_are_and_quoted(name: str) -> None:
    lock = Lock(
        id=f"/subscriptions/{SUB}/resourceGroups/g/providers/Microsoft.Authorization/locks/{name}",
        name=name,
        scope=f"/subscriptions/{SUB}/resourceGroups/g",
        level="CanNotDelete",
        notes="call Jane Doe; room 5",
        owners=(),
    )
    masker = Masker()
    told = masker.of(lock)
    assert (told.name, told.notes, told.level) == ("lock-1", "notes-1", "CanNotDelete")
    assert told.id.endswith("/locks/lock-1")
    command = f"az lock create --name={quote(name)} --notes={quote('call Jane Doe; room 5')}"
    shown = masker.text(command)
    assert name.strip() not in shown
    assert "Jane" not in shown
    sentence = masker.text(f"lock {name} (CanNotDelete) was taken off")
    assert sentence.split() == ["lock", "lock-1", "(CanNotDelete)", "was", "taken", "off"]


@pytest.mark.parametrize("name", ["keep", "crown-lock", 'jane\'s "lock"; $(id)'])
def test_a_lock_that_only_a_sentence_names_is_found(name: str) -> None:
    scope = f"/subscriptions/{SUB}/resourceGroups/rg-crown"
    text = f"a lock is off that should be on: {name} (CanNotDelete) on {scope}; backed up"
    told = Masker().of(Target(job="", standing=Standing.LOCK_OFF, text=text)).text
    assert told == (
        "a lock is off that should be on: lock-1 (CanNotDelete) on "
        "/subscriptions/subscription-1/resourceGroups/group-1; backed up"
    )


def test_a_lock_that_only_a_line_names_is_found() -> None:
    scope = f"/subscriptions/{SUB}/resourceGroups/rg-crown"
    told = Masker().text(f"A LOCK IS OFF: lock Ω løck (ReadOnly) on {scope}: restore-locks x")
    assert told == (
        "A LOCK IS OFF: lock lock-1 (ReadOnly) on "
        "/subscriptions/subscription-1/resourceGroups/group-1: restore-locks x"
    )


def test_a_path_has_one_pseudonym_and_its_folders_are_no_names() -> None:
    masker = Masker()
    target = EstateTarget(
        subscription=SUB,
        group="rg-crown",
        vm="web",
        vm_id=None,
        vault=VAULT,
        job=None,
        failed_at=None,
        code=None,
        last_good=None,
        overdue_hours=None,
        standing=Standing.PENDING,
        text="the agent of web restarts",
        plan_file="/srv/agent/x/restarts/web.json",
    )
    told = masker.of(target)
    assert told.plan_file == "file-1"
    assert told.text == "the agent of vm-1 restarts"
    path = "/srv/jane's plans/web.json"
    assert masker.path(path) == "file-2"
    line = masker.text(f"apply {quote(path)}: {path} is old")
    assert line.replace("'", "") == "apply file-2: file-2 is old"
    assert masker.path("plan") == "file-3"
    assert masker.text("the plan is saved") == "the plan is saved"


def test_a_name_of_one_letter_is_not_taken_for_a_part_of_a_word() -> None:
    told = Masker().text("not a job's id; expected /subscriptions/S/resourceGroups/G")
    assert told == "not a job's id; expected /subscriptions/subscription-1/resourceGroups/group-1"


def test_no_pseudonym_is_the_real_name_of_another() -> None:
    masker = named("vm-1", "web")
    assert masker.text("vm-1 and web") == "vm-2 and vm-3"


def test_a_value_keeps_its_type_its_codes_and_its_states() -> None:
    target = Target(
        job=f"{VAULT}/backupJobs/{SUB}",
        vm="fixed",
        code="fixed",
        standing=Standing.FIXED,
        text="fixed",
        run_id="run-1",
    )
    told = Masker().of(target)
    assert isinstance(told, Target)
    assert Target.model_validate_json(told.model_dump_json()) == told
    assert (told.standing, told.code, told.run_id) == (Standing.FIXED, "fixed", "run-1")
    assert told.vm == "vm-1"
