"""Whether Azure Backup can read the keys of an encrypted machine."""

from remediator.simulator import ids
from remediator.simulator.compute.state import Encryption
from remediator.simulator.keyvault.state import KeyVault, Permissions
from remediator.simulator.world import World

_NEEDED = {"get", "list", "backup"}
_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""The built-in role Key Vault Administrator. Custom roles are not looked into."""


def may_back_up_keys(world: World, encryption: Encryption) -> bool:
    """Tell whether the service has the documented permissions: get, list and backup."""
    vault = next((v for v in world.key_vaults if ids.same(v.arm_id, encryption.vault)), None)
    if vault is None or (vault.network_default == "Deny" and vault.bypass == "None"):
        return False
    if vault.rbac:
        return _has_role(world, vault)
    may = vault.access.get(world.backup_service.lower(), Permissions())
    keys = may.keys >= _NEEDED or "all" in may.keys or not encryption.kek
    return keys and (may.secrets >= _NEEDED or "all" in may.secrets)


def _has_role(world: World, vault: KeyVault) -> bool:
    return any(
        ids.same(each.principal, world.backup_service)
        and ids.within(vault.arm_id, each.scope)
        and ids.same(each.role.rpartition("/")[2], _ADMINISTRATOR)
        for each in world.role_assignments
    )
