"""The state of the cloud decides how a backup ends."""

from pathlib import Path
from typing import Any

import pytest

from .client import BACKUP, LOCKS, Client, codes
from .conftest import Start

KEEP = "/providers/Microsoft.Authorization/locks/keep"


def tasks(client: Client, job: str) -> list[str]:
    body = client.get(f"{client.vault()}/backupJobs/{job}", BACKUP).body["properties"]
    return [task["status"] for task in body["extendedInfo"]["tasksList"]]


def test_a_backup_runs_through_its_tasks(start: Start) -> None:
    client = start("healthy")
    accepted = client.trigger()
    assert accepted.status == 202
    assert accepted.body is None
    assert accepted.headers["retry-after"] == "0"
    assert ";iaasvmcontainerv2;" in accepted.headers["azure-asyncoperation"]
    operation = accepted.headers["azure-asyncoperation"]
    waiting = client.get(operation).body
    assert waiting["status"] == "InProgress"
    assert waiting["endTime"] == "0001-01-01T00:00:00"
    assert client.get(accepted.headers["location"]).status == 202
    client.cloud.advance(10)
    done = client.get(operation).body
    assert done["status"] == "Succeeded"
    assert client.get(accepted.headers["location"]).status == 204
    same = f"{client.vault()}/backupOperations/{done['id']}"
    assert client.get(same, BACKUP).body == done
    job = done["properties"]["jobId"]
    path = f"{client.vault()}/backupJobs/{job}"
    assert tasks(client, job) == ["InProgress", "NotStarted"]
    assert "endTime" not in client.get(path, BACKUP).body["properties"]
    client.cloud.advance(110)
    assert tasks(client, job) == ["Completed", "NotStarted"]
    before = client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"][0]
    assert before["properties"]["recoveryPointTierDetails"] == [
        {"type": "InstantRP", "status": "Valid"}
    ]
    client.cloud.advance(15)
    assert tasks(client, job) == ["Completed", "InProgress"]
    client.cloud.advance(465)
    ended = client.get(path, BACKUP).body["properties"]
    assert ended["status"] == "Completed"
    assert "errorDetails" not in ended
    item = client.get(client.item(), BACKUP).body["properties"]
    assert item["lastBackupStatus"] == "Completed"
    assert item["healthStatus"] == "Passed"
    after = client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"][0]
    assert len(after["properties"]["recoveryPointTierDetails"]) == 2


def test_the_limit_is_reached_until_the_lock_is_gone(start: Start) -> None:
    client = start("limit-reached")
    assert codes(client.back_up()) == ["UserErrorRpCollectionLimitReached"]
    group = client.group("AzureBackupRG_westeurope_1")
    assert client.delete(group + KEEP, LOCKS).status == 200
    job = client.back_up()
    assert job["status"] == "Completed"
    points = client.get(client.collection(), _expand="restorePoints").body["properties"]
    assert 1 <= len(points["restorePoints"]) <= 3
    # The copies in the vault outlive the snapshots.
    kept = client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"]
    assert len(kept) == 19


def test_a_slow_clean_up_needs_a_backup_to_ask_for_it(start: Start) -> None:
    client = start("limit-reached-delayed-cleanup")
    group = client.group("AzureBackupRG_westeurope_1")
    client.delete(group + KEEP, LOCKS)
    client.cloud.advance(120)
    assert codes(client.back_up(seconds=600)) == ["UserErrorRpCollectionLimitReached"]
    assert codes(client.back_up(seconds=600)) == ["UserErrorRpCollectionLimitReached"]
    client.cloud.advance(2 * 3600)
    assert client.back_up()["status"] == "Completed"


def test_a_broken_clean_up_needs_points_to_be_deleted(start: Start) -> None:
    client = start("limit-reached-slow-cleanup")
    assert codes(client.back_up()) == ["UserErrorRpCollectionLimitReached"]
    points = client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"]
    tiers = [len(point["properties"]["recoveryPointTierDetails"]) for point in points]
    assert tiers == [1, 1] + [2] * 16
    collection = client.collection()
    stored = client.get(collection, _expand="restorePoints").body["properties"]["restorePoints"]
    oldest = min(stored, key=lambda point: point["properties"]["timeCreated"])
    assert client.delete(oldest["id"]).status == 202
    client.cloud.advance(60)
    assert client.delete(oldest["id"]).status == 204
    left = client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"]
    assert left[-1]["properties"]["recoveryPointTierDetails"] == [
        {"type": "HardenedRP", "status": "Valid"}
    ]
    assert client.back_up()["status"] == "Completed"


def test_deleting_a_snapshot_that_is_not_in_the_vault_loses_it(start: Start) -> None:
    client = start("limit-reached-slow-cleanup")
    stored = client.get(client.collection(), _expand="restorePoints").body["properties"]
    newest = max(stored["restorePoints"], key=lambda point: point["properties"]["timeCreated"])
    client.delete(newest["id"])
    client.cloud.advance(60)
    assert len(client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"]) == 17


def test_the_customised_group_counts_with_the_old_one(start: Start) -> None:
    client = start("limit-reached-custom-group")
    scope = client.group("snapshots-1-weu")
    assert client.delete(scope + KEEP, LOCKS).status == 200
    assert client.back_up()["status"] == "Completed"
    names = [each["id"] for each in client.cloud.state()["collections"]]
    assert len(names) == 3  # no new collection: the point went where the policy says


def test_a_lock_that_reappears_holds_again(start: Start) -> None:
    client = start("limit-reached")
    path = client.group("AzureBackupRG_westeurope_1") + KEEP
    client.delete(path, LOCKS)
    client.call("PUT", path, LOCKS, body={"properties": {"level": "CanNotDelete"}})
    assert codes(client.back_up()) == ["UserErrorRpCollectionLimitReached"]


@pytest.mark.parametrize(
    ("scenario", "verb", "wait"),
    [("agent-unavailable", "restart", 120), ("provisioning-failed", "reapply", 60)],
)
def test_a_verb_cures_what_it_can(start: Start, scenario: str, verb: str, wait: float) -> None:
    client = start(scenario)
    assert codes(client.back_up())
    assert client.call("POST", f"{client.vm()}/{verb}").status == 202
    client.cloud.advance(wait)
    assert client.back_up()["status"] == "Completed"


def test_a_reapply_does_not_cure_an_agent_that_needs_a_restart(start: Start) -> None:
    client = start("agent-unavailable")
    client.call("POST", f"{client.vm()}/reapply")
    client.cloud.advance(600)
    assert codes(client.back_up()) == ["UserErrorGuestAgentStatusUnavailable"]
    view = client.get(f"{client.vm()}/instanceView").body
    assert view["statuses"][1]["code"] == "PowerState/running"


def test_a_machine_that_is_off_is_backed_up_without_an_agent(start: Start) -> None:
    client = start("agent-unavailable")
    assert client.back_up("web2")["status"] == "Completed"
    point = client.get(f"{client.item('web2')}/recoveryPoints", BACKUP).body["value"][0]
    assert point["properties"]["recoveryPointType"] == "CrashConsistent"


def test_a_reapply_trips_over_a_failed_extension(start: Start) -> None:
    client = start("provisioning-failed")
    accepted = client.call("POST", f"{client.vm('web2')}/reapply")
    client.cloud.advance(60)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert status["status"] == "Failed"
    assert status["error"]["code"] == "VMExtensionProvisioningError"
    assert client.delete(f"{client.vm('web2')}/extensions/CustomScript").status == 202
    client.cloud.advance(120)
    assert client.back_up("web2")["status"] == "Completed"


@pytest.mark.parametrize(
    ("scenario", "name"),
    [("extension-stuck", "VMSnapshot"), ("extension-stuck-linux", "VMSnapshotLinux")],
)
def test_a_stuck_extension_is_deleted_and_comes_back(
    start: Start, scenario: str, name: str
) -> None:
    client = start(scenario)
    assert codes(client.back_up()) == ["ExtensionStuckInDeletionState"]
    path = f"{client.vm()}/extensions/{name}"
    accepted = client.delete(path)
    assert accepted.status == 202
    assert "retry-after" not in accepted.headers
    client.cloud.advance(60)
    assert client.get(accepted.headers["azure-asyncoperation"]).body["status"] == "Succeeded"
    assert client.get(accepted.headers["location"]).status == 200
    assert client.delete(path).status == 204
    assert client.back_up()["status"] == "Completed"
    again = client.get(path).body["properties"]
    assert again["provisioningState"] == "Succeeded"


def test_a_second_backup_has_to_wait(start: Start) -> None:
    client = start("backup-in-progress")
    assert codes(client.back_up(seconds=60)) == ["UserErrorBackupOperationInProgress"]
    client.cloud.advance(20 * 60)
    assert client.back_up()["status"] == "Completed"


def test_a_job_of_an_old_vault_counts_and_can_be_cancelled(start: Start) -> None:
    client = start("backup-in-progress-old-vault")
    assert codes(client.back_up(seconds=60)) == ["UserErrorBackupOperationInProgress"]
    old = client.vault("vault-old", "rg-backup-old")
    running = client.get(f"{old}/backupJobs", BACKUP, _filter="status eq 'InProgress'")
    job = running.body["value"][0]["id"]
    accepted = client.call("POST", f"{job}/cancel", BACKUP)
    assert accepted.status == 202
    assert client.get(job, BACKUP).body["properties"]["status"] == "Cancelling"
    client.cloud.advance(30)
    assert client.get(accepted.headers["location"]).status == 204
    assert client.get(job, BACKUP).body["properties"]["status"] == "Cancelled"
    assert client.back_up()["status"] == "Completed"
    assert client.call("POST", f"{job}/cancel", BACKUP).status == 400


def test_a_transfer_cannot_be_cancelled(start: Start) -> None:
    client = start("backup-in-progress")
    running = client.get(f"{client.vault()}/backupJobs", BACKUP, _filter="status eq 'InProgress'")
    answer = client.call("POST", f"{running.body['value'][0]['id']}/cancel", BACKUP)
    assert answer.status == 400
    assert "not in a cancelable state" in answer.body["error"]["message"]


def test_a_transfer_that_timed_out(start: Start) -> None:
    client = start("transfer-timeout")
    job = client.get(client.cloud.failed_jobs("web")[0], BACKUP).body["properties"]
    assert codes(job) == ["CopyingVHDsFromBackUpVaultTakingLongTime"]
    assert [task["status"] for task in job["extendedInfo"]["tasksList"]] == ["Completed", "Failed"]
    assert client.back_up()["status"] == "Completed"


def test_nine_backups_a_day(start: Start) -> None:
    client = start("healthy")
    for _ in range(9):
        client.trigger()
    tenth = client.trigger()
    client.cloud.advance(10)
    status = client.get(tenth.headers["azure-asyncoperation"]).body
    assert status["status"] == "Failed"
    assert status["error"]["code"]


def test_protection_is_resumed_with_a_policy(start: Start) -> None:
    client = start("protection-stopped")
    assert codes(client.back_up()) == ["UserErrorBcmDatasourceNotPresent"]
    properties: dict[str, Any] = {
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "sourceResourceId": client.vm(),
        "policyId": f"{client.vault()}/backupPolicies/DefaultPolicy",
    }
    body = {"properties": properties}
    assert client.call("PUT", client.item(), BACKUP, body=body).status == 202
    client.cloud.advance(120)
    assert client.back_up()["status"] == "Completed"
    properties["policyId"] = ""
    client.call("PUT", client.item(), BACKUP, body=body)
    client.cloud.advance(120)
    state = client.get(client.item(), BACKUP).body["properties"]["protectionState"]
    assert state == "ProtectionStopped"


def test_a_machine_that_is_gone(start: Start) -> None:
    client = start("vm-gone")
    job = client.back_up()
    assert (job["errorDetails"][0]["errorCode"], codes(job)) == (320001, ["ResourceNotFound"])


def test_the_service_fails_once(start: Start) -> None:
    client = start("internal-error")
    failed = client.get(client.cloud.failed_jobs("web")[0], BACKUP).body["properties"]
    assert codes(failed) == ["BackUpOperationFailed"]
    assert client.back_up()["status"] == "Completed"


@pytest.mark.parametrize(
    ("now", "vaulted"),
    [("09:00", False), ("13:00", False), ("21:00", True)],
    ids=["first of the day", "in between", "last of the day"],
)
def test_of_an_hourly_policy_only_the_last_backup_of_a_day_goes_to_the_vault(
    start: Start, tmp_path: Path, now: str, vaulted: bool
) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f"""
clock: 2026-01-14T{now}:00Z
vaults:
  - name: vault-main
    policies:
      - {{name: DefaultPolicy, enhanced: true, hourly: {{every: 4, begins: "08:00", lasts: 16}}}}
vms:
  - {{name: web, protection: {{vault: vault-main}}, scheduled_backup: 1h ago}}
""",
        encoding="utf-8",
    )
    client = start(path)
    [job] = client.cloud.state()["jobs"]["web"]
    assert job["status"] == "Completed"
    detail = client.get(job["id"], BACKUP).body["properties"]["extendedInfo"]["tasksList"]
    assert ("Transfer data to vault" in [task["taskId"] for task in detail]) is vaulted
