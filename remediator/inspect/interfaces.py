"""The VM's network interfaces, with the security groups that apply to them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from remediator import ids
from remediator.facts import Absent, Fact, Known, Readings, Source, Thing, Unknown
from remediator.facts.interfaces import Address, Interface, Rule, SecurityGroup
from remediator.inspect.wire import dig, items, text
from remediator.reading import Api, Query, Reader

Bodies = dict[str, dict[str, Any]]


async def look(
    reader: Reader, _about: Readings, ask: Callable[[Source], Awaitable[Thing[Any]]]
) -> Fact[tuple[Interface, ...]]:
    """Read each interface, then its groups and subnets, then the subnets' groups.

    If one of them cannot be read, the whole is unknown: that one may block the traffic. Routes and
    firewalls are not examined.
    """
    match await ask(Source.VM):
        case Unknown() as unknown:
            return unknown
        case Absent(source=source):
            return Unknown(f"no such VM ({source})")
        case Known(value=vm, source=source, at=at):
            nics = await _read(reader, vm.nics)
            if isinstance(nics, Unknown):
                return nics
            subnets = _ids(s for nic in nics.values() for s in _subnets(nic))
            own = _ids(g for nic in nics.values() if (g := _group(nic)))
            first = await _read(reader, own + subnets)
            if isinstance(first, Unknown):
                return first
            left = _ids(g for s in subnets if (g := _group(first[ids.normal(s)])) and g not in own)
            second = await _read(reader, left)
            if isinstance(second, Unknown):
                return second
            read = first | second
            told = ", ".join(str(_query(nic)) for nic in vm.nics) or source
            more = ", and its security groups" if read else ""
            return Known(tuple(parse(nic, read) for nic in nics.values()), f"{told}{more}", at)


async def _read(reader: Reader, wanted: Iterable[str]) -> Bodies | Unknown:
    queries = {}
    for each in wanted:
        try:
            queries[ids.normal(each)] = _query(str(ids.ResourceId.parse(each)))
        except ValueError:
            return Unknown(f"{each!r} is not the id of a part of a network")
    answers = await asyncio.gather(*(reader.get(query) for query in queries.values()))
    found: Bodies = {}
    for (each, query), answer in zip(queries.items(), answers, strict=True):
        if answer.body is None:
            return Unknown(f"404 on {query}")
        found[each] = answer.body
    return found


def _query(arm_id: str) -> Query:
    return Query(api=Api.NETWORK, path=arm_id)


def _ids(found: Iterable[str]) -> list[str]:
    """Each id once. Different spellings count as the same id."""
    return list({ids.normal(each): each for each in found}.values())


def _subnets(nic: dict[str, Any]) -> list[str]:
    found = (
        text(config, "properties", "subnet", "id")
        for config in items(nic, "properties", "ipConfigurations")
    )
    return [each for each in found if each]


def _group(body: dict[str, Any]) -> str:
    return text(body, "properties", "networkSecurityGroup", "id")


def parse(nic: dict[str, Any], read: Bodies) -> Interface:
    """An interface. `read` holds the bodies of its subnets and all their groups, by normal id."""
    groups = [_group(nic)] + [_group(read[ids.normal(s)]) for s in _ids(_subnets(nic))]
    return Interface(
        name=text(nic, "name"),
        addresses=tuple(
            Address(
                address=text(config, "properties", "privateIPAddress"),
                static=text(config, "properties", "privateIPAllocationMethod").lower() == "static",
            )
            for config in items(nic, "properties", "ipConfigurations")
        ),
        groups=tuple(parse_group(read[ids.normal(group)]) for group in _ids(filter(None, groups))),
    )


def parse_group(body: dict[str, Any]) -> SecurityGroup:
    """A security group's outbound rules. Rules that are not understood are kept among them."""
    rows = items(body, "properties", "securityRules") + items(
        body, "properties", "defaultSecurityRules"
    )
    outbound = [row for row in rows if text(row, "properties", "direction").lower() != "inbound"]
    rules = (_rule(row) for row in outbound)
    return SecurityGroup(
        name=text(body, "name"), rules=tuple(sorted(rules, key=lambda rule: rule.priority))
    )


def _rule(row: dict[str, Any]) -> Rule:
    properties = dig(row, "properties")
    priority = dig(properties, "priority")
    return Rule(
        name=text(row, "name"),
        priority=priority if isinstance(priority, int) else 0,
        allows=text(properties, "access").lower() == "allow",
        protocol=text(properties, "protocol"),
        ports=_several(properties, "destinationPortRange"),
        destinations=_several(properties, "destinationAddressPrefix", "destinationAddressPrefixes"),
    )


def _several(properties: object, one: str, many: str | None = None) -> tuple[str, ...]:
    """The values of a property. Azure sends a single value in one field, and several in another."""
    listed = dig(properties, many or f"{one}s")
    found = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    single = text(properties, one)
    return tuple(filter(None, [single, *found]))
