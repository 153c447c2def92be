"""Resource Guards: another person's consent, which a vault demands for its critical operations.

Source: "Multi-user authorization using Resource Guard". A vault knows the guard by a proxy
("REST: Resource Guard Proxies - Get").
"""

from remediator.value import Value


class Guarded(Value):
    """A critical operation that a guard protects."""

    operation: str
    """Its name, such as `Microsoft.RecoveryServices/vaults/backupPolicies/write`."""
    request: str | None
    """The guard's request of which an approved caller sends the id along. None when the proxy does
    not name it."""


class GuardProxy(Value):
    """A vault's link to a Resource Guard."""

    id: str
    guard: str | None
    """The guard's id. None when the proxy does not name it."""
    guarded: tuple[Guarded, ...]
