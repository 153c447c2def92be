"""The network interfaces of a VM, and whether their security groups keep it from the platform.

The backup of a VM needs nothing else of the VM's network: no way to the internet, and no service
tag ("Private endpoints (v2 experience) for Azure Backup").
"""

import re
from typing import Final

from remediator.value import Value

PLATFORM: Final = "168.63.129.16"
"""The address at which a VM agent meets the platform. General rules do not apply to it. Only a rule
that names it applies ("What is IP address 168.63.129.16?")."""

_PLATFORM_PORTS: Final = (80, 32526)
"""The agent's ports at that address (the same page)."""

_PORTS: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


class Rule(Value):
    """An outbound rule of a security group."""

    name: str
    priority: int
    allows: bool
    protocol: str
    """Such as `Tcp`, or `*`."""
    ports: tuple[str, ...]
    """Ports of the destination: `443`, `80-90`, `*`."""
    destinations: tuple[str, ...]
    """Service tags and address ranges."""


class SecurityGroup(Value):
    """A network security group, with the rules for traffic that leaves a VM."""

    name: str
    rules: tuple[Rule, ...]
    """The outbound rules by priority, the default rules included."""


class Address(Value):
    """A private address of an interface, as the platform assigns it."""

    address: str
    static: bool


class Interface(Value):
    """A network interface of the VM."""

    name: str
    addresses: tuple[Address, ...]
    groups: tuple[SecurityGroup, ...]
    """Its own groups and those of its subnets. Traffic gets out only if all of them allow it."""


def shut_to_platform(group: SecurityGroup) -> str | None:
    """The rule that keeps the agent from the platform.

    None when no rule that names its address does. For each of the agent's ports, the first rule
    that covers the port decides.
    """
    for port in _PLATFORM_PORTS:
        decides = next((rule for rule in group.rules if _concerns(rule, port)), None)
        if decides is not None and not decides.allows:
            return decides.name
    return None


def _concerns(rule: Rule, port: int) -> bool:
    """Whether a rule names the platform's address and covers a TCP port.

    A port that is not understood counts as covered: the rule names the address on purpose.
    """
    named = any(place.removesuffix("/32") == PLATFORM for place in rule.destinations)
    return (
        named
        and rule.protocol.lower() in ("*", "tcp", "")
        and any(_covers(ports, port) for ports in rule.ports or ("*",))
    )


def _covers(ports: str, port: int) -> bool:
    match = _PORTS.fullmatch(ports)
    return int(match[1]) <= port <= int(match[2] or match[1]) if match else True
