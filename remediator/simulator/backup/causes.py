"""Why a backup fails. Each cause asks a question about the state of the cloud."""

from collections.abc import Callable

from remediator.simulator import ids
from remediator.simulator.backup import disks, points
from remediator.simulator.backup.errors import job_error
from remediator.simulator.backup.state import Item, Job
from remediator.simulator.keyvault.access import may_back_up_keys
from remediator.simulator.reply import Json
from remediator.simulator.resources import policies
from remediator.simulator.world import World

Cause = Callable[[World, Item, Job], str | None]

ON_DEMAND_PER_DAY = 9
"""Documented: a VM may have nine on-demand attempts in a UTC day."""


def _another_operation(world: World, item: Item, job: Job) -> str | None:
    """Check the jobs of every vault: a job in an old vault counts too. The earlier job wins."""
    jobs = world.jobs_of(item.vm_id)
    own = jobs.index(job)
    for number, other in enumerate(jobs):
        if (
            other.running
            and (other.started, number) < (job.started, own)
            and other.operation in {"Backup", "Restore"}
        ):
            return "UserErrorBackupOperationInProgress"
    return None


def _vm_gone(world: World, item: Item, _job: Job) -> str | None:
    return "ResourceNotFound" if world.vm(item.vm_id) is None else None


def _not_protected(_world: World, item: Item, _job: Job) -> str | None:
    stopped = item.state in {"ProtectionStopped", "ProtectionPaused", "BackupsSuspended"}
    return "UserErrorBcmDatasourceNotPresent" if stopped else None


def _under_way(world: World, item: Item, _job: Job) -> str | None:
    vm = world.vm(item.vm_id)
    return "UserErrorVmNotInDesirableState" if vm and vm.under_way else None


def _provisioning_failed(world: World, item: Item, _job: Job) -> str | None:
    vm = world.vm(item.vm_id)
    return "UserErrorVmProvisioningStateFailed" if vm and not vm.provisioning.well else None


def _agent_silent(world: World, item: Item, _job: Job) -> str | None:
    """Check the agent of a running VM. A VM that is off is backed up crash consistent."""
    vm = world.vm(item.vm_id)
    silent = vm is not None and vm.power == "running" and not vm.agent_answers
    return "UserErrorGuestAgentStatusUnavailable" if silent else None


def _extension_stuck(world: World, item: Item, _job: Job) -> str | None:
    vm = world.vm(item.vm_id)
    if vm is None or vm.power != "running" or vm.snapshot_extension is None:
        return None
    stuck = vm.snapshot_extension.state in {"Deleting", "Failed"}
    return "ExtensionStuckInDeletionState" if stuck else None


def _offline(world: World, item: Item, _job: Job) -> str | None:
    """Check a VM that is off: the first backup must install the extension, later ones need not."""
    vm = world.vm(item.vm_id)
    off = vm is not None and vm.power != "running" and vm.snapshot_extension is None
    return "AzureVmOffline" if off and item.last_point is None else None


def _locked(world: World, item: Item, _job: Job) -> str | None:
    """Check for ReadOnly locks if the extension must be installed or updated."""
    vm = world.vm(item.vm_id)
    if vm is None or vm.power != "running":
        return None
    extension = vm.snapshot_extension
    changes = extension is None or extension.outdated
    held = changes and world.locks.holding(vm.arm_id, "write", world.now)
    return "UserErrorResourceIsInLockedState" if held else None


def _storage_locked(world: World, item: Item, _job: Job) -> str | None:
    """Check for locks on the storage account that holds a VM's disks."""
    vm = world.vm(item.vm_id)
    if vm is None or vm.unmanaged_in is None:
        return None
    locked = world.locks.holding(vm.unmanaged_in, "delete", world.now)
    return "UserErrorStorageAccountIsLocked" if locked else None


def _disks(world: World, item: Item, _job: Job) -> str | None:
    vm = world.vm(item.vm_id)
    return disks.unsupported(world, item, vm) if vm is not None else None


def _keys_out_of_reach(world: World, item: Item, _job: Job) -> str | None:
    """Check whether the service can read the keys of an encrypted VM."""
    vm = world.vm(item.vm_id)
    if vm is None or vm.encryption is None or may_back_up_keys(world, vm.encryption):
        return None
    return "UserErrorKeyVaultPermissionsNotConfigured"


def _collection_deleting(world: World, item: Item, _job: Job) -> str | None:
    """Check the collection that will get the new restore point."""
    group = points.group_of_new(item)
    marked = any(
        each.deleting and ids.same(each.group, group)
        for each in points.own_collections(world, item)
    )
    return "UserErrorRpCollectionMarkedForDeletion" if marked else None


def _limit_reached(world: World, item: Item, _job: Job) -> str | None:
    """Clean up first at the limit, as Azure does. A lock or a broken clean-up leaves no room."""
    if points.count(world, item) < world.restore_point_limit:
        return None
    plan_clean_up(world, item)
    full = points.count(world, item) >= world.restore_point_limit
    return "UserErrorRpCollectionLimitReached" if full else None


def _internal_error(_world: World, item: Item, _job: Job) -> str | None:
    if item.causes.internal_errors <= 0:
        return None
    item.causes.internal_errors -= 1
    return item.causes.internal_code


_BEFORE_SNAPSHOT: tuple[Cause, ...] = (
    _vm_gone,
    _not_protected,
    _under_way,
    _provisioning_failed,
    _offline,
    _agent_silent,
    _extension_stuck,
    _locked,
    _storage_locked,
    _disks,
    _keys_out_of_reach,
    _collection_deleting,
    _limit_reached,
    _internal_error,
)


def plan_clean_up(world: World, item: Item) -> None:
    """Clean up now, or later if this VM's clean-up is slow.

    A clean-up that is due is not put off.
    """
    if item.cleanup == "broken" or item.cleanup_due:
        return
    if not item.cleanup_delay:
        points.clean_up(world, item)
        return
    item.cleanup_due = True

    def due() -> None:
        item.cleanup_due = False
        points.clean_up(world, item)

    world.timeline.after(item.cleanup_delay, due)


def _ailing(world: World, item: Item, job: Job, stage: str) -> Json | None:
    """Return the error of the first ailment of this stage, and count it."""
    for ailment in item.ailments:
        if not ailment.ails(stage, world.now):
            continue
        if ailment.times is not None:
            ailment.times -= 1
        job.dynamic_message = ailment.dynamic_message
        return job_error(
            ailment.code,
            number=ailment.number,
            message=ailment.message,
            recommendations=ailment.recommendations,
        )
    return None


def _group_disallowed(world: World, item: Item, job: Job) -> Json | None:
    """Check the policies if the service must make its resource group, which has no tags."""
    group = points.group_of_new(item)
    if world.group(item.subscription, group) is not None:
        return None
    broken = policies.violated(world, item.subscription, {})
    if not broken:
        return None
    job.dynamic_message = f"RequestDisallowedByPolicy: {policies.disallowed(group, broken)}"
    names = ", ".join(each.title for each in broken)
    return job_error(
        "UserErrorRequestDisallowedByPolicy",
        message="An invalid policy is configured on the VM which is preventing Snapshot "
        f"operation. Policy: {names}.",
    )


def at_once(world: World, item: Item, job: Job) -> Json | None:
    """Return the error that ends a job as soon as it has begun: another operation runs."""
    code = _another_operation(world, item, job)
    return job_error(code) if code else None


_NEEDS_AGENT: frozenset[Cause] = frozenset({_offline, _agent_silent, _extension_stuck, _locked})
"""Causes that a policy without agent does not know."""


def before_snapshot(world: World, item: Item, job: Job) -> Json | None:
    """Return the error that prevents the snapshot.

    An ailment comes before all other causes: a scenario with an ailment has chosen its code, and
    the VM may also show the signs of it.
    """
    if error := _ailing(world, item, job, "snapshot"):
        return error
    for cause in _BEFORE_SNAPSHOT:
        if item.policy.crash_consistent and cause in _NEEDS_AGENT:
            continue
        if code := cause(world, item, job):
            return job_error(code)
    return _group_disallowed(world, item, job)


def during_transfer(world: World, item: Item, job: Job) -> Json | None:
    """Return the error that breaks off the copy to the vault."""
    if error := _ailing(world, item, job, "transfer"):
        return error
    causes = item.causes
    if causes.transfer_fails > 0:
        causes.transfer_fails -= 1
        return job_error("CopyingVHDsFromBackUpVaultTakingLongTime")
    if causes.transfer_fails_until and world.now < causes.transfer_fails_until:
        return job_error("CopyingVHDsFromBackUpVaultTakingLongTime")
    return None


def attempts_today(world: World, item: Item) -> int:
    """Count the VM's on-demand backups of this UTC day, including failed ones."""
    today = world.now.date()
    return sum(
        1
        for job in world.jobs_of(item.vm_id)
        if job.user_triggered and job.operation == "Backup" and job.started.date() == today
    )
