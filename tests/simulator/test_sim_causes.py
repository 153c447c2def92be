"""Backups fail for causes that every read shows, and work after the right change."""

import pytest

from .client import BACKUP, COMPUTE, LOCKS, codes
from .conftest import Play

CLOUD = """
vaults: [{name: vault-main}]
vms:
  - name: web
    protection: {vault: vault-main}
"""
ENHANCED = CLOUD.replace("main}]", "main, policies: [{name: DefaultPolicy, enhanced: true}]}]")
DISKS = "2024-03-02"


def test_the_first_backup_of_a_vm_that_is_off(play: Play) -> None:
    client = play(CLOUD + "    power: stopped\n    extensions: []")
    [error] = client.back_up()["errorDetails"]
    assert (error["errorCode"], error["errorTitle"]) == (380008, "AzureVmOffline")
    client.done(client.call("POST", f"{client.vm()}/start"))
    assert client.back_up()["status"] == "Completed"
    client.done(client.call("POST", f"{client.vm()}/deallocate"))
    assert client.back_up()["status"] == "Completed"


def test_a_later_backup_of_a_vm_that_is_off_needs_no_extension(play: Play) -> None:
    client = play(
        CLOUD + "    power: stopped\n    extensions: []\n    collection: {points: {count: 1}}"
    )
    assert client.back_up()["status"] == "Completed"


@pytest.mark.parametrize(
    ("state", "shown", "rests"),
    [
        ("power: {state: starting, takes: 2h}", "PowerState/starting", "PowerState/running"),
        (
            "power: {state: deallocating, takes: 2h}",
            "PowerState/deallocating",
            "PowerState/deallocated",
        ),
        (
            "provisioning: {state: updating, takes: 2h}",
            "ProvisioningState/updating",
            "ProvisioningState/succeeded",
        ),
    ],
)
def test_a_vm_that_is_being_changed_comes_to_rest(
    play: Play, state: str, shown: str, rests: str
) -> None:
    client = play(f"{CLOUD}    {state}")

    def statuses() -> list[str]:
        view = client.get(f"{client.vm()}/instanceView").body
        return [status["code"] for status in view["statuses"]]

    assert shown in statuses()
    assert codes(client.back_up()) == ["UserErrorVmNotInDesirableState"]
    client.cloud.advance(3600)
    assert rests in statuses()
    assert client.back_up()["status"] == "Completed"


def test_what_updates_for_ever_needs_its_cure(play: Play) -> None:
    client = play(CLOUD + "    provisioning: {state: updating, cured_by: reapply}")
    client.cloud.advance(86400)
    assert client.get(client.vm()).body["properties"]["provisioningState"] == "Updating"
    client.done(client.call("POST", f"{client.vm()}/reapply"))
    assert client.get(client.vm()).body["properties"]["provisioningState"] == "Succeeded"
    assert client.back_up()["status"] == "Completed"


def test_a_vm_that_moved_keeps_its_guid(play: Play) -> None:
    client = play(CLOUD + "    moved_to: {group: rg-new}\n    collection: {points: {count: 1}}")
    assert client.get(client.vm()).status == 404
    moved = client.get(client.vm(group="rg-new")).body["properties"]
    points = client.get(client.collection(), _expand="restorePoints").body["properties"]
    metadata = points["restorePoints"][0]["properties"]["sourceMetadata"]
    assert metadata["vmId"] == moved["vmId"]
    assert codes(client.back_up()) == ["ResourceNotFound"]


def test_another_vm_has_another_guid(play: Play) -> None:
    client = play(CLOUD + "  - {name: web2}")
    guids = [client.get(client.vm(name)).body["properties"]["vmId"] for name in ("web", "web2")]
    assert len(set(guids)) == 2


@pytest.mark.parametrize("scope", ["vm:web", "group:rg-app", "subscription"])
@pytest.mark.parametrize("extensions", ["[]", "[{name: VMSnapshot, outdated: true}]"])
def test_a_read_only_lock_keeps_the_extension_out(play: Play, scope: str, extensions: str) -> None:
    client = play(
        f"{CLOUD}    extensions: {extensions}\n"
        f'locks: [{{name: keep, scope: "{scope}", level: ReadOnly}}]'
    )
    # The vault is in another group. A lock on the subscription would refuse the trigger itself.
    if scope == "subscription":
        assert client.trigger().code == "ScopeLocked"
        return
    assert codes(client.back_up()) == ["UserErrorResourceIsInLockedState"]
    lock = next(each["id"] for each in client.cloud.state()["locks"])
    assert client.delete(lock, LOCKS).status == 200
    assert client.back_up()["status"] == "Completed"


def test_a_lock_is_no_hindrance_where_nothing_has_to_be_installed(play: Play) -> None:
    client = play(CLOUD + "locks: [{name: keep, scope: 'vm:web', level: ReadOnly}]")
    assert client.back_up()["status"] == "Completed"


def test_a_collection_that_is_being_deleted(play: Play) -> None:
    client = play(CLOUD + "    collection: {points: {count: 2}, deleting_for: 2h}")
    path = client.collection()
    assert client.get(path).body["properties"]["provisioningState"] == "Deleting"
    assert codes(client.back_up()) == ["UserErrorRpCollectionMarkedForDeletion"]
    client.cloud.advance(3600)
    assert client.get(path).status == 404
    assert client.back_up()["status"] == "Completed"


def test_a_deletion_that_is_stuck_is_asked_for_again(play: Play) -> None:
    client = play(CLOUD + "    collection: {points: {count: 2}, stuck_deleting: true}")
    client.cloud.advance(86400)
    assert codes(client.back_up()) == ["UserErrorRpCollectionMarkedForDeletion"]
    assert client.done(client.delete(client.collection()))["status"] == "Succeeded"
    assert client.back_up()["status"] == "Completed"


def test_a_stuck_deletion_that_fails_half_way_is_still_stuck(play: Play) -> None:
    client = play(
        CLOUD + "    collection: {points: {count: 3}, stuck_deleting: true, points_per_delete: 2}"
    )
    assert client.done(client.delete(client.collection()))["status"] == "Failed"
    assert codes(client.back_up()) == ["UserErrorRpCollectionMarkedForDeletion"]
    assert client.done(client.delete(client.collection()))["status"] == "Succeeded"
    assert client.back_up()["status"] == "Completed"


@pytest.mark.parametrize("whole", [True, False])
def test_a_point_that_somebody_may_be_reading_is_not_deleted(play: Play, whole: bool) -> None:
    client = play(CLOUD + "    collection: {points: {count: 3, sas: 1}}")
    stored = client.get(client.collection(), _expand="restorePoints").body["properties"]
    oldest = min(stored["restorePoints"], key=lambda point: point["properties"]["timeCreated"])
    target = client.collection() if whole else oldest["id"]
    failed = client.done(client.delete(target))
    assert failed["error"]["code"] == "DiskRestorePointUsedByCustomer"
    disks = client.get(f"{oldest['id']}/diskRestorePoints", DISKS).body["value"]
    assert client.get(disks[0]["id"], DISKS).body["name"] == disks[0]["name"]
    for disk in disks:
        ended = client.done(client.call("POST", f"{disk['id']}/endGetAccess", DISKS))
        assert ended["status"] == "Succeeded"
    assert client.done(client.delete(target))["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("cloud", "disks", "code"),
    [
        (CLOUD, "[{lun: 0}, {lun: 7, size_gb: 70000}]", "UserErrorUnsupportedDiskSize"),
        (ENHANCED, "[{lun: 0}, {lun: 7, shared: true}]", "UserErrorSharedDiskBackupNotSupported"),
        (CLOUD, str([{"lun": lun} for lun in range(33)]), "UserErrorBCMUnsupportedDiskCount"),
    ],
    ids=["size", "shared", "count"],
)
def test_disks_that_cannot_be_backed_up_are_left_out(
    play: Play, cloud: str, disks: str, code: str
) -> None:
    client = play(f"{cloud}    disks: {disks}")
    assert codes(client.back_up()) == [code]
    shown = client.get(client.vm()).body["properties"]["storageProfile"]["dataDisks"]
    disk = client.get(shown[-1]["managedDisk"]["id"], DISKS).body
    assert disk["properties"]["diskSizeGB"] == shown[-1]["diskSizeGB"]
    assert disk["managedBy"] == client.vm()
    client.protect(policyId=client.policy)
    assert codes(client.back_up()) == [code]
    choice = {"diskLunList": [7], "isInclusionList": False}
    client.protect(policyId=client.policy, extendedProperties={"diskExclusionProperties": choice})
    item = client.get(client.item(), BACKUP).body["properties"]
    assert item["extendedProperties"]["diskExclusionProperties"] == choice
    assert client.back_up()["status"] == "Completed"
    client.protect(policyId=client.policy, extendedProperties={"diskExclusionProperties": None})
    assert codes(client.back_up()) == [code]


def test_a_standard_policy_does_not_leave_out_a_shared_disk(play: Play) -> None:
    client = play(f"{CLOUD}    disks: [{{lun: 7, shared: true}}]")
    choice = {"diskLunList": [7], "isInclusionList": False}
    client.protect(policyId=client.policy, extendedProperties={"diskExclusionProperties": choice})
    assert codes(client.back_up()) == ["UserErrorSharedDiskBackupNotSupported"]


def test_a_vm_with_an_ephemeral_system_disk_is_not_deallocated(play: Play) -> None:
    client = play(f"{CLOUD}    ephemeral: true")
    system = client.get(client.vm()).body["properties"]["storageProfile"]["osDisk"]
    assert system["diffDiskSettings"]["option"] == "Local"
    refused = client.call("POST", f"{client.vm()}/deallocate")
    assert (refused.status, refused.body["error"]["code"]) == (409, "OperationNotAllowed")


def test_an_inclusion_list_names_what_is_taken_along(play: Play) -> None:
    client = play(CLOUD + "    disks: [{lun: 0}, {lun: 7, size_gb: 70000}]")
    choice = {"diskLunList": [0], "isInclusionList": True}
    client.protect(policyId=client.policy, extendedProperties={"diskExclusionProperties": choice})
    assert client.back_up()["status"] == "Completed"


def test_an_item_that_is_held_is_not_backed_up(play: Play) -> None:
    client = play(CLOUD.replace("vault-main}\n", "vault-main, busy_for: 10m}\n"))
    refused = client.trigger()
    assert (refused.status, refused.code) == (409, "BMSUserErrorObjectLocked")
    client.cloud.advance(600)
    assert client.back_up()["status"] == "Completed"


def test_a_deleted_protection_is_brought_back_and_resumed(play: Play) -> None:
    client = play(CLOUD.replace("vault-main}\n", "vault-main, deleted: 2d ago}\n"))
    item = client.get(client.item(), BACKUP).body["properties"]
    assert item["isScheduledForDeferredDelete"] is True
    assert codes(client.back_up()) == ["UserErrorBcmDatasourceNotPresent"]
    assert client.protect(policyId=client.policy).status == 400
    assert client.protect(isRehydrate=True, protectionState="ProtectionStopped").status == 202
    assert codes(client.back_up()) == ["UserErrorBcmDatasourceNotPresent"]
    assert client.protect(policyId=client.policy).status == 202
    assert client.back_up()["status"] == "Completed"


def test_a_deleted_protection_vanishes_in_the_end(play: Play) -> None:
    client = play(CLOUD.replace("vault-main}\n", "vault-main, deleted: 13d ago}\n"))
    item = client.item()
    client.cloud.advance(86400)
    assert client.get(item, BACKUP).status == 404


@pytest.mark.parametrize("state", ["ProtectionPaused", "BackupsSuspended", "ProtectionStopped"])
def test_a_paused_protection_is_resumed(play: Play, state: str) -> None:
    client = play(CLOUD.replace("vault-main}\n", f"vault-main, state: {state}}}\n"))
    assert codes(client.back_up()) == ["UserErrorBcmDatasourceNotPresent"]
    wrong = client.protect(protectedItemType="AzureIaaSVMProtectedItem", policyId=client.policy)
    assert wrong.status == 400
    client.protect(policyId=client.policy)
    assert client.back_up()["status"] == "Completed"


def test_a_protection_is_stopped_and_its_data_kept(play: Play) -> None:
    client = play(CLOUD + "    collection: {points: {count: 2}}")
    client.protect(policyId="", protectionState="ProtectionStopped")
    properties = client.get(client.item(), BACKUP).body["properties"]
    assert properties["protectionState"] == "ProtectionStopped"
    assert len(client.get(f"{client.item()}/recoveryPoints", BACKUP).body["value"]) == 2


def test_a_vm_is_protected_by_a_put(play: Play) -> None:
    client = play("vaults: [{name: vault-main}]\nvms: [{name: web}]")
    wrong = client.protect(protectedItemType="AzureIaaSVMProtectedItem", policyId=client.policy)
    assert wrong.status == 400
    assert client.cloud.state()["items"] == []
    assert client.protect(policyId=client.policy).status == 202
    assert client.back_up()["status"] == "Completed"
    assert client.get(client.vm(), COMPUTE).body["resources"]
