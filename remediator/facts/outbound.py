"""How a VM is attached to its networks, and what their security groups let out of it.

A group's rules are asked by priority, and the first that concerns the traffic decides. Of a rule
that cannot be judged it is not known whether it decides, so what stands behind it is in doubt.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from remediator.job.restore_needs import same_region
from remediator.value import Value

NEEDED_TAGS: Final = ("AzureBackup", "Storage", "AzureActiveDirectory")
"""What a backup inside a VM talks to, by port 443 ("Troubleshoot backup errors with Azure virtual
machines", network connectivity)."""

PLATFORM: Final = "168.63.129.16"
"""Where a VM agent meets the platform. General rules do not hold for it; only a rule that names it
does ("What is IP address 168.63.129.16?")."""

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
    """As `Tcp`, or `*`."""
    ports: tuple[str, ...]
    """Of the destination: `443`, `80-90`, `*`."""
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    """Service tags and address ranges."""
    by_application: bool
    """Whether it names application security groups, whose members are not read."""


class SecurityGroup(Value):
    """A network security group, as far as it holds for what leaves a VM."""

    name: str
    rules: tuple[Rule, ...]
    """Outbound, the default ones included, by priority."""


class Address(Value):
    """A private address of an interface, as the platform gives it."""

    address: str
    static: bool


class Interface(Value):
    """A network interface of the VM."""

    name: str
    addresses: tuple[Address, ...]
    groups: tuple[SecurityGroup, ...]
    """Its own and those of its subnets. All of them must let a thing out."""


class Way(StrEnum):
    """Whether something gets out."""

    OPEN = "open"
    SHUT = "shut"
    UNCLEAR = "unclear"


class Said(Value):
    """What a security group says to one kind of traffic."""

    way: Way
    rule: str
    """The rule that decides, or the one that could not be judged; empty when none is there."""


def way_to(tag: str, group: SecurityGroup, interface: Interface, region: str) -> Said:
    """Whether a group lets an interface out to a service tag."""
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
    """The rule that keeps the agent from the platform; None when no rule names its address."""
    for rule in group.rules:
        if any(_names_platform(place) for place in rule.destinations):
            return None if rule.allows else rule.name
    return None


def _names_platform(place: str) -> bool:
    return place.removesuffix("/32") == PLATFORM


def _concerns(rule: Rule, tag: str, interface: Interface, region: str) -> bool | None:
    """Whether a rule holds for all traffic to a tag; None when that cannot be told."""
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
    # A VM leaves by any of its addresses.
    return True if all(found) and found else None if any(found) or not found else False


def _to(place: str, tag: str, region: str) -> bool | None:
    network = _network(place)
    if network is not None:
        if network.prefixlen == 0:
            return network.version == 4
        # What a service tag stands for are public addresses.
        return False if network.is_private or _names_platform(place) else None
    if place in _ALL:
        return True
    match = _TAG.fullmatch(place)
    if match is None:
        return None
    named, part = match.groups()
    if named not in (tag, "azurecloud"):
        # Each tag stands for one service's own addresses.
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
