"""Whether Azure Backup can read the keys of an encrypted machine."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from remediator.simulator import ids
from remediator.simulator.compute.state import Encryption
from remediator.simulator.keyvault.state import KeyVault, Permissions
from remediator.simulator.world import World

_NEEDED = {"get", "list", "backup"}
_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""The built-in role Key Vault Administrator."""
_SECRETS = (
    "Microsoft.KeyVault/vaults/secrets/backup/action",
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
)
_KEYS = ("Microsoft.KeyVault/vaults/keys/backup/action", "Microsoft.KeyVault/vaults/keys/read")


def may_back_up_keys(world: World, encryption: Encryption) -> bool:
    """Tell whether the service has the documented permissions: get, list and backup."""
    vault = next((v for v in world.key_vaults if ids.same(v.arm_id, encryption.vault)), None)
    if vault is None or (vault.network_default == "Deny" and vault.bypass == "None"):
        return False
    if vault.rbac:
        return _has_roles(world, vault, encryption)
    may = vault.access.get(world.backup_service.lower(), Permissions())
    keys = may.keys >= _NEEDED or "all" in may.keys or not encryption.kek
    return keys and (may.secrets >= _NEEDED or "all" in may.secrets)


def _has_roles(world: World, vault: KeyVault, encryption: Encryption) -> bool:
    """Tell whether the service's roles together give the documented data actions.

    A deny assignment wins. A role with a condition gives nothing here.
    """
    needed = [*_SECRETS, *(_KEYS if encryption.kek else ())]
    roles = [
        each.role.rpartition("/")[2].lower()
        for each in world.role_assignments
        if ids.same(each.principal, world.backup_service)
        and ids.within(vault.arm_id, each.scope)
        and each.condition is None
    ]
    own = [role for role in world.custom_roles if role.guid.lower() in roles]
    denied = [
        pattern
        for each in world.deny_assignments
        if ids.same(each.principal, world.backup_service) and ids.within(vault.arm_id, each.scope)
        for pattern in each.data_actions
    ]
    return all(
        not _fits(denied, action)
        and (
            _ADMINISTRATOR in roles
            or any(
                _fits(role.data_actions, action) and not _fits(role.not_data_actions, action)
                for role in own
            )
        )
        for action in needed
    )


def _fits(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
