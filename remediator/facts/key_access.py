"""What Azure Backup needs at the key vault of an encrypted VM, and what it has.

Source: "Back up and restore encrypted Azure virtual machines": get, list and backup of secrets,
and of keys where a key encrypts them; for vaults with roles, Key Vault Administrator.
"""

from typing import Final

from remediator.facts import Access, KeyVault, Known, Readings, Unknown

NEEDED: Final = ("get", "list", "backup")
ROLE: Final = "Key Vault Administrator"
ROLE_ID: Final = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""Of that built-in role, the same in every tenant."""


def entry_of(vault: KeyVault, service: str) -> Access:
    """What the access policies give the service; an empty entry when they do not name it."""
    empty = Access(object_id=service, keys=frozenset(), secrets=frozenset())
    return next((entry for entry in vault.access if entry.object_id == service), empty)


def granted(vault: KeyVault, service: str, *, keys: bool) -> bool:
    """Whether the service has what is documented. Roles that somebody made are not looked into."""
    if vault.rbac:
        return any(role.lower().endswith(f"/{ROLE_ID}") for role in vault.roles or ())
    entry = entry_of(vault, service)
    enough = _enough(entry.secrets)
    return enough and (_enough(entry.keys) or not keys)


def _enough(words: frozenset[str]) -> bool:
    return "all" in words or words.issuperset(NEEDED)


def who_is_asked(facts: Readings) -> str | Unknown:
    """The object id of the backup service; or how a person finds it, for Azure does not tell."""
    if facts.settings.backup_service:
        return facts.settings.backup_service
    # By its application id: the display name anybody can take.
    ask = f"az ad sp show --id {facts.settings.backup_app_id or 'APP_ID'} --query id -o tsv"
    if facts.settings.backup_app_id is None:
        ask += ", where APP_ID is the service's application id in this cloud"
    return Unknown(
        "the object id of the Backup Management Service in this tenant is not told by Azure "
        f"Resource Manager; ask for it and give it by --backup-service-object-id: {ask}"
    )


def encrypted_with_key(facts: Readings) -> bool:
    """Whether a key encrypts the VM's disk secrets; taken for so where the VM is not known."""
    return facts.vm.value.key_encryption if isinstance(facts.vm, Known) else True
