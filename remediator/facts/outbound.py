"""The networks of a VM, and the outbound traffic that their security groups allow.

The rules of a group are examined by priority. The first rule that covers the traffic decides. A
rule that cannot be judged may decide or may not, so the rules after it are in doubt.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from remediator.job.restore_needs import same_region
from remediator.value import Value

NEEDED_TAGS: Final = ("AzureBackup", "Storage", "AzureActiveDirectory")
"""The services that a backup inside a VM talks to, on port 443 ("Troubleshoot backup errors with
Azure virtual machines", network connectivity)."""

PLATFORM: Final = "168.63.129.16"
"""The address at which a VM agent meets the platform. General rules do not apply to it. Only a rule
that names it applies ("What is IP address 168.63.129.16?")."""

_PORT: Final = 443
_ALL: Final = frozenset({"*", "internet", "azurecloud"})
_INSIDE: Final = "virtualnetwork"
_TAG: Final = re.compile(r"([a-z0-9]+)(?:\.([a-z0-9]+))?")
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
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    """Service tags and address ranges."""
    by_application: bool
    """Whether it names application security groups. Their members are not read."""


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


class Way(StrEnum):
    """Whether traffic gets out."""

    OPEN = "open"
    SHUT = "shut"
    UNCLEAR = "unclear"


class Said(Value):
    """The decision of a security group on one kind of traffic."""

    way: Way
    rule: str
    """The rule that decides, or the rule that could not be judged. Empty when no rule applies."""


def way_to(tag: str, group: SecurityGroup, interface: Interface, region: str) -> Said:
    """Whether a group lets traffic from an interface out to a service tag."""
    unclear: Rule | None = None
    for rule in group.rules:
        concerned = _concerns(rule, tag, interface, region)
        if concerned is False:
            continue
        if unclear is not None and unclear.allows != rule.allows:
            return Said(way=Way.UNCLEAR, rule=unclear.name)
        if concerned:
            return Said(way=Way.OPEN if rule.allows else Way.SHUT, rule=rule.name)
        unclear = rule
    return Said(way=Way.UNCLEAR, rule=unclear.name if unclear else "")


def shut_to_platform(group: SecurityGroup) -> str | None:
    """The rule that keeps the agent from the platform.

    None when no rule that names its address does.
    """
    for rule in group.rules:
        if any(_names_platform(place) for place in rule.destinations):
            return None if rule.allows else rule.name
    return None


def _names_platform(place: str) -> bool:
    return place.removesuffix("/32") == PLATFORM


def _concerns(rule: Rule, tag: str, interface: Interface, region: str) -> bool | None:
    """Whether a rule applies to all traffic to a tag. None when the tool cannot tell."""
    answers = [
        rule.protocol.lower() in ("*", "tcp"),
        _any(_port(ports) for ports in rule.ports),
        _any(_from(place, interface) for place in rule.sources),
        _any(_to(place.lower(), tag.lower(), region) for place in rule.destinations),
    ]
    if rule.by_application:
        answers.append(None)
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: Iterator[bool | None]) -> bool | None:
    found = list(answers)
    if True in found:
        return True
    return None if None in found or not found else False


def _port(ports: str) -> bool | None:
    if ports == "*":
        return True
    match = _PORTS.fullmatch(ports)
    return int(match[1]) <= _PORT <= int(match[2] or match[1]) if match else None


def _from(place: str, interface: Interface) -> bool | None:
    if place.lower() in ("*", _INSIDE):
        return True
    network, own = _network(place), [_network(each.address) for each in interface.addresses]
    if network is None:
        return None
    found = [_within(each, network) for each in own]
    # A VM may send from any of its addresses.
    return True if all(found) and found else None if any(found) or not found else False


def _to(place: str, tag: str, region: str) -> bool | None:
    network = _network(place)
    if network is not None:
        if network.prefixlen == 0:
            return network.version == 4
        # Service tags stand for public addresses.
        return False if network.is_private or _names_platform(place) else None
    if place in _ALL:
        return True
    match = _TAG.fullmatch(place)
    if match is None:
        return None
    named, part = match.groups()
    if named not in (tag, "azurecloud"):
        # Each tag stands for the addresses of one service.
        return False
    return True if part is None or same_region(part, region) else None


def _within(one: IPv4Network | IPv6Network | None, other: IPv4Network | IPv6Network) -> bool:
    match one, other:
        case IPv4Network(), IPv4Network():
            return one.subnet_of(other)
        case IPv6Network(), IPv6Network():
            return one.subnet_of(other)
        case _:
            return False


def _network(place: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(place, strict=False)
    except ValueError:
        return None
