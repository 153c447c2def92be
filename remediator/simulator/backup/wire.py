"""Bodies of vaults, policies and containers, as recorded.

They differ from the published specification where the service does. Differences between
api-versions are in ``forms``.
"""

from datetime import datetime, timedelta

from remediator.simulator.backup.forms import Form
from remediator.simulator.backup.state import (
    Item,
    Policy,
    Vault,
    native_name,
)
from remediator.simulator.compute.state import Vm
from remediator.simulator.reply import Json

_CONTAINER_TYPE = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers"


def vault(vault: Vault) -> Json:
    """Build a vault. The shape of its security settings is that of the specification."""
    built: Json = {
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
    if vault.immutability or vault.guard:
        enabled = "Enabled" if vault.guard else "Disabled"
        settings: Json = {"multiUserAuthorization": enabled}
        if vault.immutability:
            settings["immutabilitySettings"] = {"state": vault.immutability}
        built["properties"]["securitySettings"] = settings
    return built


def policy(policy: Policy, items: int, now: datetime, form: Form) -> Json:
    """Build a policy."""
    details: Json = {}
    if policy.group_prefix:
        details["azureBackupRGNamePrefix"] = policy.group_prefix
    if policy.group_suffix:
        details["azureBackupRGNameSuffix"] = policy.group_suffix
    at = (now + timedelta(days=1)).strftime(f"%Y-%m-%dT{policy.at}:00Z")
    enhanced = policy.enhanced and form.knows_enhanced
    schedule = _schedule_v2(policy, at) if enhanced else _schedule(policy, at)
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
        properties["policyType"] = policy.type
    if enhanced and policy.crash_consistent:
        properties["snapshotConsistencyType"] = "OnlyCrashConsistent"
    if enhanced and form.new:
        untiered = {"tieringMode": "DoNotTier", "duration": 0, "durationType": "Invalid"}
        properties["tieringPolicy"] = {"ArchivedRP": untiered}
    return {
        "id": f"{form.vault}/backupPolicies/{policy.name}",
        "name": policy.name,
        "type": "Microsoft.RecoveryServices/vaults/backupPolicies",
        "properties": properties,
    }


def _schedule(policy: Policy, at: str) -> Json:
    """Build the schedule of a standard policy."""
    schedule: Json = {
        "schedulePolicyType": "SimpleSchedulePolicy",
        "scheduleRunFrequency": "Weekly" if policy.weekly_on else "Daily",
        "scheduleRunTimes": [at],
        "scheduleWeeklyFrequency": 0,
    }
    return schedule | ({"scheduleRunDays": list(policy.weekly_on)} if policy.weekly_on else {})


def _schedule_v2(policy: Policy, at: str) -> Json:
    """Build the schedule of an enhanced policy. The hourly form is documented, not recorded."""
    frequency = "Daily"
    times: Json = {"dailySchedule": {"scheduleRunTimes": [at]}}
    if policy.hourly:
        every, begins, lasts = policy.hourly
        frequency = "Hourly"
        times = {
            "hourlySchedule": {
                "interval": every,
                "scheduleWindowStartTime": f"{at[:11]}{begins}:00Z",
                "scheduleWindowDuration": lasts,
            }
        }
    elif policy.weekly_on:
        frequency = "Weekly"
        weekly = {"scheduleRunDays": list(policy.weekly_on), "scheduleRunTimes": [at]}
        times = {"weeklySchedule": weekly}
    return {
        "schedulePolicyType": "SimpleSchedulePolicyV2",
        "scheduleRunFrequency": frequency,
        **times,
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
    """Build a machine that could be protected. Its name has no prefix (recorded)."""
    native = native_name(vm.group.lower(), vm.name.lower())
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
