"""The errors jobs end with: ``errorTitle`` carries the code, ``errorCode`` is a number.

Only 320001 is a number seen in recorded traffic (a job that ended CompletedWithWarnings); 400094
and 380008 are documented. The other numbers are the simulator's own; the codes and the first
sentences are the documented ones.
"""

from remediator.simulator.backup.texts import TEXTS
from remediator.simulator.reply import Json

_CATALOGUE: dict[str, tuple[int, str, str]] = {
    "ResourceNotFound": (
        320001,
        "Could not perform the operation as VM no longer exists.",
        "If the machine is gone for good, stop its protection and keep the data.",
    ),
    "UserErrorBackupOperationInProgress": (
        400501,
        "Unable to initiate backup as another backup operation is currently in progress.",
        "Let the running operation end, then try again.",
    ),
    "UserErrorBcmDatasourceNotPresent": (
        400502,
        "Backup failed: This virtual machine is not (actively) protected by Azure Backup.",
        "Resume the protection of the machine, then try again.",
    ),
    "UserErrorVmProvisioningStateFailed": (
        400503,
        "The VM is in failed provisioning state.",
        "Bring the machine back to a succeeded provisioning state, then try again.",
    ),
    "UserErrorGuestAgentStatusUnavailable": (
        400504,
        "VM Agent unable to communicate with Azure Backup.",
        "Make sure that the agent in the machine runs and is reported as ready.",
    ),
    "ExtensionStuckInDeletionState": (
        400505,
        "Extension state is not supportive to the backup operation.",
        "Remove the snapshot extension; the next backup installs it again.",
    ),
    "UserErrorRpCollectionLimitReached": (
        400506,
        "The Restore Point collection max limit has reached.",
        "Check for locks that keep old restore points from being cleaned up.",
    ),
    "CopyingVHDsFromBackUpVaultTakingLongTime": (
        400507,
        "Copying backed up data from vault timed out.",
        "Storage may have been busy for a while; try again.",
    ),
    "BackUpOperationFailed": (
        400508,
        "Backup failed with an internal error - Please retry the operation in a few minutes.",
        "Try again in a few minutes.",
    ),
    "BackUpOperationFailedV2": (
        400509,
        "Backup failed with an internal error - Please retry the operation in a few minutes.",
        "Try again in a few minutes.",
    ),
    "AzureVmOffline": (
        380008,
        (
            "Failed to install Microsoft Recovery Services extension as virtual machine is not "
            "running."
        ),
        "Start the machine, then try again.",
    ),
    "UserErrorVmNotInDesirableState": (
        400511,
        "VM is not in a state that allows backups.",
        "Let the machine come to rest, running or stopped, then try again.",
    ),
    "UserErrorResourceIsInLockedState": (
        400512,
        "Backup failed due to a lock on virtual machine.",
        "Remove the lock, then try again.",
    ),
    "UserErrorRpCollectionMarkedForDeletion": (
        400513,
        "Operation failed as the RP Collection is marked for deletion.",
        "Let the deletion end, then try again.",
    ),
    "UserErrorRequestDisallowedByPolicy": (
        400514,
        "An invalid policy is configured on the VM which is preventing Snapshot operation.",
        "Change the policy, or make the resource group as the policy wants it.",
    ),
    "UserErrorKeyvaultPermissionsNotConfigured": (
        400515,
        (
            "Azure Backup Service does not have sufficient permissions to Key Vault for Backup of "
            "Encrypted Virtual Machines."
        ),
        "Give the Backup Management Service access to the key vault.",
    ),
    "UserErrorUnsupportedDiskSize": (
        400516,
        "The configured disk size(s) is currently not supported by Azure Backup.",
        "Split the disk, or exclude it from the backup.",
    ),
    "UserErrorBCMUnsupportedDiskCount": (
        400517,
        "Number of data disks attached to the virtual machine exceeded the supported limit.",
        "Detach data disks, or exclude some from the backup.",
    ),
    "UserErrorSharedDiskBackupNotSupported": (
        400518,
        "Backup of shared disks is not supported.",
        "Exclude the shared disk from the backup.",
    ),
    "UserErrorRpCollectionDeleted": (
        400519,
        "The Restore Point collection has been deleted by the user.",
        "Try again, and do not delete the collection meanwhile.",
    ),
    "UserErrorJobSuccessfullyCancelled": (
        400510,
        "The job was cancelled by the user.",
        "Start the backup again when it suits.",
    ),
}


_NUMBERS = {"BCMV2VMNotFound": 400094} | {
    code: number for number, code in enumerate(TEXTS, 400700) if code != "BCMV2VMNotFound"
}


def _known(code: str | None) -> tuple[int, str, str]:
    """Return the number, the text and the advice that go with a code."""
    if code is None:
        return 400599, "The operation failed.", ""
    plain = TEXTS.get(code, f"The operation failed with {code}.")
    return _CATALOGUE.get(code, (_NUMBERS.get(code, 400599), plain, ""))


def job_error(
    code: str | None,
    *,
    number: int | None = None,
    message: str | None = None,
    recommendations: list[str] | None = None,
) -> Json:
    """Build one entry of ``errorDetails``; one without a code has no title."""
    usual, text, advice = _known(code)
    error: Json = {
        "errorCode": usual if number is None else number,
        "errorTitle": code,
        "errorString": text if message is None else message,
        "recommendations": [advice] if advice else [],
    }
    if recommendations is not None:
        error["recommendations"] = recommendations
    if code is None:
        del error["errorTitle"]
    return error
