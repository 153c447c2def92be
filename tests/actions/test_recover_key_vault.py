"""The recovery of a deleted key vault: which deleted vault counts, and that it is sent once."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediator.actions.recover_key_vault import RecoverKeyVault
from remediator.facts import Facts, Known, LostKeyVault
from remediator.inspect.jobs import parse_job
from remediator.inspect.lost_key_vaults import judged
from remediator.job.dictionary import Dictionary
from remediator.job.failure import classify
from remediator.job.job import VaultRef
from remediator.reading import Answer
from remediator.simulator.process import SimulatorProcess
from tests.evidence import fix, results, scenario, sent

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VAULT = "/subscriptions/S/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv1"
ROW = {
    "vaultId": VAULT.upper(),
    "location": "westeurope",
    "deletionDate": "2026-01-01T00:00:00Z",
    "scheduledPurgeDate": "2026-04-01T00:00:00Z",
}
SUBSCRIPTION = {"tenantId": "T"}


def lost(
    *rows: dict[str, Any],
    subscription: dict[str, Any] | None = SUBSCRIPTION,
    group: dict[str, Any] | None = ROW,
) -> str:
    """Why the vault cannot be recovered."""
    listed = [{"properties": row} for row in rows]
    told, home = Answer(body=subscription, at=NOW), Answer(body=group, at=NOW)
    return judged(VAULT, listed, NOW, told, home).problem


def test_a_vault_is_told_by_its_id_whatever_the_case() -> None:
    assert lost(ROW) == ""
    assert lost({**ROW, "vaultId": VAULT.replace("rg-keys", "rg-other")}, ROW) == ""


@pytest.mark.parametrize("none", [{}, {"vaultId": None}], ids=str)
def test_a_vault_without_its_id_is_no_match(none: dict[str, Any]) -> None:
    row = {key: value for key, value in ROW.items() if key != "vaultId"} | none
    assert lost(row) == "no deleted vault with its id can be found"


def test_several_matches_are_no_match() -> None:
    assert lost(ROW, {**ROW, "location": "northeurope"}) == (
        "2 deleted vaults with its id can be found"
    )


def test_a_vault_whose_purge_is_due_is_not_recovered() -> None:
    assert "purged" in lost({**ROW, "scheduledPurgeDate": "2026-01-02T00:00:00Z"})
    assert lost({**ROW, "scheduledPurgeDate": "2026-01-02T00:00:01Z"}) == ""


@pytest.mark.parametrize("field", ["deletionDate", "scheduledPurgeDate"])
@pytest.mark.parametrize("value", [None, "soon"])
def test_a_time_that_is_not_told_holds_nothing(field: str, value: str | None) -> None:
    assert lost({**ROW, field: value}) == ""


def test_what_a_recovery_has_to_send_must_be_known() -> None:
    assert "where it was" in lost({**ROW, "location": None})
    assert "tenant" in lost(ROW, subscription={})
    assert "tenant" in lost(ROW, subscription=None)
    assert "group" in lost(ROW, group=None)


JOB = parse_job(
    Answer(
        body={
            "id": "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices"
            "/vaults/V/backupJobs/job-0001",
            "name": "job-0001",
            "properties": {
                "operation": "Backup",
                "status": "Failed",
                "containerName": "iaasvmcontainerv2;rg-app;web",
            },
        },
        at=NOW,
    ),
    VaultRef(subscription="S", group="G", name="V"),
    "GET job",
)


@pytest.mark.parametrize(
    ("problem", "kinds"), [("", ["change", "change"]), ("it is gone", ["held", "held"])]
)
def test_one_of_two_key_vaults_is_not_recovered_alone(problem: str, kinds: list[str]) -> None:
    one = LostKeyVault(id=VAULT, name="kv1", location="westeurope", tenant="T")
    other = one.model_copy(update={"id": VAULT[:-1] + "2", "name": "kv2", "problem": problem})
    facts = replace(
        Facts.of(JOB, classify(JOB, Dictionary())),
        lost_key_vaults=Known((one, other), "GET", NOW),
        locks=Known((), "GET", NOW),
    )
    assert [step.kind for step in RecoverKeyVault().plan(facts)] == kinds


def encrypted(folder: Path) -> Path:
    keys = {
        "name": "kv1",
        "deleted": "2d ago",
        "access": [{"object_id": "backup", "keys": ["all"], "secrets": ["all"]}],
    }
    web = {"encryption": {"key_vault": "kv1"}, "scheduled_backup": "3h ago"}
    return scenario(folder, web, key_vaults=[keys])


def test_the_recovery_names_the_old_place_and_no_access_policy(tmp_path: Path) -> None:
    with SimulatorProcess(encrypted(tmp_path), time="stepped", step=30) as azure:
        fix(azure, tmp_path, "--allow", "security").check(0)
        [put] = sent(azure, "PUT", "/vaults/kv1")
        assert put["body"] == {
            "location": "westeurope",
            "properties": {
                "tenantId": azure.tenant_id,
                "sku": {"family": "A", "name": "standard"},
                "createMode": "recover",
            },
        }


def test_a_recovery_whose_answer_is_lost_is_not_sent_again(tmp_path: Path) -> None:
    """The pipeline would repeat a PUT. A second recovery would meet a vault that exists."""
    with SimulatorProcess(encrypted(tmp_path), time="stepped", step=30) as azure:
        azure.fault("cut-after", method="PUT", path="/vaults/kv1$")
        fix(azure, tmp_path, "--allow", "security").check(0)
        assert len(sent(azure, "PUT", "/vaults/kv1")) == 1
    assert results(tmp_path) == ["applied", "applied"]


def test_a_recovery_that_azure_fails_is_not_repeated(tmp_path: Path) -> None:
    with SimulatorProcess(encrypted(tmp_path), time="stepped", step=30) as azure:
        azure.fault("error", method="PUT", path="/vaults/kv1$", status=500)
        fix(azure, tmp_path, "--allow", "security").check(3)
        assert [w["method"] for w in azure.writes()] == ["PUT"]
