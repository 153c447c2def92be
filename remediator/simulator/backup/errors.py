"""The errors of jobs: ``errorTitle`` carries the code, ``errorCode`` is a number.

Numbers and sentences are recorded ones if a recording has them; two more numbers are documented.
The other numbers are the simulator's own and begin at 990000, so that nobody takes them for
Azure's. Their codes and sentences are documented.
"""

from remediator.simulator.backup.recorded_errors import RECORDED
from remediator.simulator.backup.texts import TEXTS
from remediator.simulator.reply import Json

_CATALOGUE: dict[str, tuple[str, str]] = {
    "ResourceNotFound": (
        "Could not perform the operation as VM no longer exists.",
        "If the machine is gone for good, stop its protection and keep the data.",
    ),
    "UserErrorBackupOperationInProgress": (
        "Unable to initiate backup as another backup operation is currently in progress.",
        "Let the running operation end, then try again.",
    ),
    "UserErrorBcmDatasourceNotPresent": (
        "Backup failed: This virtual machine is not (actively) protected by Azure Backup.",
        "Resume the protection of the machine, then try again.",
    ),
    "UserErrorVmProvisioningStateFailed": (
        "The VM is in failed provisioning state.",
        "Bring the machine back to a succeeded provisioning state, then try again.",
    ),
    "UserErrorGuestAgentStatusUnavailable": (
        "VM Agent unable to communicate with Azure Backup.",
        "Make sure that the agent in the machine runs and is reported as ready.",
    ),
    "ExtensionStuckInDeletionState": (
        "Extension state is not supportive to the backup operation.",
        "Remove the snapshot extension; the next backup installs it again.",
    ),
    "UserErrorRpCollectionLimitReached": (
        "The Restore Point collection max limit has reached.",
        "Check for locks that keep old restore points from being cleaned up.",
    ),
    "CopyingVHDsFromBackUpVaultTakingLongTime": (
        "Copying backed up data from vault timed out.",
        "Storage may have been busy for a while; try again.",
    ),
    "BackUpOperationFailed": (
        "Backup failed with an internal error - Please retry the operation in a few minutes.",
        "Try again in a few minutes.",
    ),
    "BackUpOperationFailedV2": (
        "Backup failed with an internal error - Please retry the operation in a few minutes.",
        "Try again in a few minutes.",
    ),
    "AzureVmOffline": (
        (
            "Failed to install Microsoft Recovery Services extension as virtual machine is not "
            "running."
        ),
        "Start the machine, then try again.",
    ),
    "UserErrorVmNotInDesirableState": (
        "VM is not in a state that allows backups.",
        "Let the machine come to rest, running or stopped, then try again.",
    ),
    "UserErrorResourceIsInLockedState": (
        "Backup failed due to a lock on virtual machine.",
        "Remove the lock, then try again.",
    ),
    "UserErrorRpCollectionMarkedForDeletion": (
        "Operation failed as the RP Collection is marked for deletion.",
        "Let the deletion end, then try again.",
    ),
    "UserErrorRequestDisallowedByPolicy": (
        "An invalid policy is configured on the VM which is preventing Snapshot operation.",
        "Change the policy, or make the resource group as the policy wants it.",
    ),
    "UserErrorKeyVaultPermissionsNotConfigured": (
        (
            "Azure Backup Service does not have sufficient permissions to Key Vault for Backup of "
            "Encrypted Virtual Machines."
        ),
        "Give the Backup Management Service access to the key vault.",
    ),
    "UserErrorUnsupportedDiskSize": (
        "The configured disk size(s) is currently not supported by Azure Backup.",
        "Split the disk, or exclude it from the backup.",
    ),
    "UserErrorBCMUnsupportedDiskCount": (
        "Number of data disks attached to the virtual machine exceeded the supported limit.",
        "Detach data disks, or exclude some from the backup.",
    ),
    "UserErrorSharedDiskBackupNotSupported": (
        "Backup of shared disks is not supported.",
        "Exclude the shared disk from the backup.",
    ),
    "UserErrorRpCollectionDeleted": (
        "The Restore Point collection has been deleted by the user.",
        "Try again, and do not delete the collection meanwhile.",
    ),
    "UserErrorJobSuccessfullyCancelled": (
        "The job was cancelled by the user.",
        "Start the backup again when it suits.",
    ),
    "VMCreationTimeOutStorageErrorV2": ("", "Try again after some time."),
    "DiffCopyFailedToTransferData": ("", "Try again after some time."),
}
"""For each code: the documented first sentence and advice. A recorded sentence is preferred."""

_DOCUMENTED = {"AzureVmOffline": 380008, "BCMV2VMNotFound": 400094}
_OWN = 990000

_NUMBERS = (
    {code: _OWN + place for place, code in enumerate([*_CATALOGUE, *TEXTS], 1)}
    | _DOCUMENTED
    | {code: number for code, (number, _) in RECORDED.items()}
)
_BY_LOWER_CASE = {code.lower(): number for code, number in _NUMBERS.items()}


def _known(code: str | None) -> tuple[int, str, str]:
    """Return the number, the sentence and the advice of a code.

    The number is found in any casing of the code.
    """
    if code is None:
        return _OWN, "The operation failed.", ""
    number = _BY_LOWER_CASE.get(code.lower(), _OWN)
    text, advice = _CATALOGUE.get(code, ("", ""))
    if code in RECORDED:
        text = RECORDED[code][1]
    return number, text or TEXTS.get(code, f"The operation failed with {code}."), advice


def job_error(
    code: str | None,
    *,
    number: int | None = None,
    message: str | None = None,
    recommendations: list[str] | None = None,
) -> Json:
    """Build one entry of ``errorDetails``. Without a code it has no title."""
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
