"""Jobs and operations of the backup service, as recorded from 2017 to 2026."""

from datetime import datetime, timedelta

from remediator.simulator.backup.forms import Form
from remediator.simulator.backup.state import TRANSFER, VALIDATE, Job, Task, VaultOperation
from remediator.simulator.reply import Json
from remediator.simulator.times import NO_END_YET, iso_duration, seven_decimals

_PROGRESS = 1.0
"""The only percentage that was recorded. It is not known how it grows."""


def job(job: Job, now: datetime, form: Form, *, details: bool) -> Json:
    """Build a job. Rows of a list have the errors too, but no tasks."""
    workload = job.type == "AzureWorkloadJob"
    properties: Json = {"jobType": job.type}
    if job.operation.startswith(("Backup", "Restore")):
        # Sent for ended jobs too, but never for a ConfigureBackup or DeleteBackupData.
        properties["actionsInfo"] = form.cancellable
    bare = not workload and form.bare_restores(job.operation)
    if job.container and not bare:
        properties["containerName"] = job.container
    properties["duration"] = iso_duration((job.ended or now) - job.started)
    if job.errors:
        properties["errorDetails"] = job.errors
    if workload:
        properties["workloadType"] = "SQLDataBase"
    else:
        properties["virtualMachineVersion"] = "Compute"
    if details:
        properties["extendedInfo"] = _extended(job, now, form)
    properties |= {
        "entityFriendlyName": job.entity,
        "backupManagementType": "AzureWorkload" if workload else "AzureIaasVM",
        "operation": job.operation,
        "status": job.status,
        "startTime": seven_decimals(job.started),
    }
    if job.ended:
        properties["endTime"] = seven_decimals(job.ended)
    properties["activityId"] = job.activity_id
    if workload and form.tells_who_triggered:
        properties["isUserTriggered"] = job.user_triggered
    return {
        "id": f"{form.vault}/backupJobs/{job.name}",
        "name": job.name,
        "type": "Microsoft.RecoveryServices/vaults/backupJobs",
        "properties": properties,
    }


def _extended(job: Job, now: datetime, form: Form) -> Json:
    workload = job.type == "AzureWorkloadJob"
    tasks = [
        _task(name, task, now, form, workload=workload)
        for name, task in job.tasks.items()
        if name != VALIDATE or form.new
    ]
    extended: Json = {"tasksList": tasks, "propertyBag": dict(job.properties)}
    if job.operation == "Backup" and not workload:
        extended["internalPropertyBag"] = {"IsInstantRpJob": str(job.instant)}
    transfer = job.tasks.get(TRANSFER)
    if form.new and VALIDATE in job.tasks and transfer and transfer.status == "InProgress":
        extended["progressPercentage"] = _PROGRESS
    if not workload and form.bare_restores(job.operation):
        extended["propertyBag"].pop("VM Name", None)
        if job.status == "InProgress":
            extended["dynamicErrorMessage"] = ""
    if job.dynamic_message:
        extended["dynamicErrorMessage"] = job.dynamic_message
    return extended


def _task(name: str, task: Task, now: datetime, form: Form, *, workload: bool) -> Json:
    if workload:
        return {"taskId": name, "status": task.status}
    if not form.new:
        return {"taskId": name, "duration": "PT0S", "status": task.status}
    ran = (task.ended or now) - task.started if task.started else timedelta()
    return {
        "taskId": name,
        "startTime": seven_decimals(task.started) if task.started else NO_END_YET,
        "endTime": seven_decimals(task.ended) if task.ended else NO_END_YET,
        "duration": iso_duration(ran),
        "status": task.status,
        "taskType": "Normal",
    }


def operation(operation: VaultOperation) -> Json:
    """Build the status of an operation. Succeeded only means that the job was created."""
    body: Json = {
        "id": operation.id,
        "name": operation.id,
        "status": operation.status,
        "startTime": seven_decimals(operation.started),
        "endTime": seven_decimals(operation.ended) if operation.ended else NO_END_YET,
    }
    if operation.error:
        body["error"] = operation.error
    if operation.job:
        body["properties"] = {
            "objectType": "OperationStatusJobExtendedInfo",
            "jobId": operation.job,
        }
    return body
