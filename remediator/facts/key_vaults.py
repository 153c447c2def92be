"""Key vaults that hold what encrypts the VM's disks."""

from remediator.value import Value


class Access(Value):
    """An entry of a key vault's access policies."""

    object_id: str
    keys: frozenset[str]
    secrets: frozenset[str]


class KeyVault(Value):
    """A key vault: who may do what with its contents, never the contents."""

    id: str
    name: str
    tenant: str
    rbac: bool
    """Whether roles count instead of access policies."""
    access: tuple[Access, ...]
    roles: tuple[str, ...] | None
    """Roles of the Backup Management Service at the vault or above, by the id of their
    definition; None when nobody said who that is, or roles do not count."""
    closed: bool
    """Whether its firewall keeps out Azure's trusted services."""
