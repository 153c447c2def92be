"""Deleted key vaults: they can be listed and recovered while their retention lasts.

The shapes are those of the published specification ("REST: Vaults - List Deleted"). No recording of
a recovery was found.
"""

from remediator.simulator import ids
from remediator.simulator.compute import cures
from remediator.simulator.keyvault.state import KeyVault
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route
from remediator.simulator.times import whole_seconds
from remediator.simulator.world import World

KIND = "Microsoft.KeyVault/vaults"
_LIST = "/subscriptions/{subscription}/providers/Microsoft.KeyVault/deletedVaults"
_PLACE = "/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{location}"
_REGISTERING_SECONDS = 45.0


def delete(world: World, vault: KeyVault) -> None:
    """Delete a vault softly.

    What belongs to it in other services goes for good: its role assignments and locks do not come
    back with it ("Azure Key Vault soft-delete overview").
    """
    world.key_vaults.remove(vault)
    vault.deleted = world.now
    world.deleted_key_vaults.append(vault)
    world.role_assignments = [
        each for each in world.role_assignments if not ids.within(each.scope, vault.arm_id)
    ]
    for lock in world.locks.locks:
        if ids.within(lock.scope, vault.arm_id) and lock.deleted is None:
            lock.deleted = world.now


def recover(call: Call) -> KeyVault:
    """Bring a vault back at its old place, with its keys, its secrets and its access policies.

    Whether Azure takes a recovery of a vault that exists is not documented. It is refused here, so
    that no client sends one in doubt.
    """
    world, body = call.world, call.body or {}
    properties = body.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    wanted = ids.resource_id(call.subscription, call.group, KIND, call.params["vault"])
    if properties.get("createMode") != "recover":
        raise _refused(400, "BadRequest", "A vault can only be recovered.")
    if not all((body.get("location"), properties.get("tenantId"), properties.get("sku"))):
        raise _refused(400, "BadRequest", "A vault needs a location, a tenantId and a sku.")
    if any(ids.same(each.arm_id, wanted) for each in world.key_vaults):
        raise _refused(409, "VaultAlreadyExists", "The vault exists and is not deleted.")
    for vault in _still_there(world):
        if not ids.same(vault.arm_id, wanted):
            continue
        if not ids.same(str(body["location"]), vault.location):
            raise _refused(409, "InvalidResourceLocation", "The vault is in another location.")
        _bring_back(world, vault)
        return vault
    raise _refused(404, "DeletedVaultNotFound", "There is no deleted vault of this name.")


def _bring_back(world: World, vault: KeyVault) -> None:
    world.deleted_key_vaults.remove(vault)
    world.key_vaults.append(vault)
    vault.deleted, vault.registering = None, True

    def registered() -> None:
        vault.registering = False
        for vm in world.vms:
            if vm.encryption is not None and ids.same(vm.encryption.vault, vault.arm_id):
                cures.treat(world, vm, "recover-key-vault")

    world.timeline.after(_REGISTERING_SECONDS, registered)


def _still_there(world: World) -> list[KeyVault]:
    return [each for each in world.deleted_key_vaults if each.purged and each.purged > world.now]


def _row(vault: KeyVault) -> Json:
    deleted, purged = vault.deleted, vault.purged
    return {
        "id": f"/subscriptions/{vault.subscription}/providers/Microsoft.KeyVault/locations/"
        f"{vault.location}/deletedVaults/{vault.name}",
        "name": vault.name,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": vault.arm_id,
            "location": vault.location,
            "tags": {},
            "deletionDate": whole_seconds(deleted) if deleted else None,
            "scheduledPurgeDate": whole_seconds(purged) if purged else None,
        },
    }


def _list(call: Call) -> Reply:
    found = _still_there(call.world)
    return page(call, [_row(v) for v in found if ids.same(v.subscription, call.subscription)])


def _get(call: Call) -> Reply:
    for vault in _still_there(call.world):
        same = ids.same(vault.subscription, call.subscription)
        if same and ids.same(vault.name, call.params["vault"]):
            return Reply(200, _row(vault))
    raise _refused(404, "DeletedVaultNotFound", "There is no deleted vault of this name.")


def _refused(status: int, code: str, message: str) -> ArmError:
    return ArmError(status, code, message, envelope="compute")


ROUTES = [
    Route("GET", _LIST, "Microsoft.KeyVault/deletedVaults/read", _list),
    Route(
        "GET",
        _PLACE + "/deletedVaults/{vault}",
        "Microsoft.KeyVault/locations/deletedVaults/read",
        _get,
    ),
]
