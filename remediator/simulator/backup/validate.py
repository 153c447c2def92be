"""Whether a vault could protect a machine. The answers have the specification's shape."""

from remediator.simulator import ids
from remediator.simulator.backup.state import Vault, native_name
from remediator.simulator.compute.state import Vm
from remediator.simulator.reply import Json, Reply
from remediator.simulator.routing import Call, Route


def obstacle(call: Call, vault: Vault, vm: Vm | None) -> tuple[str, str] | None:
    """Return the code and the text of the obstacle, or None."""
    if vm is None:
        return "UserErrorVmNotFoundV2", "The virtual machine does not exist."
    if not ids.same(vm.location, vault.location):
        return (
            "UserErrorVmVaultLocationMismatch",
            "The virtual machine and the vault are in different regions.",
        )
    if call.world.items_of(vm.arm_id):
        # The code is unverified.
        return "UserErrorVMAlreadyProtected", "The virtual machine is protected already."
    return None


def _validate(call: Call) -> Reply:
    """Answer a POST that only reads. A refusal is not an error but a status."""
    asked = call.body or {}
    vault = call.world.vault(str(asked.get("vaultId", "")))
    vm = call.world.vm(str(asked.get("resourceId", "")))
    body: Json = {
        "status": "Succeeded",
        "errorCode": "Success",
        "errorMessage": "",
        "recommendation": "",
        "containerName": "",
        "protectedItemName": "",
    }
    against = (
        obstacle(call, vault, vm)
        if vault is not None
        else ("ResourceNotFound", "The vault does not exist.")
    )
    if against is not None:
        body |= {"status": "Failed", "errorCode": against[0], "errorMessage": against[1]}
    elif vm is not None:
        native = native_name(vm.group, vm.name)
        body |= {"containerName": f"IaasVMContainer;{native}", "protectedItemName": f"VM;{native}"}
    return Reply(200, body)


ROUTES = [
    Route(
        "POST",
        "/subscriptions/{subscription}/providers/Microsoft.RecoveryServices"
        "/locations/{location}/backupPreValidateProtection",
        "Microsoft.RecoveryServices/locations/backupPreValidateProtection/action",
        _validate,
        read_like=True,
    )
]
