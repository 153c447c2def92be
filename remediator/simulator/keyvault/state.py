"""The state of key vaults."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from remediator.simulator import ids


@dataclass
class Permissions:
    """What a principal may do with a vault's keys and secrets. In lower case."""

    keys: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)


@dataclass(eq=False)
class KeyVault:
    """A key vault. Either its access policies count, or the roles at its scope and above."""

    subscription: str
    group: str
    name: str
    location: str
    rbac: bool = False
    network_default: Literal["Allow", "Deny"] = "Allow"
    bypass: Literal["AzureServices", "None"] = "AzureServices"
    """The services that the network rules let in anyway."""
    ip_rules: list[str] = field(default_factory=list)
    access: dict[str, Permissions] = field(default_factory=dict)
    """The access policies by object id."""
    retention_days: int = 90
    """How long it can be recovered after its deletion."""
    deleted: datetime | None = None
    """When it was deleted. Only a vault among the deleted ones has this time."""
    registering: bool = False
    """Whether its address is not registered yet, right after its recovery."""

    @property
    def purged(self) -> datetime | None:
        """When a deleted vault is gone for good."""
        return self.deleted and self.deleted + timedelta(days=self.retention_days)

    @property
    def arm_id(self) -> str:
        """The vault's id."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.KeyVault/vaults", self.name
        )
