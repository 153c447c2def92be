"""Newer answers of Azure have fields that nobody here knows. They change nothing that is read."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.actions._protection import item_body
from remediator.inspect import item, policy, recovery_points, vm
from remediator.inspect.collections import is_backups_of, parse_point
from remediator.inspect.jobs import parse_job, parse_row
from remediator.job.job import VaultRef
from remediator.reading import Answer

VM = "/subscriptions/S/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web"
VAULT = VaultRef(subscription="S", group="g", name="v")
ITEM_ID = f"{VAULT.id}/backupFabrics/Azure/protectionContainers/c/protectedItems/i"
AT = datetime(2026, 1, 2, tzinfo=UTC)

ITEM: dict[str, Any] = {
    "id": ITEM_ID,
    "name": "i",
    "properties": {
        "protectionState": "Protected",
        "policyId": f"{VAULT.id}/backupPolicies/p",
        "sourceResourceId": VM,
        "extendedProperties": {"diskExclusionProperties": {"diskLunList": [1]}},
    },
}
POLICY: dict[str, Any] = {
    "id": "/p",
    "properties": {
        "policyType": "V2",
        "instantRpRetentionRangeInDays": 7,
        "schedulePolicy": {
            "scheduleRunFrequency": "Hourly",
            "hourlySchedule": {
                "interval": 4,
                "scheduleWindowStartTime": "2026-01-01T08:00:00Z",
                "scheduleWindowDuration": 12,
            },
        },
    },
}
POINT: dict[str, Any] = {
    "properties": {
        "recoveryPointTime": "2026-01-01T08:00:00Z",
        "recoveryPointType": "AppConsistent",
        "recoveryPointTierDetails": [{"type": "InstantRP", "status": "Valid"}],
    },
}
RESTORE_POINT: dict[str, Any] = {
    "id": "/c/restorePoints/p",
    "name": "p",
    "properties": {"timeCreated": "2026-01-01T08:00:00Z", "sourceMetadata": {"vmId": "1"}},
}
JOB: dict[str, Any] = {
    "id": f"{VAULT.id}/backupJobs/job-0001",
    "name": "job-0001",
    "properties": {
        "operation": "Backup",
        "status": "Failed",
        "errorDetails": [{"errorCode": 1, "errorTitle": "X", "recommendations": ["a"]}],
        "extendedInfo": {"tasksList": [{"taskId": "Take Snapshot", "status": "Failed"}]},
    },
}
MACHINE: dict[str, Any] = {
    "id": VM,
    "name": "web",
    "properties": {"provisioningState": "Succeeded", "storageProfile": {"osDisk": {}}},
}

NEW = {
    "existingBasicVMProtection": "DisableWithDeleteRPsNow",
    "sourceSideScanInfo": {"sourceSideScanStatus": "Healthy"},
    "sourceLocation": "westeurope",
    "instantAccessSnapshotEnabled": True,
    "somethingNewer": [{"a": None}, 7],
}


def grown(node: Any) -> Any:
    """The answer with new fields in each of its objects."""
    match node:
        case dict():
            return {key: grown(value) for key, value in node.items()} | NEW
        case list():
            return [grown(each) for each in node]
        case _:
            return node


def job(body: dict[str, Any]) -> Any:
    return parse_job(Answer(body=body, at=AT), VAULT, "GET")


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (policy.parse, POLICY),
        (recovery_points.parse, POINT),
        (lambda row: parse_point(row, "/c"), RESTORE_POINT),
        (lambda row: is_backups_of(row, VM), {"name": "AzureBackup_web_1"}),
        (job, JOB),
        (parse_row, JOB),
        (vm.parse, MACHINE),
        (lambda row: item.parse(row).model_copy(update={"extended": None}), ITEM),
    ],
)
def test_a_field_that_is_not_known_changes_nothing(
    parse: Callable[[dict[str, Any]], Any], body: dict[str, Any]
) -> None:
    assert parse(grown(body)) == parse(body)


def test_a_tier_that_is_not_known_proves_nothing_and_hides_nothing() -> None:
    tiers = [{"type": "IASnapshotRP", "status": "Valid"}, {"type": "InstantRP", "status": "Valid"}]
    told = {"properties": POINT["properties"] | {"recoveryPointTierDetails": tiers}}
    assert recovery_points.parse(told) == recovery_points.parse(POINT)


def test_basic_vm_protection_is_never_ended_by_what_was_read() -> None:
    """With that word in a PUT, Azure would delete the restore points of another product."""
    row = ITEM | {"properties": ITEM["properties"] | NEW}
    assert item_body(item.parse(row), policyId="p") == item_body(item.parse(ITEM), policyId="p")
