"""What the VM's security groups let out: articles 000 and 001, networking; 003, step 4."""

from collections.abc import Callable
from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed, unknown
from remediator.facts import Known, Readings, Source, Unknown
from remediator.facts.outbound import (
    NEEDED_TAGS,
    PLATFORM,
    Interface,
    Way,
    shut_to_platform,
    way_to,
)
from remediator.language import marked

Tell = Callable[[tuple[Interface, ...], str, str], Answer]


def _of_interfaces(tell: Tell) -> Callable[[Readings], Answer]:
    def look(about: Readings) -> Answer:
        match about.interfaces, about.vm:
            case Unknown(reason=reason), _:
                return unknown(reason)
            case Known(value=interfaces, source=source), Known(value=vm) if interfaces:
                return tell(interfaces, vm.location, source)
            case Known(source=source), _:
                return left_open("Azure shows no network interface of the VM", source)

    return look


def _out(interfaces: tuple[Interface, ...], region: str, source: str) -> Answer:
    shut: dict[str, list[str]] = {}
    unclear: dict[str, list[str]] = {}
    for interface in interfaces:
        for group in interface.groups:
            for tag in NEEDED_TAGS:
                said = way_to(tag, group, interface, region)
                rule = f"{said.rule or '-'} ({group.name})"
                match said.way:
                    case Way.SHUT:
                        shut.setdefault(rule, []).append(tag)
                    case Way.UNCLEAR:
                        unclear.setdefault(rule, []).append(tag)
                    case Way.OPEN:
                        pass
    if shut:
        return failed(
            "blocked by a security rule: {ways}",
            source,
            marked(
                "Put a rule before it that allows TCP 443 out to the service tags AzureBackup, "
                "Storage and AzureActiveDirectory. Azure Backup needs no fixed addresses."
            ),
            ways=_by_rule(shut),
        )
    if unclear:
        return left_open(
            "a security rule could not be judged: {ways}",
            source,
            ways=_by_rule(unclear),
        )
    groups = {group.name for interface in interfaces for group in interface.groups}
    return passed(
        "open in {groups} for AzureBackup, Storage and AzureActiveDirectory; routes, firewalls "
        "and the guest's own settings are not seen from here",
        source,
        groups=", ".join(sorted(groups)) or "-",
    )


def _by_rule(ways: dict[str, list[str]]) -> str:
    return "; ".join(f"{rule}: {', '.join(dict.fromkeys(tags))}" for rule, tags in ways.items())


def _platform(interfaces: tuple[Interface, ...], _region: str, source: str) -> Answer:
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


def _addresses(interfaces: tuple[Interface, ...], _region: str, source: str) -> Answer:
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


_NEEDS: Final = frozenset({Source.INTERFACES, Source.VM})

CHECKS: Final = (
    Check(
        "network-out",
        Area.NETWORK,
        "The VM reaches Azure Backup",
        _NEEDS,
        _of_interfaces(_out),
        of_agent=True,
    ),
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
