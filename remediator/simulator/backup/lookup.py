"""Finding the objects that a request to the backup service names."""

from datetime import datetime

from remediator.simulator import ids
from remediator.simulator.backup.forms import form_of
from remediator.simulator.backup.state import Item, Job, RecoveryPoint, Vault, VaultOperation
from remediator.simulator.reply import ArmError, BareNotFoundError, resource_not_found
from remediator.simulator.routing import Call

VAULT_KIND = "Microsoft.RecoveryServices/vaults"


def absent(call: Call, code: str, message: str) -> ArmError:
    """The error for something that the vault does not have.

    Recorded for a policy at 2024-10-01: a bare 404 with the body ``{}``. It is inferred that other
    absent objects get the same answer. The codes of older api-versions are unverified.
    """
    if form_of(call).new:
        return BareNotFoundError()
    return ArmError(404, code, message, envelope="recovery")


def vault_of(call: Call) -> Vault:
    """Return the vault in the path."""
    name = call.params["vault"]
    arm_id = ids.resource_id(call.subscription, call.group, VAULT_KIND, name)
    vault = call.world.vault(arm_id)
    if vault is None:
        raise resource_not_found(VAULT_KIND, name, call.group)
    return vault


def find_item(call: Call, vault: Vault) -> Item | None:
    """Return the protected item in the path, or None.

    The path must have the prefixes of both names.
    """
    native = call.params["item"].partition(";")[2]
    for item in call.world.items.having("name", (vault, native.lower())):
        if ids.same(call.params["container"], f"IaasVMContainer;{item.native_name}") and ids.same(
            call.params["item"], f"VM;{item.native_name}"
        ):
            return item
    return None


def item_of(call: Call) -> Item:
    """Return the protected item in the path. It must exist."""
    item = find_item(call, vault_of(call))
    if item is not None:
        return item
    raise absent(call, "BMSUserErrorContainerObjectNotFound", "Item not found")


def free_item_of(call: Call) -> Item:
    """Return the item in the path, if no other operation holds it.

    The status of the refusal is unverified.
    """
    item = item_of(call)
    if item.busy_until is not None and call.world.now < item.busy_until:
        raise ArmError(
            409,
            "BMSUserErrorObjectLocked",
            "Another operation is in progress on the selected item.",
            envelope="recovery",
        )
    return item


def point_of(call: Call, item: Item) -> RecoveryPoint:
    """Return the recovery point in the path."""
    for point in item.points:
        if ids.same(point.name, call.params["point"]):
            return point
    raise absent(call, "BMSUserErrorRecoveryPointNotFound", "Recovery point not found")


def jobs_of(call: Call, vault: Vault) -> list[Job]:
    """Return the vault's visible jobs, newest first."""
    now = call.world.now
    seen = [job for job in call.world.jobs.having("vault", vault) if _visible(job, now)]
    return sorted(seen, key=lambda job: job.started, reverse=True)


def _visible(job: Job, now: datetime) -> bool:
    return job.visible_from is None or job.visible_from <= now


def job_of(call: Call) -> Job:
    """Return the job in the path."""
    name, vault = call.params["job"], vault_of(call)
    for job in call.world.jobs.having("name", name.lower()):
        if job.vault is vault and _visible(job, call.world.now):
            return job
    raise absent(call, "BMSUserErrorJobNotFound", f"Job with id {name} was not found.")


def operation_of(call: Call) -> VaultOperation:
    """Return the operation in the path."""
    vault = vault_of(call)
    operation = call.world.vault_operations.get(call.params["operation"].lower())
    if operation is None or operation.vault is not vault:
        raise absent(call, "BMSUserErrorOperationNotFound", "The operation was not found.")
    return operation
