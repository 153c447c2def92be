"""The access that Azure Backup needs at the key vault of an encrypted VM, and the access it has.

Source: "Back up and restore encrypted Azure virtual machines". Azure Backup needs get, list and
backup of secrets, and of keys if a key encrypts the secrets. At vaults with roles it needs Key
Vault Administrator.
"""

from typing import Final

from remediator.facts import Access, KeyVault, Known, Readings, Unknown

NEEDED: Final = ("get", "list", "backup")
ROLE: Final = "Key Vault Administrator"
ROLE_ID: Final = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""The id of that built-in role. It is the same in every tenant."""


def entry_of(vault: KeyVault, service: str) -> Access:
    """The service's entry in the access policies.

    An empty entry when they do not name the service.
    """
    empty = Access(object_id=service, keys=frozenset(), secrets=frozenset())
    return next((entry for entry in vault.access if entry.object_id == service), empty)


def granted(vault: KeyVault, service: str, *, keys: bool) -> bool:
    """Whether the service has the documented access. Custom roles are not examined."""
    if vault.rbac:
        return any(role.lower().endswith(f"/{ROLE_ID}") for role in vault.roles or ())
    entry = entry_of(vault, service)
    enough = _enough(entry.secrets)
    return enough and (_enough(entry.keys) or not keys)


def _enough(words: frozenset[str]) -> bool:
    return "all" in words or words.issuperset(NEEDED)


def who_is_asked(facts: Readings) -> str | Unknown:
    """The backup service's object id, or how a person finds it. Azure does not tell it."""
    if facts.settings.backup_service:
        return facts.settings.backup_service
    # The lookup uses the application id, because anybody can take the display name.
    ask = f"az ad sp show --id {facts.settings.backup_app_id or 'APP_ID'} --query id -o tsv"
    if facts.settings.backup_app_id is None:
        ask += ", where APP_ID is the service's application id in this cloud"
    return Unknown(
        "Azure Resource Manager does not say the object id of the Backup Management Service in "
        f"this tenant. Look it up and give it with --backup-service-object-id: {ask}"
    )


def encrypted_with_key(facts: Readings) -> bool:
    """Whether a key encrypts the VM's disk secrets. True when the VM is not known."""
    return facts.vm.value.key_encryption if isinstance(facts.vm, Known) else True
