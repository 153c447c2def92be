"""Bodies of vaults, policies, protected items and recovery points, as recorded.

They deviate from the published specification where the service does: ``containerName`` and
``policyName`` are sent without being declared, and so on. What differs between api-versions is in
``forms``.
"""

from datetime import datetime, timedelta

from remediator.simulator.backup.forms import Form
from remediator.simulator.backup.state import (
    Item,
    Policy,
    RecoveryPoint,
    Vault,
)
from remediator.simulator.compute.state import Vm
from remediator.simulator.reply import Json
from remediator.simulator.times import NEVER_BACKED_UP, seven_decimals

_CONTAINER_TYPE = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers"
_ITEM_TYPE = f"{_CONTAINER_TYPE}/protectedItems"


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


def policy(policy: Policy, items: int, now: datetime, form: Form) -> Json:
    """Build a policy."""
    details: Json = {}
    if policy.group_prefix:
        details["azureBackupRGNamePrefix"] = policy.group_prefix
    if policy.group_suffix:
        details["azureBackupRGNameSuffix"] = policy.group_suffix
    at = (now + timedelta(days=1)).strftime(f"%Y-%m-%dT{policy.at}:00Z")
    enhanced = policy.enhanced and form.knows_enhanced
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
        "id": f"{form.vault}/backupPolicies/{policy.name}",
        "name": policy.name,
        "type": "Microsoft.RecoveryServices/vaults/backupPolicies",
        "properties": properties,
    }


def item(item: Item, form: Form, *, extended: bool = False) -> Json:
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
        "policyId": f"{form.vault}/backupPolicies/{item.policy.name}",
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
        "id": form.vault + item.path,
        "name": f"VM;{item.native_name}",
        "type": _ITEM_TYPE,
        "properties": properties,
    }


def container(item: Item, form: Form) -> Json:
    """Build the protection container of an item."""
    return {
        "id": form.vault + item.container_path,
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


def protectable(vm: Vm, form: Form) -> Json:
    """Build a machine that could be protected; its name has no prefix (recorded)."""
    native = f"iaasvmcontainerv2;{vm.group.lower()};{vm.name.lower()}"
    return {
        "id": f"{form.vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;"
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


def recovery_point(item: Item, point: RecoveryPoint, form: Form) -> Json:
    """Build a recovery point."""
    tiers = []
    if point.snapshot is not None:
        tiers.append(form.tier("InstantRP"))
    if point.vaulted:
        tiers.append(form.tier("HardenedRP"))
    return {
        "id": f"{form.vault}{item.path}/recoveryPoints/{point.name}",
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
