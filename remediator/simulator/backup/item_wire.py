"""Protected items and recovery points, as recorded from 2017 to 2026."""

from remediator.simulator.backup.forms import Form
from remediator.simulator.backup.state import Item, RecoveryPoint
from remediator.simulator.reply import Json
from remediator.simulator.times import NEVER_BACKED_UP, seven_decimals

TYPE = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"

_WELL = {
    "code": 400239,
    "title": "IaasVmHealthGreenDefault",
    "message": "Backup pre-check status of this virtual machine is OK.",
    "recommendations": [],
}
_SUCCESS = {"code": 0, "title": "Success", "message": "", "recommendations": []}
_VM_IS_GONE = 320001
_CANNOT_MOVE = {
    "ArchivedRP": {
        "isReadyForMove": False,
        "additionalInfo": "It is not known yet whether this recovery point can be archived.",
    }
}


def item(item: Item, form: Form, *, extended: bool = False) -> Json:
    """Build a protected item."""
    properties: Json = {} if form.new else {"kpisHealths": _indicators(item)}
    properties |= {
        "friendlyName": item.vm,
        "virtualMachineId": item.vm_id,
        "protectionStatus": "Unhealthy" if item.last_status == "Failed" else "Healthy",
        "protectionState": item.state,
        "healthStatus": _health(item),
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
        **_by_version(item, form),
    }
    if item.state == "ProtectionStopped":
        # No stopped item of a VM was recorded. Stopped items of databases and file shares have
        # neither field. azure-cli resumes a VM's protection only if it sees a policyName (2.91.0).
        del properties["policyId"]
        properties["policyName"] = ""
    if item.last_status:
        properties["healthDetails"] = [_detail(item) or _WELL]
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
        properties["extendedInfo"] = _extended(item)
    if item.last_point:
        properties["lastRecoveryPoint"] = seven_decimals(item.last_point)
    return {
        "id": form.vault + item.path,
        "name": f"VM;{item.native_name}",
        "type": TYPE,
        "properties": properties,
    }


def _by_version(item: Item, form: Form) -> Json:
    """Build the fields that are not sent at every api-version."""
    found: Json = {}
    if form.new:
        found["vaultId"] = form.base + form.vault
    if form.knows_archive:
        found["isArchiveEnabled"] = False
    if form.new:
        found["softDeleteRetentionPeriod"] = 0
    if form.scans_sources:
        found["sourceSideScanning"] = 0
    if form.knows_policy_type:
        found["policyType"] = item.policy.type
    if form.new and item.last_status:
        found["extendedProperties"] = {}
    return found


def _extended(item: Item) -> Json:
    information: Json = {"recoveryPointCount": len(item.points), "policyInconsistent": False}
    if item.points:
        oldest = min(point.when for point in item.points)
        information["oldestRecoveryPoint"] = seven_decimals(oldest)
    return information


def _health(item: Item) -> str:
    """Return the result of the pre-check.

    One code was recorded as ActionRequired, and one as ActionSuggested. It is not known which other
    codes require action.
    """
    if item.last_error is None:
        return "Passed"
    gone = item.last_error["errorCode"] == _VM_IS_GONE
    return "ActionRequired" if gone else "ActionSuggested"


def _detail(item: Item) -> Json | None:
    if item.last_error is None:
        return None
    return {
        "code": item.last_error["errorCode"],
        "title": item.last_error.get("errorTitle", ""),
        "message": item.last_error["errorString"],
        "recommendations": item.last_error["recommendations"],
    }


def _indicators(item: Item) -> Json:
    """Build the health by indicators. Only old api-versions have it."""
    if not item.last_status:
        return {}
    detail = _detail(item)
    return {
        "BackupOperationStatusKPI": {
            "resourceHealthStatus": "TransientDegraded" if detail else "Healthy",
            "resourceHealthDetails": [detail or _SUCCESS],
        }
    }


def recovery_point(item: Item, point: RecoveryPoint, form: Form) -> Json:
    """Build a recovery point."""
    tiers = []
    if point.snapshot is not None:
        tiers.append(form.tier("InstantRP"))
    if point.vaulted:
        tiers.append(form.tier("HardenedRP"))
    properties: Json = {
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
    }
    if form.knows_archive:
        properties["recoveryPointMoveReadinessInfo"] = _CANNOT_MOVE
    if form.new:
        properties |= {
            "securityType": "None",
            "isPrivateAccessEnabledOnAnyDisk": False,
            "createdWithPolicyType": "V2" if item.policy.enhanced else "V1",
            "threatStatus": 0,
        }
    return {
        "id": f"{form.vault}{item.path}/recoveryPoints/{point.name}",
        "name": point.name,
        "type": f"{TYPE}/recoveryPoints",
        "properties": properties,
    }
