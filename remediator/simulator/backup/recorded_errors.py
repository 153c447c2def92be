"""Numbers, codes and sentences of the backup service that were recorded together.

Recorded from 2017 to 2026 in jobs, in the health of protected items and in pre-checks: 22 of them.
"""

RECORDED: dict[str, tuple[int, str]] = {
    "ResourceNotFound": (320001, "Could not perform the operation as VM no longer exists."),
    "UserErrorGuestAgentVersionUnsupported": (380016, "Does not have the latest agent installed."),
    "BackUpOperationFailed": (400002, "Backup failed with an internal error."),
    "DataTransferFromVaultFailed": (400004, "Data transfer from the vault failed."),
    "UserErrorBCMRestoreStorageAccountNotFound": (
        400048,
        "Storage Account specified for Restore operation doesn't exist.",
    ),
    "DiffCopyFailedToTransferData": (400052, "Backup failed to copy data to vault."),
    "UserErrorVmNotFoundV2": (400136, "Virtual machine doesn't exist."),
    "UserErrorSubnetNotFoundV2": (400138, "Subnet doesn't exist."),
    "UserErrorJobSuccessfullyCancelled": (400158, "Job is cancelled."),
    "UserErrorVmProvisioningStateFailed": (400160, "VM is in Failed Provisioning State."),
    "UserErrorVmVaultLocationMismatch": (
        400175,
        "Virtual machine and vault are in different region.",
    ),
    "UserErrorGuestAgentStatusUnavailable": (
        400196,
        "VM agent is unable to communicate with the Azure Backup Service.",
    ),
    "UserErrorKeyVaultPermissionsNotConfigured": (
        400198,
        (
            "Azure Backup Service does not have sufficient permissions to Key Vault for Backup of "
            "Encrypted Virtual Machines."
        ),
    ),
    "VMCreationTimeOutStorageErrorV2": (400199, "Create VM took very long time and got timed out"),
    "ExtensionSnapshotFailedNoNetwork": (
        400206,
        "Snapshot operation failed due to no network connectivity on the virtual machine.",
    ),
    "IaasVmHealthGreenDefault": (400239, "Backup pre-check status of this virtual machine is OK."),
    "UserErrorBackupOperationInProgress": (
        400249,
        "Unable to initiate backup as another backup operation is currently in progress.",
    ),
    "UserErrorRpCollectionDeleted": (
        400288,
        "The Restore Point collection has been deleted by the user.",
    ),
    "UserErrorGenericResourceNotFound": (400309, "Azure resource does not exist."),
    "UserErrorCrpReportedUserError": (
        400349,
        "Backup failed due to an error. For details, see Job Error Message Details.",
    ),
    "UserErrorUnsupportedConfigForUnmanagedToManaged": (
        400367,
        "Restoring with Managed disk is not supported for encrypted or snapshot Recovery points.",
    ),
    "DiskAPIRevokeSASFailed": (400380, "Failed to reset access of the restored disk(s)."),
}
"""For each code (``errorTitle``): its number (``errorCode``) and sentence (``errorString``)."""
