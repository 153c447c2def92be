"""VMs, their protection and their restore points, made from a scenario's parts."""

from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup import points
from remediator.simulator.backup.state import Causes, Item, Policy, Vault
from remediator.simulator.compute.state import (
    SNAPSHOT_EXTENSION,
    AgentRestart,
    Ailment,
    Answer,
    Collection,
    Condition,
    Disk,
    Extension,
    RestorePoint,
    Vm,
)
from remediator.simulator.scenario.values import Moment
from remediator.simulator.scenario.vm_parts import (
    AilmentPart,
    AnswerPart,
    CollectionPart,
    ConditionPart,
    ExtensionPart,
    PointPart,
    VmPart,
)
from remediator.simulator.world import World

_SNAPSHOT_PUBLISHER = "Microsoft.Azure.RecoveryServices"


def make_vm(part: VmPart, subscription: str, group: str, location: str, now: datetime) -> Vm:
    """Make a VM."""
    declared = part.extensions
    if declared is None:
        names = [SNAPSHOT_EXTENSION[part.os]] if part.protection else []
        declared = [ExtensionPart(name=name) for name in names]
    return Vm(
        subscription,
        group,
        part.name,
        location,
        part.os,
        part.size,
        part.power.state,
        _condition(part.agent),
        _condition(part.provisioning),
        [_extension(each) for each in declared],
        dict(part.tags),
        disks=[
            Disk(
                f"{part.name}_DataDisk_{each.lun}",
                each.lun,
                each.size_gb,
                each.sku,
                each.shared,
                each.write_accelerator,
                each.entra_access,
            )
            for each in part.disks
        ],
        ephemeral=part.ephemeral,
        plan=(part.plan.publisher, part.plan.product, part.plan.name) if part.plan else None,
        discovered=part.discovered,
        provision_agent=part.provision_vm_agent,
        allow_extensions=part.allow_extension_operations,
        agent_version=part.agent.version,
        agent_reported=part.agent.reported.at(now) if part.agent.reported else None,
        agent_boots=part.agent.boots,
        agent_absent=part.agent.state == "absent",
        os_name=part.os_name,
        os_version=part.os_version,
        security_type=part.security_type,
        reboot_pending=part.reboot_pending,
        metrics=part.metrics | ({} if part.cpu is None else {"Percentage CPU": part.cpu}),
        ailments=[_ailment(each, now) for each in part.ailments],
        answers=tuple(_answer(each) for each in part.guest.answers),
        fails_with_script=part.guest.fails_with_script,
    )


def _answer(part: AnswerPart) -> Answer:
    restart = None
    if told := part.restarts_agent:
        takes = None if told.takes == "for-ever" else told.takes
        restart = AgentRestart(told.after, takes, told.version)
    return Answer(tuple(part.when), part.stdout, part.stderr, part.takes, part.exit, restart)


def _ailment(part: AilmentPart, now: datetime) -> Ailment:
    return Ailment(
        cured_by=frozenset(part.cured_by),
        takes=part.takes,
        message=part.message,
        code=part.code,
        stage=part.stage,
        number=part.number,
        recommendations=part.recommendations,
        dynamic_message=part.dynamic_message,
        scripts=tuple(part.cured_by_script),
        times=part.times,
        until=part.until.at(now) if part.until else None,
    )


def _condition(part: ConditionPart) -> Condition:
    well = part.state in {"ready", "succeeded"}
    return Condition(
        well, frozenset(part.cured_by), part.takes, part.message, part.state == "updating"
    )


def _extension(part: ExtensionPart) -> Extension:
    snapshot = part.name in SNAPSHOT_EXTENSION.values()
    return Extension(
        part.name,
        part.publisher or (_SNAPSHOT_PUBLISHER if snapshot else "Example.Publisher"),
        part.type or part.name,
        part.version,
        part.state.capitalize(),
        part.message,
        part.listed,
        part.delete_fails,
        part.outdated,
    )


def make_item(part: VmPart, vm: Vm, vault: Vault, policy: Policy, now: datetime) -> Item:
    """Make a VM's protection."""
    backup = part.backup
    until = backup.transfer_fails.until
    causes = Causes(
        transfer_fails_until=until.at(now) if until else None,
        transfer_fails=backup.transfer_fails.times,
    )
    if backup.internal_error:
        causes.internal_errors = backup.internal_error.times
        causes.internal_code = backup.internal_error.code
    return Item(
        vault,
        policy,
        vm.subscription,
        vm.group,
        vm.name,
        vm.os,
        vm.size,
        state=part.protection.state if part.protection else "Protected",
        snapshot_takes=backup.snapshot_takes,
        transfer_takes=backup.transfer_takes,
        cleanup=backup.cleanup,
        cleanup_delay=backup.cleanup_delay,
        snapshot_only=backup.snapshot_only,
        crash_consistent=backup.crash_consistent,
        causes=causes,
        ailments=vm.ailments,
    )


def add_collections(
    world: World, part: VmPart, vm: Vm, item: Item | None, now: datetime
) -> list[Collection]:
    """Make a VM's restore point collections, and the recovery points of Azure Backup's points."""
    made = []
    for number, each in enumerate(part.collections):
        group = each.group or f"AzureBackupRG_{vm.location}_{number + 1}"
        serial = int(ids.guid("collection", vm.arm_id, group)[:8], 16)
        name = each.name or f"AzureBackup_{vm.name}_{serial:011d}"
        collection = Collection(
            vm.subscription,
            group,
            name,
            vm.location,
            vm.arm_id,
            points_per_delete=each.points_per_delete,
        )
        world.collections.append(collection)
        made.append(collection)
        for point_part in _written_out(each, now):
            when = point_part.at.at(now)
            stamp = when.strftime("%Y%m%d_%H%M%S")
            point = RestorePoint(f"AzureBackup_{stamp}", when, point_part.consistency)
            point.shared_disks = {vm.os_disk} if point_part.sas else set()
            collection.points.append(point)
            if item is not None and collection.made_by_azure_backup:
                recovery = points.record(item, point, vaulted=point_part.vaulted)
                recovery.mounted = point_part.mounted
                item.last_status, item.last_time = "Completed", item.last_point
    return made


def _written_out(part: CollectionPart, now: datetime) -> list[PointPart]:
    """Return the points of a collection, oldest first."""
    if isinstance(part.points, list):
        return sorted(part.points, key=lambda point: point.at.at(now))
    row = part.points
    every = timedelta(seconds=row.every)
    written = []
    for age in range(row.count - 1, -1, -1):
        newest_first, oldest_first = age, row.count - 1 - age
        vaulted = (
            newest_first >= row.snapshot_only_newest and oldest_first >= row.snapshot_only_oldest
        )
        when = Moment(row.newest.at(now) - every * age)
        written.append(
            PointPart(
                at=when,
                vaulted=vaulted,
                sas=oldest_first < row.sas,
                mounted=newest_first < row.mounted_newest,
            )
        )
    return written
