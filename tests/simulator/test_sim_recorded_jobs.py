"""Jobs have the recorded forms, at an old and at a new api-version."""

import uuid
from typing import Any

import pytest

from .client import NEW, OLD, Client
from .conftest import Play

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])
EXPIRY = "Recovery Point Expiry Time in UTC"
ID = "4200597c-93b4-436f-8f91-37c0046a9fa0"
WEB = "vaults: [{name: vault-main}]\nvms:\n  - name: web\n    protection: {vault: vault-main}\n"
ENHANCED = """
vaults: [{name: vault-main, policies: [{name: EnhancedPolicy, enhanced: true}]}]
vms: [{name: web, protection: {vault: vault-main, policy: EnhancedPolicy}}]
"""


def bag(job: dict[str, Any]) -> dict[str, str]:
    return dict(job["extendedInfo"]["propertyBag"])


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(job["extendedInfo"]["tasksList"])


@VERSIONS
@pytest.mark.parametrize("scenario", [WEB, ENHANCED])
def test_a_vm_job_never_says_who_triggered_it(play: Play, scenario: str, version: str) -> None:
    client = play(scenario)
    client.trigger()
    for job in (client.row(version=version), client.job(version=version)):
        assert job["jobType"] == "AzureIaaSVMJob"
        assert "isUserTriggered" not in job


def test_a_workload_job_says_it_since_2020(play: Play) -> None:
    client = play(
        WEB + "    history: [{at: 3h ago, type: AzureWorkloadJob, code: X, user_triggered: true}]"
    )
    for version in ("2020-10-01", OLD, NEW):
        assert client.row(version=version)["isUserTriggered"] is True
        assert client.job(version=version)["isUserTriggered"] is True
    assert "isUserTriggered" not in client.job(version="2019-06-15")


@VERSIONS
def test_a_row_carries_the_errors(play: Play, version: str) -> None:
    client = play(WEB + "    history: [{at: 3h ago, code: UserErrorVmProvisioningStateFailed}]")
    row = client.row(version=version)
    [error] = row["errorDetails"]
    assert set(error) == {"errorCode", "errorTitle", "errorString", "recommendations"}
    assert error["errorTitle"] == "UserErrorVmProvisioningStateFailed"
    assert row["errorDetails"] == client.job(version=version)["errorDetails"]
    assert "extendedInfo" not in row


@pytest.mark.parametrize(("version", "info"), [(OLD, [1]), (NEW, ["Cancellable"])])
def test_which_jobs_can_be_cancelled(play: Play, version: str, info: list[Any]) -> None:
    client = play(WEB + "    history: [{at: 3h ago, status: Completed}]")
    assert client.job(version=version)["actionsInfo"] == info
    client.protect(policyId=client.policy)
    configured = client.job(version=version)
    assert configured["operation"] == "ConfigureBackup"
    assert "actionsInfo" not in configured


@VERSIONS
def test_an_on_demand_backup_says_when_its_point_expires(play: Play, version: str) -> None:
    client = play(WEB)
    client.trigger(until="2027-02-18T03:56:48.1616015Z")
    assert bag(client.job(version=version)) == {
        "VM Name": "web",
        EXPIRY: "2/18/2027 3:56:48 AM",
    }
    assert "extendedInfo" not in client.row(version=version)


def test_of_the_past_only_what_was_on_demand_says_it(play: Play) -> None:
    client = play(
        WEB
        + """    history:
      - {at: 5h ago, code: BackUpOperationFailed}
      - {at: 4h ago, code: BackUpOperationFailed, user_triggered: true}
    scheduled_backup: 3h ago
    on_demand_backup: 2h ago
"""
    )
    rows = client.cloud.state()["jobs"]["web"]
    said = [EXPIRY in bag(client.get(row["id"], NEW).body["properties"]) for row in rows]
    assert said == [False, True, False, True]
    assert [row["user_triggered"] for row in rows] == said


@VERSIONS
def test_a_job_has_the_id_of_the_request_that_began_it(play: Play, version: str) -> None:
    client = play(WEB)
    client.trigger(version=version, request_id=ID)
    assert client.job(version=version)["activityId"] == ID
    assert client.row(version=version)["activityId"] == ID
    assert client.cloud.state()["jobs"]["web"][-1]["activity_id"] == ID


def test_a_change_of_protection_has_its_requests_id_too(play: Play) -> None:
    client = play(WEB)
    client.call("DELETE", client.item(), NEW, headers={"x-ms-client-request-id": ID})
    assert client.job()["operation"] == "DeleteBackupData"
    assert client.job()["activityId"] == ID


def test_a_job_that_no_request_began_has_an_id_of_its_own(play: Play) -> None:
    client = play(
        WEB
        + f"""    history:
      - {{at: 5h ago, status: Completed}}
      - {{at: 4h ago, status: Completed, activity_id: {ID}}}
    scheduled_backup: 3h ago
"""
    )
    client.trigger()
    found = [row["activity_id"] for row in client.cloud.state()["jobs"]["web"]]
    assert found[1] == ID
    assert len({str(uuid.UUID(each)) for each in found}) == 4


@VERSIONS
def test_a_backup_that_finds_another_one_ends_at_once(play: Play, version: str) -> None:
    client = play(WEB)
    client.trigger()
    client.cloud.advance(5)
    client.trigger()
    client.cloud.advance(5)
    job = client.job(version=version)
    assert (job["status"], job["duration"]) == ("Failed", "PT1.3S")
    assert job["errorDetails"][0]["errorTitle"] == "UserErrorBackupOperationInProgress"
    assert job["errorDetails"][0]["errorCode"] == 400249


def test_tasks_of_an_old_version_have_no_times(play: Play) -> None:
    client = play(WEB)
    client.trigger()
    client.cloud.advance(200)
    assert steps(client.job(version=OLD)) == [
        {"taskId": "Take Snapshot", "duration": "PT0S", "status": "Completed"},
        {"taskId": "Transfer data to vault", "duration": "PT0S", "status": "InProgress"},
    ]
    assert "progressPercentage" not in client.job(version=OLD)["extendedInfo"]


def test_tasks_of_a_new_version_have_times(play: Play) -> None:
    client = play("clock: 2026-07-17T08:00:00Z\n" + WEB)
    client.trigger()
    client.cloud.advance(60)
    snapshot, transfer = steps(client.job(version=NEW))
    assert snapshot == {
        "taskId": "Take Snapshot",
        "startTime": "2026-07-17T08:00:00Z",
        "endTime": "0001-01-01T00:00:00",
        "duration": "PT1M0S",
        "status": "InProgress",
        "taskType": "Normal",
    }
    assert transfer == {
        "taskId": "Transfer data to vault",
        "startTime": "0001-01-01T00:00:00",
        "endTime": "0001-01-01T00:00:00",
        "duration": "PT0S",
        "status": "NotStarted",
        "taskType": "Normal",
    }
    client.cloud.advance(3600)
    job = client.job(version=NEW)
    assert [step["status"] for step in steps(job)] == ["Completed", "Completed"]
    assert steps(job)[0]["endTime"] == "2026-07-17T08:02:00Z"
    assert steps(job)[1]["endTime"] == job["endTime"]
    assert job["extendedInfo"]["internalPropertyBag"] == {"IsInstantRpJob": "True"}


def test_an_enhanced_policys_backup_is_validated_and_tells_its_progress(play: Play) -> None:
    client = play(ENHANCED)
    client.trigger()
    assert "progressPercentage" not in client.job(version=NEW)["extendedInfo"]
    client.cloud.advance(200)
    told = client.job(version=NEW)
    assert [(step["taskId"], step["status"]) for step in steps(told)] == [
        ("Take Snapshot", "Completed"),
        ("Transfer data to vault", "InProgress"),
        ("Validate Backup", "NotStarted"),
    ]
    assert told["extendedInfo"]["progressPercentage"] == 1.0
    assert len(steps(client.job(version=OLD))) == 2
    client.cloud.advance(3600)
    assert [step["status"] for step in steps(client.job(version=NEW))] == ["Completed"] * 3


@VERSIONS
def test_a_job_that_is_being_cancelled(play: Play, version: str) -> None:
    client = play(WEB)
    client.trigger()
    path = client.cloud.state()["jobs"]["web"][-1]["id"]
    assert client.call("POST", f"{path}/cancel", version).status == 202
    job = client.job(version=version)
    assert job["status"] == "Cancelling"
    assert [step["status"] for step in steps(job)] == ["Cancelling", "Cancelling"]
    if version == NEW:
        assert steps(job)[1]["startTime"] == "0001-01-01T00:00:00"
    client.cloud.advance(60)
    ended = client.job(version=version)
    assert ended["status"] == "Cancelled"
    assert "errorDetails" not in ended
    assert "errorDetails" not in client.row(version=version)


@pytest.mark.parametrize("word", ["subscriptions", "Subscriptions", "SUBSCRIPTIONS"])
@VERSIONS
def test_ids_echo_the_casing_of_the_request(play: Play, version: str, word: str) -> None:
    client = play(
        WEB + "    collection: {points: {count: 1}}\n    history: [{at: 3h ago, code: X}]"
    )
    vault = client.vault().replace("subscriptions", word)
    item = client.item().replace("subscriptions", word)

    def first(client: Client, place: str) -> dict[str, Any]:
        body = client.get(f"{vault}/{place}", version).body
        return dict(body["value"][0])

    for place in ("backupJobs", "backupProtectedItems", "backupPolicies"):
        row = first(client, place)
        assert row["id"].startswith(f"{vault}/")
        assert client.get(row["id"], version).body["id"] == row["id"]
    assert first(client, "backupProtectedItems")["properties"]["policyId"].startswith(vault)
    point = client.get(f"{item}/recoveryPoints", version).body["value"][0]
    assert point["id"].startswith(f"{item}/")
