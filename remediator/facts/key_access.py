"""The access that Azure Backup needs at the key vault of an encrypted VM, and the access it has.

Source: "Back up and restore encrypted Azure virtual machines". Azure Backup needs get, list and
backup of secrets, and of keys if a key encrypts the secrets. At vaults with roles it needs Key
Vault Administrator, or a role with the data actions below.
"""

from typing import Final, Literal

from remediator.facts import Access, KeyVault, Known, Readings, Unknown
from remediator.facts.grants import given

NEEDED: Final = ("get", "list", "backup")
DATA_OF_SECRETS: Final = (
    "Microsoft.KeyVault/vaults/secrets/backup/action",
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
)
DATA_OF_KEYS: Final = (
    "Microsoft.KeyVault/vaults/keys/backup/action",
    "Microsoft.KeyVault/vaults/keys/read",
)
ROLE: Final = "Key Vault Administrator"
ROLE_ID: Final = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
"""The id of that built-in role. It is the same in every tenant."""


def entry_of(vault: KeyVault, service: str) -> Access:
    """The service's entry in the access policies.

    An empty entry when they do not name the service.
    """
    empty = Access(object_id=service, keys=frozenset(), secrets=frozenset())
    return next((entry for entry in vault.access if entry.object_id == service), empty)


Standing = Literal["granted", "missing", "denied"]


def standing(vault: KeyVault, service: str, *, keys: bool) -> Standing | Unknown:
    """Whether the service has the documented access.

    At a vault with roles, the data actions of all its roles count together. Unknown if a role gives
    a part of them only under a condition, because conditions are not evaluated here.
    """
    if vault.rbac:
        return _by_roles(vault, keys=keys)
    entry = entry_of(vault, service)
    enough = _enough(entry.secrets) and (_enough(entry.keys) or not keys)
    return "granted" if enough else "missing"


def _by_roles(vault: KeyVault, *, keys: bool) -> Standing | Unknown:
    needed = (*DATA_OF_SECRETS, *(DATA_OF_KEYS if keys else ()))
    if any(denial.gives(each) for denial in vault.denied for each in needed):
        return "denied"
    if all(given(vault.granted, each) for each in needed):
        return "granted"
    if all(any(grant.gives(each) for grant in vault.granted) for each in needed):
        return Unknown(
            f"a role of Azure Backup at {vault.name} has a condition, which is not evaluated here, "
            "or could not be read"
        )
    return "missing"


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
