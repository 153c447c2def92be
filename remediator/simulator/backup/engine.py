"""The backup engine. It runs jobs, and the state of the cloud decides how they end."""

from collections.abc import Callable
from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup import causes, points
from remediator.simulator.backup.errors import job_error
from remediator.simulator.backup.state import (
    EXPIRY,
    TAKE_SNAPSHOT,
    TRANSFER,
    VALIDATE,
    VM_SUBSCRIPTION,
    Item,
    Job,
    Policy,
    RecoveryPoint,
    Task,
    Vault,
    VaultOperation,
)
from remediator.simulator.compute.state import Extension, Vm
from remediator.simulator.reply import Json
from remediator.simulator.times import us_style
from remediator.simulator.world import World

ACCEPT_SECONDS = 10.0
"""Seconds until the operation of a trigger names its job."""
BUSY_SECONDS = 1.3
"""Seconds until a job ends that finds another operation of its VM: recorded 1.20 s and 1.37 s."""
CHECK_SECONDS = 30.0
"""Seconds for which a job checks the VM before it takes the snapshot."""
PAUSE_SECONDS = 15.0
"""Seconds between the snapshot and the transfer.

Recorded jobs show Completed/NotStarted for a while.
"""
CANCEL_SECONDS = 30.0
CONFIGURE_SECONDS = 90.0


def trigger(
    world: World,
    item: Item,
    *,
    expiry: datetime | None = None,
    job_late: float = 0.0,
    refused: Json | None = None,
    activity_id: str = "",
) -> VaultOperation:
    """Take an on-demand backup. The operation succeeds as soon as its job exists.

    ``job_late`` keeps the accepted job out of every list for so many seconds. ``refused`` is an
    error: the operation ends with it and makes no job. ``activity_id`` is the client's id of the
    request.
    """
    if causes.attempts_today(world, item) >= causes.ON_DEMAND_PER_DAY:
        # The limit is documented, the code is not: unverified.
        refused = refused or {
            "code": "UserErrorMaxOnDemandBackupsPerDayReached",
            "message": "The number of on-demand backups of this item in a day is used up.",
        }
    if refused:
        return _operation(world, item.vault, ACCEPT_SECONDS, error=refused)
    job = start(world, item, user_triggered=True, expiry=expiry, activity_id=activity_id)
    if job_late:
        job.visible_from = world.now + timedelta(seconds=job_late)
    return _operation(world, item.vault, ACCEPT_SECONDS, job=job)


def _operation(
    world: World, vault: Vault, seconds: float, *, job: Job | None = None, error: Json | None = None
) -> VaultOperation:
    """Start an operation of a vault that ends by itself."""
    operation = VaultOperation(world.new_guid("vault-operation"), vault, world.now)
    world.vault_operations[operation.id] = operation

    def finish() -> None:
        operation.ended = world.now
        operation.status = "Failed" if error else "Succeeded"
        operation.error = error
        operation.job = job.name if job else None

    world.timeline.after(seconds, finish)
    return operation


def configure(
    world: World,
    item: Item,
    kind: str,
    effect: Callable[[], None],
    *,
    policy: Policy | None = None,
    refused: Json | None = None,
    activity_id: str = "",
    against: Callable[[], Json | None] = lambda: None,
) -> VaultOperation:
    """Change an item's protection with a job of this kind. The effect comes at the job's end.

    ``against`` is called at the end. If it returns an error, the job fails without the effect.
    """
    if refused:
        return _operation(world, item.vault, CONFIGURE_SECONDS, error=refused)
    name = next_job_name(world, item.group, item.vm)
    job = Job(name, item.vault, item.vm, item.vm, kind, world.now, activity_id=activity_id)
    job.container, job.vm_id, job.user_triggered = item.native_name, item.vm_id, True
    job.properties = {"VM Name": item.vm}
    if policy is not None:
        job.properties["Policy Name"] = policy.name
    if kind == "DeleteBackupData":
        job.properties["Number of Recovery Points"] = str(len(item.points))
    world.jobs.append(job)

    def finish() -> None:
        if error := against():
            end(world, item, job, "Failed", error)
            return
        effect()
        end(world, item, job, "Completed", None)

    world.timeline.after(CONFIGURE_SECONDS, finish)
    return _operation(world, item.vault, CONFIGURE_SECONDS, job=job)


def discover(world: World, vault: Vault, refused: Json | None) -> VaultOperation:
    """Discover machines that could be protected. New ones are known when the operation ends."""
    vault.discovering_until = world.now + timedelta(seconds=ACCEPT_SECONDS)
    if vault.discovery_fails > 0:
        vault.discovery_fails -= 1
        # The text is documented, the code is not: unverified.
        refused = {
            "code": "CloudInternalError",
            "message": "Microsoft Azure Backup encountered an internal error. Wait for a few "
            "minutes and then try the operation again.",
        }

    def known() -> None:
        for vm in world.vms:
            vm.discovered = True

    if not refused:
        world.timeline.after(ACCEPT_SECONDS, known)
    return _operation(world, vault, ACCEPT_SECONDS, error=refused)


def revoke(world: World, item: Item, effect: Callable[[], None]) -> VaultOperation:
    """End a recovery of files, without a job. The effect comes at the end of the operation."""
    world.timeline.after(ACCEPT_SECONDS, effect)
    return _operation(world, item.vault, ACCEPT_SECONDS)


def start(
    world: World,
    item: Item,
    *,
    user_triggered: bool,
    expiry: datetime | None = None,
    activity_id: str = "",
) -> Job:
    """Start a backup job now. Only an on-demand one tells when its recovery point expires."""
    tasks = {TAKE_SNAPSHOT: Task("InProgress", world.now)}
    if not item.snapshot_only and (user_triggered or item.policy.vaults_at(world.now)):
        # No job of an hourly policy was recorded. Its tasks without a transfer are unverified.
        tasks[TRANSFER] = Task()
        if item.policy.enhanced:
            tasks[VALIDATE] = Task()
    properties = {"VM Name": item.vm}
    if user_triggered:
        properties[EXPIRY] = expiry_text(world.now, expiry)
    if not ids.same(item.subscription, item.vault.subscription):
        properties[VM_SUBSCRIPTION] = item.subscription
    job = Job(
        name=next_job_name(world, item.group, item.vm),
        vault=item.vault,
        machine=item.vm,
        entity=item.vm,
        operation="Backup",
        started=world.now,
        container=item.native_name,
        vm_id=item.vm_id,
        user_triggered=user_triggered,
        tasks=tasks,
        properties=properties,
        activity_id=activity_id,
    )
    world.jobs.append(job)
    check = min(CHECK_SECONDS, item.snapshot_takes / 2)
    world.timeline.after(min(BUSY_SECONDS, check / 2), lambda: _look_around(world, item, job))
    world.timeline.after(check, lambda: _check(world, item, job, check))
    return job


def expiry_text(began: datetime, expiry: datetime | None = None) -> str:
    """Write when an on-demand backup's recovery point expires.

    Every recorded client sent a time. It is unknown what Azure does without one; here it is 30
    days.
    """
    return us_style(expiry or began + timedelta(days=30))


def next_job_name(world: World, group: str, vm: str) -> str:
    """Name the VM's next job by its number."""
    number = 1
    while world.jobs.first("name", name := ids.job_name(group, vm, number)):
        number += 1
    return name


def _look_around(world: World, item: Item, job: Job) -> None:
    error = causes.at_once(world, item, job)
    if error and job.status == "InProgress":
        job.turn(TAKE_SNAPSHOT, "Failed", world.now)
        end(world, item, job, "Failed", error)


def _check(world: World, item: Item, job: Job, passed: float) -> None:
    if job.status != "InProgress":
        return
    if error := causes.before_snapshot(world, item, job):
        job.turn(TAKE_SNAPSHOT, "Failed", world.now)
        end(world, item, job, "Failed", error)
        return
    vm = world.vm(item.vm_id)
    if vm is not None and vm.power == "running" and not item.policy.crash_consistent:
        _install_extension(vm)
    world.timeline.after(item.snapshot_takes - passed, lambda: _snapshot_taken(world, item, job))


def _install_extension(vm: Vm) -> None:
    """Install the snapshot extension in a running VM, or update it."""
    if vm.snapshot_extension is not None:
        vm.snapshot_extension.outdated = False
        return
    kind = "VMSnapshot" if vm.os == "windows" else "VMSnapshotLinux"
    vm.extensions.append(Extension(kind, "Microsoft.Azure.RecoveryServices", kind))


def _snapshot_taken(world: World, item: Item, job: Job) -> None:
    vm = world.vm(item.vm_id)
    if job.status != "InProgress":
        return
    if vm is None:
        job.turn(TAKE_SNAPSHOT, "Failed", world.now)
        end(world, item, job, "Failed", job_error("ResourceNotFound"))
        return
    job.turn(TAKE_SNAPSHOT, "Completed", world.now)
    recovery = points.add(world, item, vm)
    if TRANSFER not in job.tasks:
        end(world, item, job, "Completed", None)
        causes.plan_clean_up(world, item)
        return
    pause = min(PAUSE_SECONDS, item.transfer_takes / 4)

    def transfer() -> None:
        job.turn(TRANSFER, "InProgress", world.now)
        rest = item.transfer_takes - pause
        world.timeline.after(rest, lambda: _transferred(world, item, job, recovery))

    world.timeline.after(pause, transfer)


def _transferred(world: World, item: Item, job: Job, recovery: RecoveryPoint) -> None:
    if error := causes.during_transfer(world, item, job):
        job.turn(TRANSFER, "Failed", world.now)
        end(world, item, job, "Failed", error)
        return
    if recovery.snapshot is None:
        # Somebody deleted the snapshot while it was being copied.
        job.turn(TRANSFER, "Failed", world.now)
        gone = job_error(
            "UserErrorRpCollectionDeleted",
            message="The restore point collection of the machine was deleted during the backup.",
        )
        end(world, item, job, "Failed", gone)
        return
    job.turn(TRANSFER, "Completed", world.now)
    if VALIDATE in job.tasks:
        job.turn(VALIDATE, "Completed", world.now)
    recovery.vaulted = True
    end(world, item, job, "Completed", None)
    causes.plan_clean_up(world, item)


def end(world: World, item: Item | None, job: Job, status: str, error: Json | None) -> None:
    """End a job and tell the result to the protected item."""
    job.status = status
    job.ended = world.now
    for task in job.tasks.values():
        task.turn(task.status, world.now)
    if error:
        job.errors.append(error)
    if job.operation == "Backup" and status.startswith("Completed"):
        # Recorded for completed jobs, also with warnings; never for running or cancelled ones.
        job.properties.setdefault("Backup Size", "0 MB" if error else "1024 MB")
    if item is not None and job.operation == "Backup" and status != "Cancelled":
        # It was never recorded what an item shows after a cancelled backup. Here it does not
        # change.
        item.last_status = status
        item.last_time = job.started
        item.last_error = error
        if status == "Completed" and item.state in {"IRPending", "ProtectionError"}:
            item.state = "Protected"


def item_of(world: World, job: Job) -> Item | None:
    """Return the protected item of a job."""
    items = world.items_of(job.vm_id) if job.vm_id else []
    return next((item for item in items if item.vault is job.vault), None)


def cancel(world: World, job: Job, refused: Json | None) -> VaultOperation:
    """Cancel a job that is still taking its snapshot. If that fails, the job goes on."""
    if refused:
        return _operation(world, job.vault, CANCEL_SECONDS, error=refused)
    job.status = "Cancelling"
    for task in job.tasks.values():
        task.turn("Cancelling", world.now)

    def finish() -> None:
        for task in job.tasks.values():
            task.turn("Cancelled", world.now)
        end(world, item_of(world, job), job, "Cancelled", None)

    world.timeline.after(CANCEL_SECONDS, finish)
    return _operation(world, job.vault, CANCEL_SECONDS, job=job)
