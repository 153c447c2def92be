"""A vault of one subscription backs up a VM of another one, as recorded in 2026."""

import pytest

from .client import LOCKS, NEW, OLD, Client
from .conftest import Start

VERSIONS = pytest.mark.parametrize("version", [OLD, NEW])


def _of_apps(client: Client, place: str) -> str:
    return place.replace(client.subscription, client.cloud.subscriptions[1])


@VERSIONS
def test_a_vault_backs_up_a_vm_of_another_subscription(start: Start, version: str) -> None:
    client = start("cross-subscription")
    vm = _of_apps(client, client.vm("Web", "RG-App"))
    [item] = [
        row["properties"]
        for row in client.get(f"{client.vault()}/backupProtectedItems", version).body["value"]
        if row["properties"]["friendlyName"] == "Web"
    ]
    assert item["virtualMachineId"] == item["sourceResourceId"] == vm
    assert item["containerName"] == "iaasvmcontainerv2;RG-App;Web"
    assert client.item("Web").endswith("/protectedItems/VM;iaasvmcontainerv2;RG-App;Web")
    assert client.item("db").endswith("/protectedItems/VM;iaasvmcontainerv2;rg-app;db")
    job = client.job("Web", version)
    assert job["errorDetails"][0]["errorTitle"] == "UserErrorRpCollectionLimitReached"
    assert job["containerName"] == "iaasvmcontainerv2;RG-App;Web"
    other = client.cloud.subscriptions[1]
    assert job["extendedInfo"]["propertyBag"]["VM Subscription ID"] == other
    client.back_up("db")
    assert "VM Subscription ID" not in client.job("db", version)["extendedInfo"]["propertyBag"]


def test_what_belongs_to_a_vm_lies_in_its_own_subscription(start: Start) -> None:
    client = start("cross-subscription")
    ours, theirs = client.vm("Web", "RG-App"), _of_apps(client, client.vm("Web", "RG-App"))
    assert client.get(ours).status == client.get(theirs).status == 200
    kind = "providers/Microsoft.Compute/restorePointCollections"
    sources = {}
    for scope in (client.scope, _of_apps(client, client.scope)):
        [found] = client.get(f"{scope}/{kind}").body["value"]
        sources[scope] = found["properties"]["source"]["id"].rpartition("/")[2]
    assert list(sources.values()) == ["db", "Web"]
    keep = "/providers/Microsoft.Authorization/locks"
    group = client.group("AzureBackupRG_westeurope_1")
    # The lock in the vault's own subscription does not matter.
    assert client.delete(f"{group}{keep}/ours", LOCKS).status == 200
    assert client.back_up("Web")["status"] == "Failed"
    assert client.delete(f"{_of_apps(client, group)}{keep}/keep", LOCKS).status == 200
    assert client.back_up("Web")["status"] == "Completed"
