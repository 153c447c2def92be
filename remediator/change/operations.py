"""The changes that this tool can make: the SDK operation, request and permission of each one.

One row is the only place that says how a change looks on the wire. The writer sends what the row
names, and a test compares the server's log with the row.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from remediator.reading import Api


class Operation(StrEnum):
    """A mutation, named as the SDK names it: client, operation group, method."""

    DELETE_LOCK = "ManagementLockClient.management_locks.delete_by_scope"
    PUT_LOCK = "ManagementLockClient.management_locks.create_or_update_by_scope"
    DELETE_POINT = "ComputeManagementClient.restore_points.begin_delete"
    DELETE_COLLECTION = "ComputeManagementClient.restore_point_collections.begin_delete"
    DELETE_EXTENSION = "ComputeManagementClient.virtual_machine_extensions.begin_delete"
    REAPPLY_VM = "ComputeManagementClient.virtual_machines.begin_reapply"
    RESTART_VM = "ComputeManagementClient.virtual_machines.begin_restart"
    REDEPLOY_VM = "ComputeManagementClient.virtual_machines.begin_redeploy"
    BACK_UP = "RecoveryServicesBackupClient.backups.trigger"
    CANCEL_JOB = "RecoveryServicesBackupClient.job_cancellations.trigger"
    WAIT_FOR_JOB = "RecoveryServicesBackupClient.job_details.get"
    WAIT_FOR_VM = "ComputeManagementClient.virtual_machines.get"
    WAIT_FOR_DELETION = "ComputeManagementClient.restore_point_collections.get"
    START_VM = "ComputeManagementClient.virtual_machines.begin_start"
    POWER_OFF_VM = "ComputeManagementClient.virtual_machines.begin_power_off"
    DEALLOCATE_VM = "ComputeManagementClient.virtual_machines.begin_deallocate"
    UPDATE_VM = "ComputeManagementClient.virtual_machines.begin_update"
    RUN_SCRIPT = "ComputeManagementClient.virtual_machines.begin_run_command"
    REVOKE_DISK_POINT = "ComputeManagementClient.disk_restore_point.begin_revoke_access"
    PUT_PROTECTION = "RecoveryServicesBackupClient.protected_items.begin_create_or_update"
    END_FILE_RECOVERY = "RecoveryServicesBackupClient.item_level_recovery_connections.revoke"
    REFRESH_CONTAINERS = "RecoveryServicesBackupClient.protection_containers.refresh"
    PUT_GROUP = "ResourceManagementClient.resource_groups.create_or_update"
    ADD_ACCESS_POLICY = (
        "ResourceManagementClient.resources.begin_create_or_update_by_id (accessPolicies)"
    )
    REGISTER_PROVIDER = "ResourceManagementClient.providers.register"
    UPDATE_KEY_VAULT = "ResourceManagementClient.resources.begin_update_by_id (vaults)"
    RECOVER_KEY_VAULT = "ResourceManagementClient.resources.begin_create_or_update_by_id (vaults)"
    PUT_ROLE_ASSIGNMENT = (
        "ResourceManagementClient.resources.begin_create_or_update_by_id (roleAssignments)"
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """The request of an operation: HTTP method, path after the target's id, and permission."""

    api: Api
    method: str
    suffix: str
    permission: str
    filter: str = ""
    """The filter in the request's query."""
    sends: bool = True
    """Whether it changes something. The other operations only look."""
    once: bool = False
    """Whether sending the request twice would do the work twice."""
    shows: bool = True
    """Whether a later read shows the effect. Otherwise only Azure's own answer tells it."""


# The names of the permissions come from "Azure RBAC permissions reference" where Microsoft prints
# them in the backup articles. The others follow Microsoft's naming rule. None was tried on a live
# subscription.
SHAPES: Final[dict[Operation, Shape]] = {
    Operation.DELETE_LOCK: Shape(Api.LOCKS, "DELETE", "", "Microsoft.Authorization/locks/delete"),
    Operation.PUT_LOCK: Shape(Api.LOCKS, "PUT", "", "Microsoft.Authorization/locks/write"),
    Operation.DELETE_POINT: Shape(
        Api.COMPUTE, "DELETE", "", "Microsoft.Compute/restorePointCollections/restorePoints/delete"
    ),
    Operation.DELETE_COLLECTION: Shape(
        Api.COMPUTE, "DELETE", "", "Microsoft.Compute/restorePointCollections/delete"
    ),
    Operation.DELETE_EXTENSION: Shape(
        Api.COMPUTE, "DELETE", "", "Microsoft.Compute/virtualMachines/extensions/delete"
    ),
    Operation.REAPPLY_VM: Shape(
        Api.COMPUTE,
        "POST",
        "/reapply",
        "Microsoft.Compute/virtualMachines/reapply/action",
        once=True,
    ),
    Operation.RESTART_VM: Shape(
        Api.COMPUTE,
        "POST",
        "/restart",
        "Microsoft.Compute/virtualMachines/restart/action",
        once=True,
    ),
    Operation.REDEPLOY_VM: Shape(
        Api.COMPUTE,
        "POST",
        "/redeploy",
        "Microsoft.Compute/virtualMachines/redeploy/action",
        once=True,
    ),
    Operation.BACK_UP: Shape(
        Api.BACKUP,
        "POST",
        "/backup",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/"
        "backup/action",
        once=True,
    ),
    Operation.CANCEL_JOB: Shape(
        Api.BACKUP, "POST", "/cancel", "Microsoft.RecoveryServices/Vaults/backupJobs/cancel/action"
    ),
    Operation.WAIT_FOR_JOB: Shape(
        Api.BACKUP, "GET", "", "Microsoft.RecoveryServices/Vaults/backupJobs/read", sends=False
    ),
    Operation.WAIT_FOR_VM: Shape(
        Api.COMPUTE, "GET", "", "Microsoft.Compute/virtualMachines/read", sends=False
    ),
    Operation.WAIT_FOR_DELETION: Shape(
        Api.COMPUTE, "GET", "", "Microsoft.Compute/restorePointCollections/read", sends=False
    ),
    Operation.START_VM: Shape(
        Api.COMPUTE, "POST", "/start", "Microsoft.Compute/virtualMachines/start/action"
    ),
    Operation.POWER_OFF_VM: Shape(
        Api.COMPUTE, "POST", "/powerOff", "Microsoft.Compute/virtualMachines/powerOff/action"
    ),
    Operation.DEALLOCATE_VM: Shape(
        Api.COMPUTE, "POST", "/deallocate", "Microsoft.Compute/virtualMachines/deallocate/action"
    ),
    Operation.UPDATE_VM: Shape(Api.COMPUTE, "PATCH", "", "Microsoft.Compute/virtualMachines/write"),
    Operation.RUN_SCRIPT: Shape(
        Api.COMPUTE,
        "POST",
        "/runCommand",
        "Microsoft.Compute/virtualMachines/runCommand/action",
        once=True,
    ),
    Operation.REVOKE_DISK_POINT: Shape(
        Api.DISKS,
        "POST",
        "/endGetAccess",
        "Microsoft.Compute/restorePointCollections/restorePoints/diskRestorePoints/"
        "endGetAccess/action",
        shows=False,
    ),
    Operation.PUT_PROTECTION: Shape(
        Api.BACKUP,
        "PUT",
        "",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/write",
    ),
    # The request: azure-rest-api-specs, recoveryservicesbackup 2024-10-01, example Revoke_Ilr.
    Operation.END_FILE_RECOVERY: Shape(
        Api.BACKUP,
        "POST",
        "/revokeInstantItemRecovery",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/"
        "recoveryPoints/revokeInstantItemRecovery/action",
    ),
    Operation.REFRESH_CONTAINERS: Shape(
        Api.BACKUP,
        "POST",
        "/backupFabrics/Azure/refreshContainers",
        "Microsoft.RecoveryServices/Vaults/backupFabrics/refreshContainers/action",
        filter="backupManagementType eq 'AzureIaasVM'",
    ),
    Operation.PUT_GROUP: Shape(
        Api.RESOURCES, "PUT", "", "Microsoft.Resources/subscriptions/resourceGroups/write"
    ),
    Operation.ADD_ACCESS_POLICY: Shape(
        Api.KEY_VAULT,
        "PUT",
        "/accessPolicies/add",
        "Microsoft.KeyVault/vaults/accessPolicies/write",
    ),
    Operation.REGISTER_PROVIDER: Shape(
        Api.RESOURCES, "POST", "/register", "Microsoft.RecoveryServices/register/action"
    ),
    Operation.UPDATE_KEY_VAULT: Shape(
        Api.KEY_VAULT, "PATCH", "", "Microsoft.KeyVault/vaults/write"
    ),
    # Nobody documents what a second recovery does to a vault that exists.
    Operation.RECOVER_KEY_VAULT: Shape(
        Api.KEY_VAULT, "PUT", "", "Microsoft.KeyVault/vaults/write", once=True
    ),
    Operation.PUT_ROLE_ASSIGNMENT: Shape(
        Api.ROLES, "PUT", "", "Microsoft.Authorization/roleAssignments/write"
    ),
}
