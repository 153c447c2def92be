"""The changing side of the backup service, and the operations that it starts."""

from datetime import datetime

from remediator.simulator.backup import engine, job_wire
from remediator.simulator.backup.accepted import (
    RETRY_AFTER,
    STATUS_VERSION,
    accepted,
    invalid,
    item_accepted,
    refused,
)
from remediator.simulator.backup.forms import form_of
from remediator.simulator.backup.lookup import free_item_of, item_of, job_of, operation_of, point_of
from remediator.simulator.backup.routes import ITEM, READ, VAULT
from remediator.simulator.backup.state import TAKE_SNAPSHOT, Job
from remediator.simulator.compute import cures
from remediator.simulator.reply import ArmError, Reply
from remediator.simulator.routing import Call, Route


def _trigger(call: Call) -> Reply:
    item = free_item_of(call)
    properties = (call.body or {}).get("properties") or {}
    if properties.get("objectType") != "IaasVMBackupRequest":
        raise invalid("The request is not a backup request for a virtual machine.")
    expiry = None
    if text := properties.get("recoveryPointExpiryTimeInUTC"):
        try:
            expiry = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise invalid("recoveryPointExpiryTimeInUTC is not a time.") from error
    late = call.fault("job-late")
    operation = engine.trigger(
        call.world,
        item,
        expiry=expiry,
        job_late=late.seconds if late else 0.0,
        refused=refused(call),
        activity_id=call.request_id,
    )
    return item_accepted(call, operation)


def _revoke(call: Call) -> Reply:
    """End a recovery of files: the disks that were mounted from the point are detached."""
    item = item_of(call)
    point = point_of(call, item)

    def effect() -> None:
        point.mounted = False
        vm = call.world.vm(item.vm_id)
        if vm is not None:
            cures.treat(call.world, vm, "revoke")

    return item_accepted(call, engine.revoke(call.world, item, effect))


def _status(call: Call) -> Reply:
    return Reply(200, job_wire.operation(operation_of(call)))


def _result(call: Call) -> Reply:
    operation = operation_of(call)
    if operation.status == "InProgress":
        here = call.link(call.path)
        return Reply(202, headers={"Location": here}, retry_after=RETRY_AFTER)
    if operation.error:
        raise ArmError(
            400, operation.error["code"], operation.error["message"], envelope="recovery"
        )
    if "/backupFabrics/Azure/operationResults/" in call.path:
        return Reply(204)
    # The empty 204 for an item, a container or a job still has a content type (recorded).
    return Reply(204, headers={"Content-Type": "application/json; charset=utf-8"})


def _cancel(call: Call) -> Reply:
    """Cancel a job. That is documented as possible only while the snapshot is being taken.

    The texts of the refusals are documented; their status and codes are unverified.
    """
    job = job_of(call)
    if refusal := _why_not_cancel(job):
        code, message = refusal
        raise ArmError(400, code, message, envelope="recovery")
    operation = engine.cancel(call.world, job, refused(call))
    vault = form_of(call).vault
    mine = f"{vault}/backupJobs/{job.name}"
    results = f"{mine}/operationResults"
    if not form_of(call).new:
        return accepted(call, operation, f"{vault}/backupOperations", results)
    return accepted(
        call, operation, f"{mine}/operationsStatus", results, polled_with=STATUS_VERSION
    )


_NOT_THIS_TYPE = (
    "Cancellation is not supported for this job type - Please wait until the job completes."
)
_NOT_IN_PROGRESS = (
    "Backup can't cancel the job because it isn't in progress: Cancellation is supported only "
    "for jobs in progress."
)
_NOT_NOW = "The job is not in a cancelable state - Please wait for the job to complete."


def _why_not_cancel(job: Job) -> tuple[str, str] | None:
    if job.operation not in {"Backup", "Restore"} or job.type == "AzureWorkloadJob":
        return "UserErrorCancelNotSupportedForJobType", _NOT_THIS_TYPE
    if job.status != "InProgress":
        return "UserErrorJobNotInProgress", _NOT_IN_PROGRESS
    snapshot = job.tasks.get(TAKE_SNAPSHOT)
    if snapshot is None or snapshot.status != "InProgress":
        return "UserErrorJobNotInCancelableState", _NOT_NOW
    return None


_ITEMS = f"{READ}/backupFabrics/protectionContainers/protectedItems"

ROUTES = [
    Route("POST", f"{ITEM}/backup", f"{_ITEMS}/backup/action", _trigger),
    Route(
        "POST",
        ITEM + "/recoveryPoints/{point}/revokeInstantItemRecovery",
        f"{_ITEMS}/recoveryPoints/revokeInstantItemRecovery/action",
        _revoke,
    ),
    Route(
        "GET",
        ITEM + "/operationsStatus/{operation}",
        f"{_ITEMS}/operationsStatus/read",
        _status,
    ),
    Route(
        "GET",
        ITEM + "/operationResults/{operation}",
        f"{_ITEMS}/operationResults/read",
        _result,
    ),
    Route("GET", VAULT + "/backupOperations/{operation}", f"{READ}/backupOperations/read", _status),
    Route(
        "GET",
        VAULT + "/backupOperationResults/{operation}",
        f"{READ}/backupOperationResults/read",
        _result,
    ),
    Route(
        "GET",
        VAULT + "/backupFabrics/Azure/operationResults/{operation}",
        f"{READ}/backupFabrics/operationResults/read",
        _result,
    ),
    Route(
        "GET",
        VAULT + "/backupFabrics/Azure/operationsStatus/{operation}",
        f"{READ}/backupFabrics/operationsStatus/read",
        _status,
        polling=True,
    ),
    Route("POST", VAULT + "/backupJobs/{job}/cancel", f"{READ}/backupJobs/cancel/action", _cancel),
    Route(
        "GET",
        VAULT + "/backupJobs/{job}/operationsStatus/{operation}",
        f"{READ}/backupJobs/operationsStatus/read",
        _status,
        polling=True,
    ),
    Route(
        "GET",
        VAULT + "/backupJobs/{job}/operationResults/{operation}",
        f"{READ}/backupJobs/operationResults/read",
        _result,
    ),
]
