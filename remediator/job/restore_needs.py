"""What a restore needs: its target, and the storage, networks and quotas of the region."""

from pydantic import AwareDatetime

from remediator.value import Value


class RestoreTarget(Value):
    """The place where a restore was to put its data, as far as its job tells.

    Microsoft does not document the network and the name of a new VM as properties of a restore job.
    So they are never taken from the job.
    """

    storage_account: str | None
    """The name of the staging account. It is unique in all of Azure."""
    group: str | None
    point: AwareDatetime | None
    """The time of the recovery point, to the second."""


class StorageAccount(Value):
    """The properties of a storage account that matter for a restore."""

    name: str
    location: str
    sku: str
    """Such as `Standard_LRS`."""
    kind: str
    """Such as `StorageV2`."""
    online: bool | None
    """By the state of its primary location. None when Azure does not tell."""
    open_network: bool | None
    """Whether its network rules allow every network. None when Azure does not tell."""


class Network(Value):
    """A virtual network."""

    name: str
    location: str
    subnets: tuple[str, ...]


class Usage(Value):
    """How much of a compute quota is used in a region."""

    name: str
    """Such as `cores`, or a family of sizes: `standardDSv5Family`."""
    current: int
    limit: int

    @property
    def is_full(self) -> bool:
        """Whether the quota is used up.

        A limit of zero belongs to a family that nobody asked for.
        """
        return 0 < self.limit <= self.current


class Provider(Value):
    """The state of a resource provider in a subscription."""

    namespace: str
    state: str
    """Such as `Registered`."""

    @property
    def is_registered(self) -> bool:
        """Whether resources of the provider can be created."""
        return self.state.lower() == "registered"


def same_region(one: str, other: str) -> bool:
    """Whether two regions are equal. Azure writes `westeurope` as well as `West Europe`."""
    return one.replace(" ", "").lower() == other.replace(" ", "").lower()
