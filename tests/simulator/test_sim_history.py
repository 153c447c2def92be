"""Jobs from the scenario's history: restores, registrations, and texts in other languages."""

from .client import BACKUP, codes
from .conftest import Play


def test_a_restore_that_failed(play: Play) -> None:
    client = play(
        """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
    history:
      - at: 3h ago
        operation: Restore
        code: UserErrorBCMRestoreStorageAccountNotFound
        number: 4712
        message: 针对还原操作所指定的储存体帐户类型未上线
        recommendations: [Choose another one]
        tasks: {"Transfer data from vault": Failed}
        property_bag:
          Job Type: Recover disks
          Target Storage Account Name: stgone
"""
    )
    [failed] = client.cloud.failed_jobs("web")
    job = client.get(failed, BACKUP).body["properties"]
    assert (job["operation"], job["status"]) == ("Restore", "Failed")
    assert job["actionsInfo"] == ["Cancellable"]
    assert job["errorDetails"] == [
        {
            "errorCode": 4712,
            "errorTitle": "UserErrorBCMRestoreStorageAccountNotFound",
            "errorString": "针对还原操作所指定的储存体帐户类型未上线",
            "recommendations": ["Choose another one"],
        }
    ]
    extended = job["extendedInfo"]
    assert extended["propertyBag"] == {
        "VM Name": "web",
        "Job Type": "Recover disks",
        "Target Storage Account Name": "stgone",
    }
    assert [(task["taskId"], task["status"]) for task in extended["tasksList"]] == [
        ("Transfer data from vault", "Failed")
    ]
    item = client.get(client.item(), BACKUP).body["properties"]
    assert item["healthStatus"] == "Passed"  # a restore does not change the health of the backups


def test_a_job_that_says_in_words_only_what_failed(play: Play) -> None:
    client = play(
        """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
    ailments: [{message: 快照 VM 子任务超时, times: 1}]
    history: [{at: 3h ago, message: 快照 VM 子任务超时}]
"""
    )
    [failed] = client.cloud.failed_jobs("web")
    for job in (client.get(failed, BACKUP).body["properties"], client.back_up()):
        [error] = job["errorDetails"]
        assert error["errorString"] == "快照 VM 子任务超时"
        assert "errorTitle" not in error
    assert client.back_up()["status"] == "Completed"


def test_a_cancellation_that_fails_leaves_the_job(play: Play) -> None:
    client = play(
        "vaults: [{name: vault-main}]\nvms: [{name: web, protection: {vault: vault-main}}]"
    )
    client.trigger()
    [job] = client.cloud.state()["jobs"]["web"]
    client.cloud.fault("lro-fails", path="/cancel", message="Wait until the job finishes.")
    accepted = client.call("POST", f"{job['id']}/cancel", BACKUP)
    client.cloud.advance(30)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert (status["status"], status["error"]["message"]) == (
        "Failed",
        "Wait until the job finishes.",
    )
    client.cloud.advance(3600)
    assert client.get(job["id"], BACKUP).body["properties"]["status"] == "Completed"


def test_a_recovery_of_files_is_ended(play: Play) -> None:
    client = play(
        """
vaults: [{name: vault-main}]
vms:
  - name: web
    os: linux
    protection: {vault: vault-main}
    collection: {points: {count: 3, mounted_newest: 1}}
    ailments: [{code: UserErrorUnableToOpenMount, cured_by: revoke}]
"""
    )
    rows = client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"]
    active = [row["properties"]["isInstantIlrSessionActive"] for row in rows]
    assert active == [True, False, False]
    accepted = client.call("POST", f"{rows[0]['id']}/revokeInstantItemRecovery", BACKUP)
    assert accepted.status == 202
    client.cloud.advance(10)
    assert (
        client.get(rows[0]["id"], BACKUP).body["properties"]["isInstantIlrSessionActive"] is False
    )
    assert client.get(accepted.headers["location"]).status == 204
    assert client.back_up()["status"] == "Completed"


def test_without_its_end_the_next_backup_fails(play: Play) -> None:
    client = play(
        """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
    collection: {points: {count: 1, mounted_newest: 1}}
    ailments: [{code: UserErrorUnableToOpenMount, cured_by: revoke}]
"""
    )
    assert codes(client.back_up()) == ["UserErrorUnableToOpenMount"]
