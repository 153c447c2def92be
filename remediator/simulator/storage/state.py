"""The state of storage accounts."""

from dataclasses import dataclass
from typing import Literal

from remediator.simulator import ids


@dataclass(frozen=True)
class Account:
    """A storage account."""

    subscription: str
    group: str
    name: str
    location: str
    sku: str = "Standard_LRS"
    kind: str = "StorageV2"
    status: Literal["available", "unavailable"] = "available"
    network_default: Literal["Allow", "Deny"] = "Allow"

    @property
    def arm_id(self) -> str:
        """The account's id."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.Storage/storageAccounts", self.name
        )
