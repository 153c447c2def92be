"""Protection: what can be protected; beginning, stopping, resuming, deleting and undeleting it.

The shapes of discovery, enabling and deleting are recorded. It is documented that a deleted item
stays for 14 days and can be brought back. The codes that refuse a wrong request are unverified.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from remediator.simulator import ids
from remediator.simulator.backup import engine, guards, wire
from remediator.simulator.backup.accepted import (
    STATUS_VERSION,
    accepted,
    invalid,
    item_accepted,
    refused,
)
from remediator.simulator.backup.errors import job_error
from remediator.simulator.backup.forms import form_of
from remediator.simulator.backup.lookup import find_item, free_item_of, vault_of
from remediator.simulator.backup.routes import ITEM, READ, VAULT
from remediator.simulator.backup.state import Item, Policy, Vault, VaultOperation, native_name
from remediator.simulator.backup.validate import obstacle
from remediator.simulator.compute.state import Vm
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route
from remediator.simulator.world import World

SOFT_DELETED = timedelta(days=14)


def keep_for_a_while(world: World, item: Item, deleted: datetime) -> None:
    """Delete an item so that it can be brought back until its time is over."""
    item.deleted = deleted

    def purge() -> None:
        if item.deleted == deleted:
            world.items.remove(item)

    world.timeline.at(deleted + SOFT_DELETED, purge)


def _put_item(call: Call) -> Reply:
    """Begin a protection, stop it and keep its data, resume it, or bring back a deleted one."""
    vault = vault_of(call)
    properties = (call.body or {}).get("properties") or {}
    if properties.get("protectedItemType") != "Microsoft.Compute/virtualMachines":
        raise invalid("The type of the protected item is not valid.")
    name = str(properties.get("policyId") or "").rpartition("/")[2]
    policy = vault.policy(name) if name else None
    if name and policy is None:
        raise invalid("The policy does not exist.")
    item = find_item(call, vault)
    if item is None and policy is not None:
        return _begin(call, vault, policy, str(properties.get("sourceResourceId") or ""))
    item = free_item_of(call)
    if properties.get("isRehydrate") is True:
        return _bring_back(call, item)
    if item.deleted is not None:
        raise invalid("The item is deleted; undelete it first.")
    if policy is None:
        state = properties.get("protectionState")
        wanted = "BackupsSuspended" if state == "BackupsSuspended" else "ProtectionStopped"
        guards.check(call, vault, guards.STOP)
        return _change(call, item, "DisableBackup", wanted)

    if item.policy.enhanced and not policy.enhanced:
        # Documented as impossible. The code and the text are unverified.
        raise invalid("An enhanced policy cannot be changed back to a standard one.")
    if policy.instant_days < item.policy.instant_days:
        guards.check(call, vault, guards.WRITE)
        _check_mutable(vault)
    choice = disk_choice(properties, item)

    def effect() -> None:
        item.policy = policy
        item.excluded_luns, item.only_named_luns = choice
        item.state = "Protected" if item.points else "IRPending"

    operation = _configure(call, item, "ConfigureBackup", effect, policy=policy)
    return item_accepted(call, operation)


def _configure(
    call: Call,
    item: Item,
    kind: str,
    effect: Callable[[], None],
    *,
    policy: Policy | None = None,
    against: Callable[[], Json | None] = lambda: None,
) -> VaultOperation:
    """Begin a job that changes an item's protection, with the id of this request."""
    return engine.configure(
        call.world,
        item,
        kind,
        effect,
        policy=policy,
        refused=refused(call),
        activity_id=call.request_id,
        against=against,
    )


def disk_choice(properties: Json, item: Item) -> tuple[list[int], bool]:
    """Read which disks to exclude. Without the field nothing changes; null includes every disk."""
    if "extendedProperties" not in properties:
        return item.excluded_luns, item.only_named_luns
    extended = properties["extendedProperties"] or {}
    chosen = extended.get("diskExclusionProperties") or {}
    luns = chosen.get("diskLunList") or []
    if not isinstance(luns, list) or not all(isinstance(lun, int) for lun in luns):
        raise invalid("diskLunList is not a list of numbers.")
    return list(luns), bool(chosen.get("isInclusionList"))


def _change(call: Call, item: Item, operation: str, state: str) -> Reply:
    def effect() -> None:
        item.state = state

    begun = _configure(call, item, operation, effect)
    return item_accepted(call, begun)


def _begin(call: Call, vault: Vault, policy: Policy, source: str) -> Reply:
    vm = call.world.vm(source)
    if refusal := obstacle(call, vault, vm):
        raise ArmError(400, *refusal, envelope="recovery")
    if vm is None:  # `obstacle` has refused this already
        raise invalid("The machine does not exist.")
    item = Item(vault, policy, vm.subscription, vm.group, vm.name, vm.os, vm.size, "IRPending")
    item.ailments = vm.ailments
    # The name keeps the casing of the client that protects the VM.
    item.native_name = call.params["item"].partition(";")[2]
    if not ids.same(call.params["item"], f"VM;{native_name(vm.group, vm.name)}"):
        raise invalid("The item's name is not that of the machine.")

    def against() -> Json | None:
        # Recorded: protecting a VM fails if its provisioning failed, and leaves no item.
        failed = not vm.provisioning.well
        return job_error("UserErrorVmProvisioningStateFailed") if failed else None

    def effect() -> None:
        if _free(call, vm):
            call.world.items.append(item)

    operation = _configure(call, item, "ConfigureBackup", effect, policy=policy, against=against)
    return item_accepted(call, operation)


def _bring_back(call: Call, item: Item) -> Reply:
    if item.deleted is None:
        raise invalid("The item is not deleted.")

    def effect() -> None:
        item.deleted = None

    begun = _configure(call, item, "Undelete", effect)
    return item_accepted(call, begun)


def _delete_item(call: Call) -> Reply:
    """Stop a protection and delete its data. The data can be brought back for a while."""
    item = free_item_of(call)
    guards.check(call, item.vault, guards.DELETE)
    _check_mutable(item.vault)

    def effect() -> None:
        item.state = "ProtectionStopped"
        keep_for_a_while(call.world, item, call.world.now)

    begun = _configure(call, item, "DeleteBackupData", effect)
    vault = form_of(call).vault
    return accepted(call, begun, f"{vault}/backupOperations", f"{vault}/backupOperationResults")


def _check_mutable(vault: Vault) -> None:
    """Refuse to delete data, or to keep it for a shorter time, in an immutable vault.

    What is refused is documented. The code is that of a job; status and text are unverified.
    """
    if vault.immutability in {"Unlocked", "Locked"}:
        raise ArmError(
            400,
            "UserErrorOperationDeniedOnImmutableItem",
            "The operation is not allowed because immutability is enabled on the vault.",
            envelope="recovery",
        )


def _free(call: Call, vm: Vm) -> bool:
    return not call.world.items_of(vm.arm_id)


def _protectable(call: Call) -> Reply:
    """List the machines of the vault's region that no vault protects."""
    vault = vault_of(call)
    found = [
        vm
        for vm in call.world.vms_in(vault.subscription)
        if ids.same(vm.location, vault.location) and vm.discovered and _free(call, vm)
    ]
    return page(call, found, lambda vm: wire.protectable(vm, form_of(call)))


def _refresh(call: Call) -> Reply:
    """Discover machines again, one discovery at a time. Both links were recorded in 2021."""
    vault = vault_of(call)
    if vault.discovering_until is not None and call.world.now < vault.discovering_until:
        # The text is documented; status and code are unverified.
        raise ArmError(
            409,
            "UserErrorDiscoveryAlreadyInProgress",
            "Another Discovery operation is already in progress. Please wait until the current "
            "Discovery operation has completed.",
            envelope="recovery",
        )
    operation = engine.discover(call.world, vault, refused(call))
    fabric = f"{form_of(call).vault}/backupFabrics/Azure"
    return accepted(
        call,
        operation,
        f"{fabric}/operationsStatus",
        f"{fabric}/operationResults",
        polled_with=STATUS_VERSION,
    )


_ITEMS = f"{READ}/backupFabrics/protectionContainers/protectedItems"

ROUTES = [
    Route("PUT", ITEM, f"{_ITEMS}/write", _put_item),
    Route("DELETE", ITEM, f"{_ITEMS}/delete", _delete_item),
    Route(
        "GET",
        f"{VAULT}/backupProtectableItems",
        f"{READ}/backupProtectableItems/read",
        _protectable,
    ),
    Route(
        "POST",
        f"{VAULT}/backupFabrics/Azure/refreshContainers",
        f"{READ}/backupFabrics/refreshContainers/action",
        _refresh,
    ),
]
