"""Errors have the recorded numbers, texts and headers."""

from typing import Any

import pytest

from .client import NEW, OLD
from .conftest import Play, Start

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])
WEB = "vaults: [{name: vault-main}]\nvms:\n  - name: web\n    protection: {vault: vault-main}\n"


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("VMCreationTimeOutStorageErrorV2", 400199),
        ("DiffCopyFailedToTransferData", 400052),
        ("UserErrorBackupOperationInProgress", 400249),
        ("UserErrorGuestAgentStatusUnavailable", 400196),
        ("UserErrorKeyVaultPermissionsNotConfigured", 400198),
        ("UserErrorKeyvaultPermissionsNotConfigured", 400198),
        ("ResourceNotFound", 320001),
        ("AzureVmOffline", 380008),
    ],
)
def test_numbers_are_the_recorded_ones(play: Play, code: str, number: int) -> None:
    client = play(WEB + f"    history: [{{at: 3h ago, code: {code}}}]")
    [error] = client.row()["errorDetails"]
    assert (error["errorCode"], error["errorTitle"]) == (number, code)


def test_a_number_of_the_simulators_own_is_none_of_azures(play: Play) -> None:
    client = play(WEB + "    history: [{at: 3h ago, code: UserErrorRpCollectionLimitReached}]")
    assert client.row()["errorDetails"][0]["errorCode"] > 990000


@VERSIONS
def test_a_cancelled_backup_has_no_errors(play: Play, version: str) -> None:
    client = play(WEB + "    history: [{at: 3h ago, status: Cancelled}]")
    for job in (client.row(version=version), client.job(version=version)):
        assert job["status"] == "Cancelled"
        assert "errorDetails" not in job


def test_a_scenario_cannot_tell_a_cancelled_backup_with_an_error(play: Play) -> None:
    with pytest.raises(Exception, match="a cancelled backup carries no error"):
        play(WEB + "    history: [{at: 3h ago, status: Cancelled, code: X}]")


NULLS = ["target", "details", "innerError"]


@VERSIONS
def test_a_backup_with_warnings_has_an_error_and_a_failed_transfer(
    play: Play, version: str
) -> None:
    told = "{at: 3h ago, status: CompletedWithWarnings, code: DiffCopyFailedToTransferData}"
    client = play(WEB + f"    history: [{told}]")
    job = client.job(version=version)
    assert job["errorDetails"][0]["errorCode"] == 400052
    statuses = [task["status"] for task in job["extendedInfo"]["tasksList"]]
    assert statuses == ["Completed", "Failed"]
    assert job["extendedInfo"]["propertyBag"]["Backup Size"] == "0 MB"
    item = client.get(client.item(), version).body["properties"]
    assert item["protectionStatus"] == "Healthy"
    assert item["lastBackupStatus"] == "CompletedWithWarnings"


def _is_a_failed_configuration(job: dict[str, Any]) -> None:
    assert (job["operation"], job["status"]) == ("ConfigureBackup", "Failed")
    assert job["containerName"] == "iaasvmcontainerv2;rg-app;web"
    assert "actionsInfo" not in job
    [error] = job["errorDetails"]
    assert (error["errorCode"], error["errorTitle"]) == (
        400160,
        "UserErrorVmProvisioningStateFailed",
    )


@VERSIONS
def test_a_failed_configuration_that_is_told(play: Play, version: str) -> None:
    client = play(
        """
vaults: [{name: vault-main, policies: [{name: nightly}]}]
vms:
  - name: web
    history:
      - at: 3h ago
        vault: vault-main
        operation: ConfigureBackup
        code: UserErrorVmProvisioningStateFailed
"""
    )
    assert client.cloud.state()["items"] == []
    _is_a_failed_configuration(client.row(version=version))
    job = client.job(version=version)
    _is_a_failed_configuration(job)
    assert job["extendedInfo"] == {
        "tasksList": [],
        "propertyBag": {"VM Name": "web", "Policy Name": "nightly"},
    }


def test_a_vm_whose_provisioning_failed_cannot_be_protected(play: Play) -> None:
    client = play(
        "vaults: [{name: vault-main}]\n"
        "vms: [{name: web, provisioning: {state: failed, cured_by: reapply}}]"
    )
    client.protect(policyId=client.policy)
    _is_a_failed_configuration(client.job())
    assert client.cloud.state()["items"] == []
    client.done(client.call("POST", f"{client.vm()}/reapply"))
    client.protect(policyId=client.policy)
    assert client.job()["status"] == "Completed"
    assert [item["vm"] for item in client.cloud.state()["items"]] == ["web"]


def test_a_delete_tells_how_many_points_it_deletes(play: Play) -> None:
    client = play(WEB + "    collection: {points: {count: 3}}")
    client.delete(client.item(), NEW)
    assert client.job()["extendedInfo"]["propertyBag"] == {
        "VM Name": "web",
        "Number of Recovery Points": "3",
    }


@pytest.mark.parametrize(
    ("word", "status", "code", "cause", "keys"),
    [
        ("gateway-timeout", 504, "GatewayTimeout", "service", []),
        ("rest-api-error", 500, "RestApiInternalError", "service", NULLS),
        ("no-gateway-host", 502, "InvalidGatewayHost", "gateway", []),
        ("day-limit", 400, "CloudDosAbsoluteLimitReached", None, NULLS),
    ],
)
def test_bad_moments(
    start: Start, word: str, status: int, code: str, cause: str | None, keys: list[str]
) -> None:
    client = start("healthy")
    client.cloud.fault("error", path="/backupJobs$", like=word)
    answer = client.get(f"{client.vault()}/backupJobs", NEW)
    assert answer.status == status
    assert answer.headers.get("x-ms-failure-cause") == cause
    error = answer.body["error"]
    assert set(answer.body) == {"error"}
    assert list(error) == ["code", "message", *keys]
    assert error["code"] == code
    assert all(error[key] is None for key in keys)
    charset = "" if keys else "; charset=utf-8"
    assert answer.headers["content-type"] == f"application/json{charset}"
    assert client.get(f"{client.vault()}/backupJobs", NEW).status == 200


def test_a_word_goes_with_an_error_only(start: Start) -> None:
    client = start("healthy")
    with pytest.raises(Exception, match="400"):
        client.cloud.fault("slow", like="gateway-timeout")


@pytest.mark.parametrize(("method", "kind"), [("GET", "read"), ("DELETE", "write")])
def test_throttled_by_arm(start: Start, method: str, kind: str) -> None:
    client = start("healthy", time="real")
    client.cloud.fault("throttle-arm", retry_after=306)
    answer = client.call(method, client.collection())
    assert (answer.status, answer.headers["retry-after"]) == (429, "306")
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    assert set(answer.body["error"]) == {"code", "message"}
    assert answer.code == "SubscriptionRequestsThrottled"
    said = answer.body["error"]["message"]
    assert said.startswith(f"Number of {kind} requests for subscription '{client.subscription}' ")
    assert said.endswith("'01:00:00'. Please try again after '306' seconds.")


def test_a_lock_refuses_in_the_recorded_text(start: Start) -> None:
    client = start("limit-reached")
    path = client.collection()
    answer = client.delete(path)
    scope = client.group("AzureBackupRG_westeurope_1")
    assert answer.status == 409
    assert answer.headers["x-ms-failure-cause"] == "gateway"
    assert answer.body["error"] == {
        "code": "ScopeLocked",
        "message": f"The scope '{path}' cannot perform delete operation because following scope(s) "
        f"are locked: '{scope}'. Please remove the lock and try again.",
    }
    assert not [name for name in answer.headers if name.startswith("x-ms-ratelimit")]
