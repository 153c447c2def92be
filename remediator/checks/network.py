"""What the VM's security groups and addresses say: articles 000 and 001, networking."""

from collections.abc import Callable
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed, unknown
from remediator.facts import Known, Readings, Source, Unknown
from remediator.facts.interfaces import PLATFORM, Interface, shut_to_platform
from remediator.language import marked

Tell = Callable[[tuple[Interface, ...], str], Answer]


def _of_interfaces(tell: Tell) -> Callable[[Readings], Answer]:
    def look(about: Readings) -> Answer:
        match about.interfaces:
            case Unknown(reason=reason):
                return unknown(reason)
            case Known(value=interfaces, source=source) if interfaces:
                return tell(interfaces, source)
            case Known(source=source):
                return left_open("Azure shows no network interface of the VM", source)

    return look


def _platform(interfaces: tuple[Interface, ...], source: str) -> Answer:
    rules = [
        f"{rule} ({group.name})"
        for interface in interfaces
        for group in interface.groups
        if (rule := shut_to_platform(group))
    ]
    if rules:
        return failed(
            "{address} is blocked by: {rules}",
            source,
            marked(
                "Remove the rule: at this address the VM agent meets the platform, on ports 80 "
                "and 32526, and without it no extension runs."
            ),
            address=PLATFORM,
            rules="; ".join(dict.fromkeys(rules)),
        )
    return passed("no security rule names {address}", source, address=PLATFORM)


def _addresses(interfaces: tuple[Interface, ...], source: str) -> Answer:
    every = [address for interface in interfaces for address in interface.addresses]
    if not every:
        return left_open("its network interfaces show no private address", source)
    if static := [each.address for each in every if each.static]:
        return passed(
            "static, and set on the platform: {addresses}; inside the guest DHCP must stay on",
            source,
            addresses=", ".join(static),
        )
    told = ", ".join(each.address for each in every)
    return passed("dynamic: {addresses}", source, addresses=told)


_NEEDS: Final = frozenset({Source.INTERFACES})

CHECKS: Final = (
    Check(
        "network-platform",
        Area.NETWORK,
        "The VM agent reaches the platform",
        _NEEDS,
        _of_interfaces(_platform),
        of_agent=True,
    ),
    Check(
        "private-address",
        Area.NETWORK,
        "Its address is the platform's",
        _NEEDS,
        _of_interfaces(_addresses),
        of_agent=True,
    ),
)
