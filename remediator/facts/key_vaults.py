"""The key vaults that hold the VM's disk encryption keys and secrets."""

from typing import Any

from pydantic import AwareDatetime

from remediator.facts.grants import Grant
from remediator.value import Value


class Access(Value):
    """An entry of a key vault's access policies."""

    object_id: str
    keys: frozenset[str]
    secrets: frozenset[str]


class KeyVault(Value):
    """A key vault: the access to its contents, never the contents."""

    id: str
    name: str
    tenant: str
    rbac: bool
    """Whether roles count, and not access policies."""
    access: tuple[Access, ...]
    roles: tuple[str, ...] | None
    """The roles of the Backup Management Service at the vault or above, by the id of their
    definition. None when nobody gave the service's object id, or when roles do not count."""
    granted: tuple[Grant, ...] = ()
    """The data actions that these roles give, one entry per set of permissions. A role whose
    definition cannot be read gives none here."""
    denied: tuple[Grant, ...] = ()
    """The data actions that deny assignments take from the service. They win over all roles."""
    closed: bool
    """Whether its firewall keeps out Azure's trusted services."""
    network: dict[str, Any] | None = None
    """`networkAcls` as read, so that the rules that are not understood go back unchanged."""


class LostKeyVault(Value):
    """A key vault that the VM's disks name and that does not exist."""

    id: str
    name: str
    location: str = ""
    """Where it was, as the list of deleted vaults says. It comes back there only."""
    tenant: str = ""
    """The tenant of its subscription."""
    deleted: AwareDatetime | None = None
    """When it was deleted. None if Azure does not tell."""
    purged: AwareDatetime | None = None
    """When it will be gone for good. None if Azure does not tell."""
    problem: str = ""
    """Why it cannot be recovered. Empty if it can."""
