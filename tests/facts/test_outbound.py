"""Which outbound traffic a security group's rules allow, as the tool understands them."""

import json
from typing import Any

import pytest

from remediator.facts.outbound import Way, shut_to_platform, way_to
from remediator.inspect.interfaces import parse, parse_group

ALLOW_ALL = {"access": "Allow", "priority": 65001, "destinationAddressPrefix": "Internet"}
NIC = {
    "name": "nic",
    "properties": {
        "ipConfigurations": [
            {"properties": {"privateIPAddress": "10.0.0.4", "privateIPAllocationMethod": "Static"}}
        ]
    },
}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    defaults = {
        "direction": "Outbound",
        "access": "Deny",
        "priority": 100,
        "protocol": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": "*",
    }
    own = [{"name": f"r{n}", "properties": defaults | rule} for n, rule in enumerate(rules)]
    last = [{"name": "AllowInternetOutBound", "properties": defaults | ALLOW_ALL}]
    return {"name": "nsg", "properties": {"securityRules": own, "defaultSecurityRules": last}}


OUT = {"destinationAddressPrefix": "*"}
STORAGE = {"destinationAddressPrefix": "Storage"}


@pytest.mark.parametrize(
    ("way", "rules"),
    [
        (Way.OPEN, []),
        (Way.SHUT, [OUT]),
        (Way.SHUT, [{"destinationAddressPrefix": "0.0.0.0/0"}]),
        (Way.OPEN, [{"destinationAddressPrefix": "::/0"}]),
        (Way.SHUT, [{"destinationAddressPrefix": "AzureCloud"}]),
        (Way.SHUT, [{"destinationAddressPrefix": "azurecloud.westeurope"}]),
        (Way.UNCLEAR, [{"destinationAddressPrefix": "AzureCloud.northeurope"}]),
        (Way.SHUT, [STORAGE]),
        (Way.SHUT, [{"destinationAddressPrefixes": ["Sql", "Storage"]}]),
        (Way.OPEN, [{"destinationAddressPrefix": "Sql"}]),
        (Way.OPEN, [{"destinationAddressPrefix": "AzureActiveDirectory"}]),
        # The priority decides, not the place in the list. A deny after an allow has no effect.
        (Way.OPEN, [OUT | {"priority": 200}, STORAGE | {"access": "Allow", "priority": 100}]),
        (Way.SHUT, [OUT | {"priority": 100}, STORAGE | {"access": "Allow", "priority": 200}]),
        (Way.OPEN, [OUT | {"direction": "Inbound"}]),
        (Way.OPEN, [OUT | {"protocol": "Udp"}]),
        (Way.SHUT, [OUT | {"protocol": "TCP"}]),
        (Way.OPEN, [OUT | {"destinationPortRange": "80"}]),
        (Way.SHUT, [OUT | {"destinationPortRange": "400-500"}]),
        (Way.SHUT, [OUT | {"destinationPortRange": "", "destinationPortRanges": ["80", "443"]}]),
        (Way.UNCLEAR, [OUT | {"destinationPortRange": "https"}]),
        (Way.SHUT, [OUT | {"sourceAddressPrefix": "VirtualNetwork"}]),
        (Way.SHUT, [OUT | {"sourceAddressPrefix": "10.0.0.0/24"}]),
        (Way.OPEN, [OUT | {"sourceAddressPrefix": "10.0.1.0/24"}]),
        (Way.UNCLEAR, [OUT | {"sourceAddressPrefix": "AzureLoadBalancer"}]),
        (Way.OPEN, [{"destinationAddressPrefix": "VirtualNetwork"}]),
        (Way.OPEN, [{"destinationAddressPrefix": "10.0.0.0/8"}]),
        (Way.OPEN, [{"destinationAddressPrefix": "168.63.129.16/32"}]),
        # A public range may contain the service's addresses, or some of them.
        (Way.UNCLEAR, [{"destinationAddressPrefix": "52.0.0.0/8"}]),
        (Way.UNCLEAR, [{"destinationAddressPrefix": "Some Thing?"}]),
        (Way.UNCLEAR, [{"destinationAddressPrefix": ""}]),
        # A rule in doubt makes no difference if the traffic is denied anyway. The same holds for an
        # allow.
        (Way.SHUT, [{"destinationAddressPrefix": "52.0.0.0/8"}, OUT | {"priority": 200}]),
        (Way.OPEN, [{"destinationAddressPrefix": "52.0.0.0/8", "access": "Allow"}]),
        (
            Way.UNCLEAR,
            [
                {"destinationAddressPrefix": "52.0.0.0/8", "access": "Allow"},
                OUT | {"priority": 200},
            ],
        ),
        (Way.UNCLEAR, [{"destinationApplicationSecurityGroups": [{"id": "x"}]}]),
        (Way.UNCLEAR, [OUT | {"sourceApplicationSecurityGroups": [{"id": "x"}]}]),
        # Azure denies traffic that no rule names. But each real group ends in rules for everything.
        (Way.UNCLEAR, [OUT | {"priority": None, "destinationAddressPrefix": "52.0.0.0/8"}]),
    ],
    ids=json.dumps,
)
def test_the_way_to_storage(way: Way, rules: list[dict[str, Any]]) -> None:
    said = way_to("Storage", parse_group(group(*rules)), parse(NIC, {}), "westeurope")
    assert said.way == way, said


def test_a_group_without_rules_is_not_taken_for_open() -> None:
    empty = parse_group({"name": "nsg", "properties": {}})
    assert way_to("Storage", empty, parse(NIC, {}), "westeurope").way == Way.UNCLEAR


@pytest.mark.parametrize(
    ("rule", "rules"),
    [
        (None, [OUT]),
        ("r0", [{"destinationAddressPrefix": "168.63.129.16"}]),
        ("r0", [{"destinationAddressPrefixes": ["10.0.0.0/8", "168.63.129.16/32"]}]),
        (None, [{"destinationAddressPrefix": "168.63.129.0/24"}]),
        (None, [{"destinationAddressPrefix": "168.63.129.16", "access": "Allow"}]),
    ],
    ids=json.dumps,
)
def test_the_way_to_the_platform(rule: str | None, rules: list[dict[str, Any]]) -> None:
    assert shut_to_platform(parse_group(group(*rules))) == rule
