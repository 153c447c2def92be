"""Jobs that a scenario describes, so that the engine does not run them."""

from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup import engine
from remediator.simulator.backup.errors import job_error
from remediator.simulator.backup.state import (
    EXPIRY,
    TAKE_SNAPSHOT,
    TRANSFER,
    VALIDATE,
    VM_SUBSCRIPTION,
    Item,
    Job,
    Task,
    Vault,
    native_of,
)
from remediator.simulator.scenario.vm_parts import HistoryPart, VmPart
from remediator.simulator.world import World


def tell(
    world: World,
    vm: VmPart,
    part: HistoryPart,
    vault: Vault,
    subscription: str,
    now: datetime,
    item: Item | None,
) -> None:
    """Put a job into the past. A job that still runs may end in the future."""
    began = part.at.at(now)
    workload = part.type == "AzureWorkloadJob"
    native = native_of(vault, subscription, vm.group, vm.name)
    vm_id = ids.resource_id(subscription, vm.group, "Microsoft.Compute/virtualMachines", vm.name)
    job = Job(
        name=engine.next_job_name(world, vm.group, vm.name),
        vault=vault,
        machine=vm.name,
        entity=part.entity or vm.name,
        operation=part.operation,
        started=began,
        type=part.type,
        container=None if workload else native,
        vm_id=None if workload else vm_id,
        user_triggered=part.user_triggered,
        tasks={name: _told(status, began, part) for name, status in _tasks(part, item).items()},
        dynamic_message=part.dynamic_message,
        properties=_properties(vm, part, vault, subscription, began) | part.property_bag,
        activity_id=part.activity_id,
    )
    world.jobs.append(job)
    concerned = item if item is not None and item.vault is vault and not workload else None
    error = None
    if part.code is not None or part.message is not None or part.number is not None:
        error = job_error(
            part.code,
            number=part.number,
            message=part.message,
            recommendations=part.recommendations,
        )
    ended = part.ends.at(now) if part.ends else began + timedelta(seconds=part.took)

    def end() -> None:
        if part.status == "InProgress":
            if not job.running:
                return
            for task in job.tasks.values():
                task.turn("Completed", world.now)
        status = "Completed" if part.status == "InProgress" else part.status
        engine.end(world, concerned, job, status, error)

    if part.status != "InProgress" or part.ends:
        world.timeline.at(ended, end)


def _properties(
    vm: VmPart, part: HistoryPart, vault: Vault, subscription: str, began: datetime
) -> dict[str, str]:
    """Build the property bag that every job of this kind has."""
    if part.type == "AzureWorkloadJob":
        return {}
    properties = {"VM Name": vm.name}
    if part.operation == "Backup" and part.user_triggered:
        properties[EXPIRY] = engine.expiry_text(began)
    if part.operation == "Backup" and not ids.same(subscription, vault.subscription):
        properties[VM_SUBSCRIPTION] = subscription
    if part.operation == "ConfigureBackup":
        wanted = vm.protection.policy if vm.protection else None
        default = vault.policies[0].name if vault.policies else ""
        properties["Policy Name"] = wanted or default
    return properties


def _told(status: str, began: datetime, part: HistoryPart) -> Task:
    """Build a task. If the job still runs, a completed task was done at the job's beginning."""
    if status == "NotStarted":
        return Task()
    done = status == "Completed" and part.status == "InProgress"
    return Task(status, began, began if done else None)


def _tasks(part: HistoryPart, item: Item | None) -> dict[str, str]:
    if part.tasks:
        return dict(part.tasks)
    if part.operation != "Backup":
        return {}
    if part.type == "AzureWorkloadJob":
        return {"Transfer data to vault": "Failed" if part.status == "Failed" else "Completed"}
    outcome = {"Failed": "Failed", "Cancelled": "Cancelled", "InProgress": "InProgress"}
    reached = outcome.get(part.status, "Completed")
    after = {VALIDATE: "NotStarted"} if item is not None and item.policy.enhanced else {}
    if part.status == "CompletedWithWarnings" and part.code is not None:
        # Recorded: the snapshot was taken, but the copy to the vault failed.
        return {TAKE_SNAPSHOT: "Completed", TRANSFER: "Failed"} | after
    if reached == "Completed":
        return {TAKE_SNAPSHOT: reached, TRANSFER: reached} | dict.fromkeys(after, reached)
    if part.phase == "snapshot":
        return {TAKE_SNAPSHOT: reached, TRANSFER: "NotStarted"} | after
    return {TAKE_SNAPSHOT: "Completed", TRANSFER: reached} | after
