"""A key vault's firewall: what Azure Backup is let through, and what stays."""

from pathlib import Path
from typing import Any

import pytest

from remediator.inspect.key_vaults import parse
from remediator.simulator.process import SimulatorProcess
from tests.evidence import fix, scenario, sent

VAULT = "/subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1"


def test_the_other_rules_of_the_firewall_are_sent_back_as_they_were_read(tmp_path: Path) -> None:
    keys = {
        "name": "kv1",
        "network_default": "Deny",
        "bypass": "None",
        "ip_rules": ["203.0.113.7"],
        "access": [{"object_id": "backup", "keys": ["all"], "secrets": ["all"]}],
    }
    web = {"encryption": {"key_vault": "kv1"}, "scheduled_backup": "3h ago"}
    path = scenario(tmp_path, web, key_vaults=[keys])
    with SimulatorProcess(path, time="stepped", step=30) as azure:
        fix(azure, tmp_path, "--allow", "security").check(0)
        [patch] = sent(azure, "PATCH", "/vaults/kv1")
    assert patch["body"]["properties"] == {
        "networkAcls": {
            "bypass": "AzureServices",
            "defaultAction": "Deny",
            "ipRules": [{"value": "203.0.113.7"}],
            "virtualNetworkRules": [],
        }
    }


@pytest.mark.parametrize(
    ("properties", "closed"),
    [
        ({}, False),
        ({"networkAcls": None}, False),
        ({"networkAcls": {"defaultAction": "Deny"}}, False),
        ({"networkAcls": {"defaultAction": "Deny", "bypass": None}}, False),
        ({"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}, False),
        ({"networkAcls": {"defaultAction": "Deny", "bypass": "None"}}, True),
        ({"networkAcls": {"defaultAction": "Allow", "bypass": "None"}}, False),
        ({"networkAcls": {"bypass": "None"}, "publicNetworkAccess": "Disabled"}, True),
        ({"publicNetworkAccess": "Disabled"}, False),
    ],
    ids=str,
)
def test_a_vault_is_closed_only_where_it_says_so(properties: dict[str, Any], closed: bool) -> None:
    """Without the field, the bypass is AzureServices."""
    assert parse(VAULT, {"properties": properties}).closed is closed
