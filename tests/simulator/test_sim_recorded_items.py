"""Items, points, policies, links and absences have the recorded forms, old and new."""

import re
from typing import Any

import pytest

from .client import NEW, OLD, Client
from .conftest import Play

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])
LATEST = "2025-02-01"
WEB = """
vaults:
  - name: vault-main
    policies: [{name: DefaultPolicy}, {name: nightly}, {name: EnhancedPolicy, enhanced: true}]
vms:
  - {name: web, protection: {vault: vault-main}}
  - {name: night, protection: {vault: vault-main, policy: nightly}}
  - {name: gen2, protection: {vault: vault-main, policy: EnhancedPolicy}}
"""
ALWAYS = {
    "friendlyName", "virtualMachineId", "protectionStatus", "protectionState", "healthStatus",
    "lastBackupStatus", "lastBackupTime", "protectedItemDataId", "protectedItemType",
    "backupManagementType", "workloadType", "containerName", "sourceResourceId", "policyId",
    "policyName", "isArchiveEnabled",
}  # fmt: skip
SINCE_2024 = {"vaultId", "softDeleteRetentionPeriod"}
POINT = {
    "objectType", "recoveryPointType", "recoveryPointTime", "recoveryPointAdditionalInfo",
    "sourceVMStorageType", "isSourceVMEncrypted", "isInstantIlrSessionActive",
    "recoveryPointTierDetails", "isManagedVirtualMachine", "virtualMachineSize",
    "originalStorageAccountOption", "osType", "recoveryPointMoveReadinessInfo",
}  # fmt: skip


def item(client: Client, vm: str = "web", version: str = NEW) -> dict[str, Any]:
    return dict(client.get(client.item(vm), version).body["properties"])


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (OLD, {"kpisHealths"}),
        ("2024-04-01", SINCE_2024 | {"sourceSideScanning"}),
        (LATEST, SINCE_2024 | {"policyType"}),
    ],
)
def test_an_item_that_was_never_backed_up(play: Play, version: str, more: set[str]) -> None:
    client = play(WEB)
    found = item(client, version=version)
    assert set(found) == ALWAYS | more
    assert found["isArchiveEnabled"] is False
    if version == OLD:
        assert found["kpisHealths"] == {}
    else:
        assert found["vaultId"] == client.cloud.url + client.vault()
        assert found["softDeleteRetentionPeriod"] == 0


@VERSIONS
def test_an_item_that_was_backed_up_is_well(play: Play, version: str) -> None:
    client = play(WEB)
    client.back_up()
    found = item(client, version=version)
    assert (found["protectionStatus"], found["healthStatus"]) == ("Healthy", "Passed")
    [detail] = found["healthDetails"]
    assert (detail["code"], detail["title"]) == (400239, "IaasVmHealthGreenDefault")
    if version == OLD:
        indicator = found["kpisHealths"]["BackupOperationStatusKPI"]
        assert indicator["resourceHealthStatus"] == "Healthy"
        assert indicator["resourceHealthDetails"][0]["title"] == "Success"
    else:
        assert "kpisHealths" not in found
        assert found["extendedProperties"] == {}


@VERSIONS
def test_an_item_whose_backup_failed_is_unhealthy(play: Play, version: str) -> None:
    client = play(
        "vaults: [{name: vault-main}]\n"
        "vms: [{name: web, agent: not-ready, protection: {vault: vault-main}}]"
    )
    client.back_up()
    found = item(client, version=version)
    assert found["protectionStatus"] == "Unhealthy"
    assert found["healthStatus"] == "ActionSuggested"
    assert found["lastBackupStatus"] == "Failed"
    assert found["healthDetails"][0]["title"] == "UserErrorGuestAgentStatusUnavailable"
    if version == OLD:
        [detail] = found["kpisHealths"]["BackupOperationStatusKPI"]["resourceHealthDetails"]
        assert detail == found["healthDetails"][0]


def test_the_types_of_policies(play: Play) -> None:
    client = play(WEB)
    told = {vm: item(client, vm, LATEST)["policyType"] for vm in ("web", "night", "gen2")}
    assert told == {"web": "", "night": "V1", "gen2": "V2"}
    policy = client.get(f"{client.vault()}/backupPolicies/EnhancedPolicy", LATEST).body
    assert policy["properties"]["policyType"] == "V2"
    assert set(policy["properties"]) == {
        "backupManagementType", "policyType", "instantRPDetails", "schedulePolicy",
        "retentionPolicy", "tieringPolicy", "instantRpRetentionRangeInDays", "timeZone",
        "protectedItemsCount",
    }  # fmt: skip
    plain = client.get(f"{client.vault()}/backupPolicies/DefaultPolicy", OLD).body["properties"]
    assert not {"policyType", "tieringPolicy"} & set(plain)


def test_a_suspended_item_keeps_its_policy(play: Play) -> None:
    client = play(WEB)
    client.protect(policyId="", protectionState="BackupsSuspended")
    found = item(client, version=LATEST)
    assert found["protectionState"] == "BackupsSuspended"
    assert found["policyId"] == client.policy
    client.protect(policyId="", protectionState="ProtectionStopped")
    assert "policyId" not in item(client, version=LATEST)


def test_recovery_points(play: Play) -> None:
    client = play(WEB)
    client.back_up()
    client.back_up("gen2")
    told = client.get(f"{client.item()}/recoveryPoints", NEW).body["value"][0]["properties"]
    assert told["recoveryPointTierDetails"] == [
        {"type": "InstantRP", "status": "Valid"},
        {"type": "HardenedRP", "status": "Valid"},
    ]
    newer = {"securityType", "isPrivateAccessEnabledOnAnyDisk", "createdWithPolicyType"}
    assert set(told) == POINT | newer | {"threatStatus"}
    assert told["createdWithPolicyType"] == "V1"
    other = client.get(f"{client.item('gen2')}/recoveryPoints", NEW).body["value"][0]
    assert other["properties"]["createdWithPolicyType"] == "V2"
    before = client.get(f"{client.item()}/recoveryPoints", OLD).body["value"][0]["properties"]
    assert set(before) == POINT
    assert before["recoveryPointTierDetails"] == [
        {"type": 1, "status": 1},
        {"type": 2, "status": 1},
    ]


SIGNED = re.compile(r"\?api-version=([\w-]+)&t=\d{18}&c=[\w-]+&s=[\w-]{342}&h=[\w-]{43}")


def test_links_of_a_new_version_are_signed(play: Play) -> None:
    client = play(WEB)
    accepted = client.trigger(version=NEW)
    for name, place in (("azure-asyncoperation", "Status"), ("location", "Results")):
        link = accepted.headers[name]
        path, mark, query = link.partition("?")
        found = SIGNED.fullmatch(mark + query)
        assert found is not None
        assert found[1] == NEW
        assert f"/operation{'s' * (place == 'Status')}{place}/" in path
        assert 2800 < len(link) < 3300
    client.cloud.advance(3600)
    assert client.get(accepted.headers["azure-asyncoperation"]).body["status"] == "Succeeded"
    assert client.get(accepted.headers["location"]).status == 204
    # No recording shows the answer to a link without its signature. The simulator accepts it.
    bare = accepted.headers["location"].partition("&t=")[0]
    assert client.get(bare).status == 204


def test_a_cancellations_status_has_a_version_of_its_own(play: Play) -> None:
    client = play(WEB)
    client.trigger()
    job = client.cloud.state()["jobs"]["web"][-1]["id"]
    accepted = client.call("POST", f"{job}/cancel", NEW)
    status, location = accepted.headers["azure-asyncoperation"], accepted.headers["location"]
    assert status.startswith(f"{client.cloud.url}{job}/operationsStatus/")
    assert location.startswith(f"{client.cloud.url}{job}/operationResults/")
    versions = [SIGNED.fullmatch("?" + link.partition("?")[2]) for link in (status, location)]
    assert [found and found[1] for found in versions] == ["2019-05-13-preview", NEW]
    assert accepted.headers["retry-after"] == "0"  # no real wait: simulated time stands still
    client.cloud.advance(60)
    assert client.get(status).body["status"] == "Succeeded"
    assert client.get(location).status == 204


def test_a_look_for_machines_has_both_links(play: Play) -> None:
    client = play(WEB)
    accepted = client.call("POST", f"{client.vault()}/backupFabrics/Azure/refreshContainers", OLD)
    status = accepted.headers["azure-asyncoperation"]
    fabric = f"{client.cloud.url}{client.vault()}/backupFabrics/Azure"
    assert status.startswith(f"{fabric}/operationsStatus/")
    assert status.endswith("?api-version=2019-05-13-preview")
    assert accepted.headers["location"].startswith(f"{fabric}/operationResults/")
    client.cloud.advance(60)
    assert client.get(status).body["status"] == "Succeeded"
    assert client.get(accepted.headers["location"]).status == 204


def test_links_of_an_old_version_are_not_signed(play: Play) -> None:
    client = play(WEB)
    accepted = client.trigger(version=OLD)
    job = client.cloud.state()["jobs"]["web"][-1]["id"]
    cancelled = client.call("POST", f"{job}/cancel", OLD)
    for answer in (accepted, cancelled):
        for name in ("azure-asyncoperation", "location"):
            assert answer.headers[name].endswith(f"?api-version={OLD}")
    assert "/backupOperations/" in cancelled.headers["azure-asyncoperation"]


@pytest.mark.parametrize(
    "place",
    ["{vault}/backupPolicies/gone", "{vault}/backupJobs/gone", "{vault}/backupOperations/gone",
     "{item}/recoveryPoints/1", "{item}/operationsStatus/gone", "{item}x"],
)  # fmt: skip
def test_an_absent_thing(play: Play, place: str) -> None:
    client = play(WEB)
    path = place.format(vault=client.vault(), item=client.item())
    bare = client.get(path, NEW)
    assert (bare.status, bare.body) == (404, {})
    assert bare.headers["content-type"] == "application/json"
    assert bare.headers["content-length"] == "2"
    told = client.get(path, OLD)
    assert told.status == 404
    assert set(told.body["error"]) == {"code", "message", "target", "details", "innerError"}
