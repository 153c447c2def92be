"""The state of networks, and how a machine is attached to them."""

from dataclasses import dataclass, field

from remediator.simulator import ids


@dataclass(eq=False)
class Network:
    """A virtual network."""

    subscription: str
    group: str
    name: str
    location: str
    subnets: list[str] = field(default_factory=list)

    @property
    def arm_id(self) -> str:
        """The network's id."""
        return ids.resource_id(
            self.subscription, self.group, "Microsoft.Network/virtualNetworks", self.name
        )


@dataclass(eq=False)
class Rule:
    """An outbound rule of a security group."""

    name: str
    priority: int
    allows: bool
    destination: str
    """A service tag, a range of addresses, or ``*``."""


@dataclass(eq=False)
class Attachment:
    """How a machine is attached: its interface and the interface's security group."""

    subscription: str
    group: str
    machine: str
    location: str
    network: Network
    subnet: str
    static: bool = False
    rules: list[Rule] = field(default_factory=list)

    @property
    def interface_id(self) -> str:
        """The interface's id."""
        kind = "Microsoft.Network/networkInterfaces"
        return ids.resource_id(self.subscription, self.group, kind, f"{self.machine}-nic")

    @property
    def security_id(self) -> str:
        """The security group's id."""
        kind = "Microsoft.Network/networkSecurityGroups"
        return ids.resource_id(self.subscription, self.group, kind, f"{self.machine}-nsg")
