"""Jobs that a scenario tells instead of letting the engine run them."""

from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup import engine
from remediator.simulator.backup.errors import job_error
from remediator.simulator.backup.state import TAKE_SNAPSHOT, TRANSFER, Item, Job, Vault
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
    """Put a job into the past, or let one that still runs end in the future."""
    began = part.at.at(now)
    workload = part.type == "AzureWorkloadJob"
    native = f"iaasvmcontainerv2;{vm.group.lower()};{vm.name.lower()}"
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
        tasks=_tasks(part),
        dynamic_message=part.dynamic_message,
        properties=({} if workload else {"VM Name": vm.name}) | part.property_bag,
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
            job.tasks = dict.fromkeys(job.tasks, "Completed")
        status = "Completed" if part.status == "InProgress" else part.status
        engine.end(world, concerned, job, status, error)

    if part.status != "InProgress" or part.ends:
        world.timeline.at(ended, end)


def _tasks(part: HistoryPart) -> dict[str, str]:
    if part.tasks:
        return dict(part.tasks)
    if part.operation != "Backup":
        return {}
    if part.type == "AzureWorkloadJob":
        return {"Transfer data to vault": "Failed" if part.status == "Failed" else "Completed"}
    outcome = {"Failed": "Failed", "Cancelled": "Cancelled", "InProgress": "InProgress"}
    reached = outcome.get(part.status, "Completed")
    if reached == "Completed":
        return {TAKE_SNAPSHOT: "Completed", TRANSFER: "Completed"}
    if part.phase == "snapshot":
        return {TAKE_SNAPSHOT: reached, TRANSFER: "NotStarted"}
    return {TAKE_SNAPSHOT: "Completed", TRANSFER: reached}
