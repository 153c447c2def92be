"""Key vaults as they are."""

from dataclasses import dataclass, field
from typing import Literal

from remediator.simulator import ids


@dataclass
class Permissions:
    """What somebody may do with a vault's keys and secrets; in lower case."""

    keys: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)


@dataclass(eq=False)
class KeyVault:
    """A key vault: either its access policies count, or the roles at it and above."""

    subscription: str
    group: str
    name: str
    location: str
    rbac: bool = False
    network_default: Literal["Allow", "Deny"] = "Allow"
    bypass: Literal["AzureServices", "None"] = "AzureServices"
    """Whom the network rules let in all the same."""
    access: dict[str, Permissions] = field(default_factory=dict)
    """Access policies by object id."""

    @property
    def arm_id(self) -> str:
        """The vault's id."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.KeyVault/vaults", self.name
        )
