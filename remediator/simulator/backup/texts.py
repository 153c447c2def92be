"""Sentences of jobs for the codes that have no cause in the simulator.

The codes and sentences are those of Microsoft's troubleshooting pages. If a page names a code but
quotes no message, the sentence is the simulator's own.
"""

TEXTS: dict[str, str] = {
    "BCMCrpInternalError": "Backup failed due to CRP Internal Error.",
    "BCMV2VMNotFound": "The virtual machine doesn't exist.",
    "BMSUserErrorObjectLocked": "Another operation is in progress on the selected item.",
    "ExtensionCommandExecFailure": "Extension command execution failure.",
    "ExtensionConfigParsingFailure": "Failure in parsing the config for the backup extension.",
    "ExtensionFailedOutOfMemoryError": "There is not enough memory in the virtual machine.",
    "ExtensionFailedSnapshotLimitReachedError": (
        "Snapshot operation failed as snapshot limit is exceeded for some of the disks attached."
    ),
    "ExtensionFailedSnapshotRateExceededError": (
        "The snapshot was refused: another one of the same disk was taken within a minute."
    ),
    "ExtensionFailedTimeoutDelayInNetwork": (
        "Snapshot operation failed due to delay in network calls made to take disk blob-snapshots."
    ),
    "ExtensionFailedTimeoutVMNetworkUnresponsive": (
        "Snapshot operation failed due to inadequate VM resources."
    ),
    "ExtensionFailedVssServiceInBadState": (
        "Snapshot operation failed due to VSS (Volume Shadow Copy) service in bad state."
    ),
    "ExtensionFailedVssWriterInBadState": (
        "Snapshot operation failed because VSS writers were in a bad state."
    ),
    "ExtensionInstallProviderCOMMemoryQuotaReached": "The extension could not be installed.",
    "ExtensionInstallationFailedCOM": (
        "Extension installation/operation failed due to a COM+ error."
    ),
    "ExtensionInstallationFailedMDTC": (
        'Extension installation failed with the error "COM+ was unable to talk to the Microsoft '
        'Distributed Transaction Coordinator".'
    ),
    "ExtensionInstallationFailure": "Backup extension installation failed.",
    "ExtensionOperationFailed": "VMSnapshot extension operation failed.",
    "ExtensionOperationFailedForManagedDisks": "VMSnapshot extension operation failed.",
    "ExtensionOperationInProgress": "Command execution failed.",
    "ExtensionPreScriptTimeout": "Execution of App-Consistent Backup Pre-Script timed-out.",
    "ExtensionSnapshotBitlockerError": (
        "The snapshot operation failed with the Volume Shadow Copy Service (VSS) operation error "
        '"This drive is locked by BitLocker Drive Encryption. You must unlock this drive from the '
        'Control Panel."'
    ),
    "ExtensionSnapshotFailedCOM": "Snapshot operation failed due to COM+ error.",
    "ExtensionSnapshotFailedNoNetwork": (
        "Snapshot operation failed due to no network connectivity on the virtual machine."
    ),
    "ExtensionSnapshotFailedNoSecureNetwork": (
        "The snapshot operation failed because of failure to create a secure network "
        "communication channel."
    ),
    "ExtensionVCRedistInstallationFailure": (
        "The snapshot operation failed because of failure to install Visual C++ Redistributable "
        "for Visual Studio 2012."
    ),
    "GuestAgentCertificateNotFound": "Virtual machine guest agent certificate not found.",
    "GuestAgentPluginInstallCommandProcessingFailed": (
        "Extension failed due to run time environment failure."
    ),
    "GuestAgentSnapshotTaskStatusError": (
        "Could not communicate with the VM agent for snapshot status."
    ),
    "ManagedRPCreationFailedInCrpButExtensionSucceeded": (
        "Backup operation failed for managed disk VM."
    ),
    "NoExtensionStatusButStatusBlobAvailable": "The backup extension reported no status.",
    "UserErrorBCMPremiumStorageQuotaError": (
        "Could not copy the snapshot of the virtual machine, due to insufficient free space in "
        "the storage account."
    ),
    "UserErrorComputeVmWithClassicStorage": "The virtual machine's disks are in classic storage.",
    "UserErrorCrpReportedUserError": (
        "Backup failed due to an error. For details, see Job Error Message Details."
    ),
    "UserErrorEncryptedVmNotSupportedWithDiskEx": (
        "Disk exclusion is not supported for encrypted VMs."
    ),
    "UserErrorFsFreezeFailed": (
        "Failed to freeze one or more mount-points of the VM to take a file-system consistent "
        "snapshot."
    ),
    "UserErrorFsFreezeTimeout": "Freezing a file system took more time than is allowed.",
    "UserErrorGenericResourceNotFound": "An Azure resource does not exist.",
    "UserErrorGuestAgentVersionUnsupported": "The version of the guest agent is not supported.",
    "UserErrorInvalidVMEncryptionInfo": "Invalid encryption information.",
    "UserErrorMigrationFromTrustedLaunchVMToNonTrustedVMNotAllowed": (
        "Backup cannot be configured for the VM which has migrated from Trusted Launch mode to "
        "non Trusted Launch mode."
    ),
    "UserErrorProtectionQuotaExceeded": (
        "Please create new vault and enable VM protection in new vault."
    ),
    "UserErrorStorageAccountIsLocked": "A lock on the storage account prevents the operation.",
    "UserErrorUnSupportedDistribution": "Unsupported OS version.",
    "UserErrorUnableToOpenMount": "The backup extension could not open a mount point of the VM.",
    "UserErrorVmNotFoundV2": "The virtual machine was deleted or moved while it was protected.",
    "UserErrorVmVaultLocationMismatch": (
        "The virtual machine and the vault are in different regions."
    ),
    "VMAgentStatusCommunicationError": ("VM has not reported status for VM agent or extensions."),
    "VMBackupLinuxExtensionConfFileWrongEncodingFormat": (
        "The encoding of the backup extension's configuration file is wrong."
    ),
    "VMRestorePointInternalError": (
        "Restore Point creation failed due to an internal execution error while creating VM "
        "snapshot."
    ),
    "VmNotInDesirableState": "The VM isn't in a state that allows backups.",
}
