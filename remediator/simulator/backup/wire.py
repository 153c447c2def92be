"""Bodies of the backup service, as recorded (api-versions 2020-10-01 to 2022-02-01).

They deviate from the published specification where the service does: ``actionsInfo`` and the
tier details are numbers, ``containerName`` and ``policyName`` are sent without being declared.
"""

from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup.state import (
    Item,
    Job,
    Policy,
    RecoveryPoint,
    Vault,
    VaultOperation,
)
from remediator.simulator.compute.state import Vm
from remediator.simulator.reply import Json
from remediator.simulator.times import (
    NEVER_BACKED_UP,
    NO_END_YET,
    iso_duration,
    seven_decimals,
)

_CONTAINER_TYPE = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers"
_ITEM_TYPE = f"{_CONTAINER_TYPE}/protectedItems"
_ENHANCED_SINCE = "2022-01-01"
"""Older api-versions know neither enhanced policies nor their jobs nor isUserTriggered."""
_CANCELLABLE = 1
_INSTANT, _VAULT, _VALID = 1, 2, 1


def job(job: Job, now: datetime, api_version: str, *, details: bool) -> Json:
    """Build a job; rows of the list carry neither errors nor tasks."""
    known = api_version >= _ENHANCED_SINCE
    kind = job.type if known else job.type.removesuffix("V2")
    properties: Json = {"jobType": kind}
    if job.container:
        properties["containerName"] = job.container
    properties["duration"] = iso_duration((job.ended or now) - job.started)
    if job.operation == "Backup":
        # Sent for every backup job, ended ones too.
        properties["actionsInfo"] = [_CANCELLABLE]
    if details and job.errors:
        properties["errorDetails"] = job.errors
    if job.type == "AzureWorkloadJob":
        properties["workloadType"] = "SQLDataBase"
        management = "AzureWorkload"
    else:
        properties["virtualMachineVersion"] = "Compute"
        management = "AzureIaasVM"
    if details:
        properties["extendedInfo"] = _extended(job)
    properties |= {
        "entityFriendlyName": job.entity,
        "backupManagementType": management,
        "operation": job.operation,
        "status": job.status,
        "startTime": seven_decimals(job.started),
    }
    if job.ended:
        properties["endTime"] = seven_decimals(job.ended)
    properties["activityId"] = ids.guid("activity", job.name)
    if known and job.type != "AzureWorkloadJob":
        properties["isUserTriggered"] = job.user_triggered
    return {
        "id": job.backup_id,
        "name": job.name,
        "type": "Microsoft.RecoveryServices/vaults/backupJobs",
        "properties": properties,
    }


def _extended(job: Job) -> Json:
    if job.type == "AzureWorkloadJob":
        tasks: list[Json] = [
            {"taskId": task, "status": status} for task, status in job.tasks.items()
        ]
    else:
        tasks = [
            {"taskId": task, "duration": "PT0S", "status": status}
            for task, status in job.tasks.items()
        ]
    extended: Json = {"tasksList": tasks, "propertyBag": dict(job.properties)}
    if job.operation == "Backup" and job.type != "AzureWorkloadJob":
        extended["internalPropertyBag"] = {"IsInstantRpJob": str(job.instant)}
    if job.dynamic_message:
        extended["dynamicErrorMessage"] = job.dynamic_message
    return extended


def vault(vault: Vault) -> Json:
    """Build a vault."""
    return {
        "location": vault.location,
        "name": vault.name,
        "etag": "W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\"",
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
        },
        "id": vault.arm_id,
        "type": "Microsoft.RecoveryServices/vaults",
        "sku": {"name": "Standard"},
    }


def policy(vault: Vault, policy: Policy, items: int, now: datetime, api_version: str) -> Json:
    """Build a policy."""
    details: Json = {}
    if policy.group_prefix:
        details["azureBackupRGNamePrefix"] = policy.group_prefix
    if policy.group_suffix:
        details["azureBackupRGNameSuffix"] = policy.group_suffix
    at = (now + timedelta(days=1)).strftime(f"%Y-%m-%dT{policy.at}:00Z")
    enhanced = policy.enhanced and api_version >= _ENHANCED_SINCE
    if enhanced:
        schedule: Json = {
            "schedulePolicyType": "SimpleSchedulePolicyV2",
            "scheduleRunFrequency": "Daily",
            "dailySchedule": {"scheduleRunTimes": [at]},
        }
    else:
        schedule = {
            "schedulePolicyType": "SimpleSchedulePolicy",
            "scheduleRunFrequency": "Daily",
            "scheduleRunTimes": [at],
            "scheduleWeeklyFrequency": 0,
        }
    properties: Json = {
        "backupManagementType": "AzureIaasVM",
        "instantRPDetails": details,
        "schedulePolicy": schedule,
        "retentionPolicy": {
            "retentionPolicyType": "LongTermRetentionPolicy",
            "dailySchedule": {
                "retentionTimes": [at],
                "retentionDuration": {"count": 30, "durationType": "Days"},
            },
        },
        "instantRpRetentionRangeInDays": policy.instant_days,
        "timeZone": "UTC",
        "protectedItemsCount": items,
    }
    if enhanced:
        properties["policyType"] = "V2"
    return {
        "id": f"{vault.backup_id}/backupPolicies/{policy.name}",
        "name": policy.name,
        "type": "Microsoft.RecoveryServices/vaults/backupPolicies",
        "properties": properties,
    }


def item(item: Item, *, extended: bool = False) -> Json:
    """Build a protected item."""
    health: Json = {"healthStatus": "Passed"}
    kpis: Json = {}
    if item.last_error:
        detail = {
            "code": item.last_error["errorCode"],
            "title": item.last_error.get("errorTitle", ""),
            "message": item.last_error["errorString"],
            "recommendations": item.last_error["recommendations"],
        }
        health = {"healthStatus": "ActionRequired", "healthDetails": [detail]}
        kpis = {
            "BackupOperationStatusKPI": {
                "resourceHealthStatus": "TransientDegraded",
                "resourceHealthDetails": [detail],
            }
        }
    properties: Json = {
        "kpisHealths": kpis,
        "friendlyName": item.vm,
        "virtualMachineId": item.vm_id,
        "protectionStatus": "Healthy",
        "protectionState": item.state,
        **health,
        "lastBackupStatus": item.last_status,
        "lastBackupTime": seven_decimals(item.last_time) if item.last_time else NEVER_BACKED_UP,
        "protectedItemDataId": str(sum(item.vm_id.encode()) * 7919),
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "backupManagementType": "AzureIaasVM",
        "workloadType": "VM",
        "containerName": item.native_name,
        "sourceResourceId": item.vm_id,
        "policyId": f"{item.vault.backup_id}/backupPolicies/{item.policy.name}",
        "policyName": item.policy.name,
    }
    if item.state == "ProtectionStopped":
        # A stopped item has no policy any more.
        properties |= {"policyId": "", "policyName": ""}
    if item.excluded_luns:
        properties["extendedProperties"] = {
            "diskExclusionProperties": {
                "diskLunList": item.excluded_luns,
                "isInclusionList": item.only_named_luns,
            }
        }
    if item.deleted:
        properties["isScheduledForDeferredDelete"] = True
    if extended:
        information: Json = {"recoveryPointCount": len(item.points), "policyInconsistent": False}
        if item.points:
            oldest = min(point.when for point in item.points)
            information["oldestRecoveryPoint"] = seven_decimals(oldest)
        properties["extendedInfo"] = information
    if item.last_point:
        properties["lastRecoveryPoint"] = seven_decimals(item.last_point)
    return {
        "id": item.backup_id,
        "name": f"VM;{item.native_name}",
        "type": _ITEM_TYPE,
        "properties": properties,
    }


def container(item: Item) -> Json:
    """Build the protection container of an item."""
    return {
        "id": item.container_id,
        "name": f"IaasVMContainer;{item.native_name}",
        "type": _CONTAINER_TYPE,
        "properties": {
            "virtualMachineId": item.vm_id,
            "virtualMachineVersion": "Compute",
            "resourceGroup": item.group,
            "friendlyName": item.vm,
            "backupManagementType": "AzureIaasVM",
            "registrationStatus": "Registered",
            "healthStatus": "Healthy",
            "containerType": "Microsoft.Compute/virtualMachines",
            "protectableObjectType": "Microsoft.Compute/virtualMachines",
        },
    }


def protectable(vault: Vault, vm: Vm) -> Json:
    """Build a machine that could be protected; its name has no prefix (recorded)."""
    native = f"iaasvmcontainerv2;{vm.group.lower()};{vm.name.lower()}"
    return {
        "id": f"{vault.backup_id}/backupFabrics/Azure/protectionContainers/IaasVMContainer;"
        f"{native}/protectableItems/vm;{native}",
        "name": native,
        "type": f"{_CONTAINER_TYPE}/protectableItems",
        "properties": {
            "virtualMachineId": vm.arm_id,
            "virtualMachineVersion": "Compute",
            "resourceGroup": vm.group,
            "backupManagementType": "AzureIaasVM",
            "protectableItemType": "Microsoft.Compute/virtualMachines",
            "friendlyName": vm.name,
            "protectionState": "NotProtected",
        },
    }


def recovery_point(item: Item, point: RecoveryPoint) -> Json:
    """Build a recovery point; its tiers are numbers."""
    tiers = []
    if point.snapshot is not None:
        tiers.append({"type": _INSTANT, "status": _VALID})
    if point.vaulted:
        tiers.append({"type": _VAULT, "status": _VALID})
    return {
        "id": f"{item.backup_id}/recoveryPoints/{point.name}",
        "name": point.name,
        "type": f"{_ITEM_TYPE}/recoveryPoints",
        "properties": {
            "objectType": "IaasVMRecoveryPoint",
            "recoveryPointType": point.consistency,
            "recoveryPointTime": seven_decimals(point.when),
            "recoveryPointAdditionalInfo": "",
            "sourceVMStorageType": "PremiumVMOnPartialPremiumStorage",
            "isSourceVMEncrypted": False,
            "isInstantIlrSessionActive": point.mounted,
            "recoveryPointTierDetails": tiers,
            "isManagedVirtualMachine": True,
            "virtualMachineSize": item.size,
            "originalStorageAccountOption": False,
            "osType": item.os.capitalize(),
        },
    }


def operation(operation: VaultOperation) -> Json:
    """Build the status of an operation. Succeeded only means that the job was created."""
    body: Json = {
        "id": operation.id,
        "name": operation.id,
        "status": operation.status,
        "startTime": seven_decimals(operation.started),
        "endTime": seven_decimals(operation.ended) if operation.ended else NO_END_YET,
    }
    if operation.error:
        body["error"] = operation.error
    if operation.job:
        body["properties"] = {
            "objectType": "OperationStatusJobExtendedInfo",
            "jobId": operation.job,
        }
    return body
