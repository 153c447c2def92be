"""The operations that the tool uses, and whether a specification has judged each."""

from remediator.change.operations import Operation

WRITES: dict[Operation, str] = {
    Operation.DELETE_LOCK: "ManagementLocks_DeleteAtResourceGroupLevel",
    Operation.PUT_LOCK: "ManagementLocks_CreateOrUpdateAtResourceGroupLevel",
    Operation.DELETE_POINT: "RestorePoints_Delete",
    Operation.DELETE_COLLECTION: "RestorePointCollections_Delete",
    Operation.DELETE_EXTENSION: "VirtualMachineExtensions_Delete",
    Operation.REAPPLY_VM: "VirtualMachines_Reapply",
    Operation.RESTART_VM: "VirtualMachines_Restart",
    Operation.REDEPLOY_VM: "VirtualMachines_Redeploy",
    Operation.BACK_UP: "Backups_Trigger",
    Operation.CANCEL_JOB: "JobCancellations_Trigger",
    Operation.WAIT_FOR_JOB: "JobDetails_Get",
    Operation.WAIT_FOR_VM: "VirtualMachines_Get",
    Operation.WAIT_FOR_DELETION: "RestorePointCollections_Get",
    Operation.START_VM: "VirtualMachines_Start",
    Operation.POWER_OFF_VM: "VirtualMachines_PowerOff",
    Operation.DEALLOCATE_VM: "VirtualMachines_Deallocate",
    Operation.RUN_SCRIPT: "VirtualMachines_RunCommand",
    Operation.PUT_PROTECTION: "ProtectedItems_CreateOrUpdate",
    Operation.REFRESH_CONTAINERS: "ProtectionContainers_Refresh",
    Operation.PUT_GROUP: "ResourceGroups_CreateOrUpdate",
}
"""An operation on a lock by scope is judged as the operation at the level of that scope."""

READS: dict[str, str] = {
    "find the subscriptions": "Subscriptions_List",
    "find the vaults": "Resources_List",
    "read a job": "JobDetails_Get",
    "list jobs": "BackupJobs_List",
    "list protected items": "BackupProtectedItems_List",
    "read a policy": "ProtectionPolicies_Get",
    "list recovery points": "RecoveryPoints_List",
    "read a machine with its instance view": "VirtualMachines_Get",
    "list restore point collections": "RestorePointCollections_ListAll",
    "read a collection with its points": "RestorePointCollections_Get",
    "list locks": "ManagementLocks_ListAtSubscriptionLevel",
    "follow a trigger": "ProtectedItemOperationStatuses_Get",
}

UNSPECIFIED: dict[str, str] = {
    "follow an operation of Microsoft.Compute": (
        "no specification declares the status link; the plain HTTP walk compares it with recordings"
    ),
    "discover the cloud (/metadata/endpoints)": (
        "not part of ARM's specifications; azure-cli registers the cloud by it"
    ),
}


UNJUDGED: dict[Operation, str] = {
    Operation.REVOKE_DISK_POINT: "the specification of disks is not beside the project",
    Operation.ADD_ACCESS_POLICY: "the specification of key vaults is not beside the project",
    Operation.RECOVER_KEY_VAULT: "the specification of key vaults is not beside the project",
    Operation.PUT_ROLE_ASSIGNMENT: "the specification of roles is not beside the project",
}


def uncovered(covered: set[str]) -> list[str]:
    """The operations that the tool uses but no specification judged."""
    known: dict[str, str] = {str(key): value for key, value in WRITES.items()} | READS
    missing = [f"{what} ({name})" for what, name in known.items() if name not in covered]
    return missing + [
        f"{each} has no row here"
        for each in Operation
        if each not in WRITES.keys() | UNJUDGED.keys()
    ]
