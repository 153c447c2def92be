"""What a restore needs: where it was to go, and the storage, networks and quotas of the region."""

from pydantic import AwareDatetime

from remediator.value import Value


class RestoreTarget(Value):
    """Where a restore was to put what it restores, as far as its job tells.

    The network and the name of a new VM are not among the properties that Microsoft documents for
    a restore job, so they are never taken from it.
    """

    storage_account: str | None
    """The staging account, by its name, which is unique in all of Azure."""
    group: str | None
    point: AwareDatetime | None
    """The time of the recovery point, to the second."""


class StorageAccount(Value):
    """A storage account, as far as a restore looks at it."""

    name: str
    location: str
    sku: str
    """As `Standard_LRS`."""
    kind: str
    """As `StorageV2`."""
    online: bool | None
    """By the state of its primary location; None when it does not tell."""
    open_network: bool | None
    """Whether its network rules let everybody in; None when it does not tell."""


class Network(Value):
    """A virtual network."""

    name: str
    location: str
    subnets: tuple[str, ...]


class Usage(Value):
    """How much of a compute quota is used in a region."""

    name: str
    """As `cores`, or of a family of sizes: `standardDSv5Family`."""
    current: int
    limit: int

    @property
    def is_full(self) -> bool:
        """Whether nothing is left; a limit of nothing is that of a family nobody asked for."""
        return 0 < self.limit <= self.current


class Provider(Value):
    """Whether a subscription has a resource provider."""

    namespace: str
    state: str
    """As `Registered`."""

    @property
    def is_registered(self) -> bool:
        """Whether resources of it can be made."""
        return self.state.lower() == "registered"


def same_region(one: str, other: str) -> bool:
    """Azure writes regions both as `westeurope` and as `West Europe`."""
    return one.replace(" ", "").lower() == other.replace(" ", "").lower()
