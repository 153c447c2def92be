"""Whether a security group keeps the agent from the platform, as the tool understands its rules."""

import json
from typing import Any

import pytest

from remediator.facts.interfaces import shut_to_platform
from remediator.inspect.interfaces import parse_group

ALLOW_ALL = {"access": "Allow", "priority": 65001, "destinationAddressPrefix": "Internet"}


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


HOST = {"destinationAddressPrefix": "168.63.129.16"}
ALLOW = HOST | {"access": "Allow"}


@pytest.mark.parametrize(
    ("rule", "rules"),
    [
        (None, []),
        # Only a rule that names the address applies to it.
        (None, [{"destinationAddressPrefix": "*"}]),
        (None, [{"destinationAddressPrefix": "Internet"}]),
        (None, [{"destinationAddressPrefix": "168.63.129.0/24"}]),
        ("r0", [HOST]),
        ("r0", [{"destinationAddressPrefixes": ["10.0.0.0/8", "168.63.129.16/32"]}]),
        (None, [HOST | {"direction": "Inbound"}]),
        (None, [ALLOW]),
        # The priority decides, not the place in the list.
        (None, [HOST | {"priority": 200}, ALLOW]),
        ("r1", [ALLOW | {"priority": 200}, HOST]),
        # The agent's ports are TCP 80 and 32526. A rule for DNS alone keeps no agent away.
        (None, [HOST | {"destinationPortRange": "53"}]),
        (None, [HOST | {"protocol": "Udp"}]),
        ("r0", [HOST | {"protocol": "TCP", "destinationPortRange": "80"}]),
        ("r0", [HOST | {"destinationPortRange": "", "destinationPortRanges": ["53", "32526"]}]),
        ("r0", [HOST | {"destinationPortRange": "30000-40000"}]),
        ("r1", [ALLOW | {"destinationPortRange": "80"}, HOST | {"priority": 200}]),
        # What is not told or not understood counts as covered.
        ("r0", [HOST | {"destinationPortRange": "http"}]),
        ("r0", [HOST | {"destinationPortRange": None}]),
        ("r0", [HOST | {"protocol": None}]),
    ],
    ids=json.dumps,
)
def test_the_way_to_the_platform(rule: str | None, rules: list[dict[str, Any]]) -> None:
    assert shut_to_platform(parse_group(group(*rules))) == rule
