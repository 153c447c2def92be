"""Every operation that the tool uses, and whether a specification has judged it."""

from remediator.operations import Operation

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
}
"""A lock's operations by scope are judged as the ones at the level of the scope that they name."""

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


def uncovered(covered: set[str]) -> list[str]:
    """What the tool uses and no specification judged."""
    known: dict[str, str] = {str(key): value for key, value in WRITES.items()} | READS
    missing = [f"{what} ({name})" for what, name in known.items() if name not in covered]
    return missing + [f"{each} has no row here" for each in Operation if each not in WRITES]
