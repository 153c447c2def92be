"""Jobs that are told: restores, registrations, and what other languages say."""

from .client import BACKUP
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
    assert "actionsInfo" not in job
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
    assert item["healthStatus"] == "Passed"  # a restore says nothing of the backups
