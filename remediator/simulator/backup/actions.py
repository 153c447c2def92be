"""The changing side of the backup service, and the operations it starts."""

from datetime import datetime

from remediator.simulator.backup import engine, wire
from remediator.simulator.backup.lookup import item_of, job_of, operation_of
from remediator.simulator.backup.routes import ITEM, READ, VAULT
from remediator.simulator.backup.state import (
    TAKE_SNAPSHOT,
    Item,
    Job,
    VaultOperation,
)
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route

_RETRY_AFTER = 60.0
"""Documented for every 202 of the backup service."""


def _accepted(call: Call, operation: VaultOperation, status: str, result: str) -> Reply:
    """Answer 202 with both links; ids in them hold raw semicolons."""
    return Reply(
        202,
        headers={
            "Azure-AsyncOperation": call.link(f"{status}/{operation.id}"),
            "Location": call.link(f"{result}/{operation.id}"),
        },
        retry_after=_RETRY_AFTER,
    )


def _item_accepted(call: Call, item: Item, operation: VaultOperation) -> Reply:
    return _accepted(
        call, operation, f"{item.backup_id}/operationsStatus", f"{item.backup_id}/operationResults"
    )


def _refused(call: Call) -> Json | None:
    """Return the error of an operation that a fault lets fail."""
    fault = call.fault("lro-fails")
    if fault is None:
        return None
    return {
        "code": fault.code or "CloudInternalError",
        "message": fault.message or "Microsoft Azure Backup encountered an internal error.",
    }


def _trigger(call: Call) -> Reply:
    item = item_of(call)
    properties = (call.body or {}).get("properties") or {}
    if properties.get("objectType") != "IaasVMBackupRequest":
        raise _invalid("The request is not a backup request for a virtual machine.")
    expiry = None
    if text := properties.get("recoveryPointExpiryTimeInUTC"):
        try:
            expiry = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise _invalid("recoveryPointExpiryTimeInUTC is not a time.") from error
    late = call.fault("job-late")
    operation = engine.trigger(
        call.world,
        item,
        expiry=expiry,
        job_late=late.seconds if late else 0.0,
        refused=_refused(call),
    )
    return _item_accepted(call, item, operation)


def _put_item(call: Call) -> Reply:
    """Stop a protection and keep its data, or resume it with a policy."""
    item = item_of(call)
    properties = (call.body or {}).get("properties") or {}
    if properties.get("protectedItemType") != "Microsoft.Compute/virtualMachines":
        raise _invalid("The type of the protected item is not valid.")
    name = str(properties.get("policyId") or "").rpartition("/")[2]
    policy = item.vault.policy(name) if name else None
    if name and policy is None:
        raise _invalid("The policy does not exist.")
    operation = engine.configure(call.world, item, policy, refused=_refused(call))
    return _item_accepted(call, item, operation)


def _invalid(message: str) -> ArmError:
    # The code is unverified.
    return ArmError(400, "BMSUserErrorInvalidInput", message, envelope="recovery")


def _status(call: Call) -> Reply:
    return Reply(200, wire.operation(operation_of(call)))


def _result(call: Call) -> Reply:
    operation = operation_of(call)
    if operation.status == "InProgress":
        here = call.link(call.path)
        return Reply(202, headers={"Location": here}, retry_after=_RETRY_AFTER)
    if operation.error:
        raise ArmError(
            400, operation.error["code"], operation.error["message"], envelope="recovery"
        )
    return Reply(204)


def _cancel(call: Call) -> Reply:
    """Cancel a job: documented as possible only while the snapshot is being taken.

    The refusals' texts are documented, their status and codes are unverified.
    """
    job = job_of(call)
    if refusal := _why_not_cancel(job):
        code, message = refusal
        raise ArmError(400, code, message, envelope="recovery")
    operation = engine.cancel(call.world, job)
    vault = job.vault.backup_id
    return _accepted(
        call, operation, f"{vault}/backupOperations", f"{job.backup_id}/operationResults"
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
    if job.tasks.get(TAKE_SNAPSHOT) != "InProgress":
        return "UserErrorJobNotInCancelableState", _NOT_NOW
    return None


_ITEMS = f"{READ}/backupFabrics/protectionContainers/protectedItems"

ROUTES = [
    Route("POST", f"{ITEM}/backup", f"{_ITEMS}/backup/action", _trigger),
    Route("PUT", ITEM, f"{_ITEMS}/write", _put_item),
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
    Route("POST", VAULT + "/backupJobs/{job}/cancel", f"{READ}/backupJobs/cancel/action", _cancel),
    Route(
        "GET",
        VAULT + "/backupJobs/{job}/operationResults/{operation}",
        f"{READ}/backupJobs/operationResults/read",
        _result,
    ),
]
