"""Deleted key vaults: they are listed and can be recovered, but not all comes back."""

import pytest

from .client import LOCKS, RESOURCES, Client, codes
from .conftest import Play

KEYS = "2023-07-01"
ROLES = "2022-04-01"
CODE = "UserErrorKeyVaultPermissionsNotConfigured"
NEEDED = ["get", "list", "backup"]
ALL = f"access: [{{object_id: backup, keys: {NEEDED}, secrets: {NEEDED}}}]"
CLOUD = """
vaults: [{name: vault-main}]
key_vaults: [{name: kv1, group: rg-keys, %s}]
vms:
  - name: web
    encryption: {key_vault: kv1}
    protection: {vault: vault-main}
"""


def key_vault(client: Client) -> str:
    return f"{client.group('rg-keys')}/providers/Microsoft.KeyVault/vaults/kv1"


def listed(client: Client) -> list[dict[str, object]]:
    path = f"{client.scope}/providers/Microsoft.KeyVault/deletedVaults"
    return [row["properties"] for row in client.get(path, KEYS).body["value"]]


def recover(client: Client, vault: str, **other: object) -> tuple[int, str]:
    told: dict[str, object] = {
        "tenantId": client.cloud.tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "createMode": "recover",
    }
    body = {"location": "westeurope", "properties": told} | other
    answer = client.call("PUT", vault, KEYS, body=body)
    return answer.status, answer.code if answer.status >= 400 else ""


def test_a_vault_is_deleted_listed_and_recovered(play: Play) -> None:
    client = play(CLOUD % ALL)
    vault = key_vault(client)
    assert recover(client, vault) == (409, "VaultAlreadyExists")
    assert client.delete(vault, KEYS).status == 200
    assert client.get(vault, KEYS).code == "ResourceNotFound"
    [row] = listed(client)
    assert row["vaultId"] == vault
    assert str(row["scheduledPurgeDate"]) > str(row["deletionDate"])
    assert codes(client.back_up()) == [CODE]
    assert recover(client, vault, location="northeurope") == (409, "InvalidResourceLocation")
    assert recover(client, vault, properties={"createMode": "default"}) == (400, "BadRequest")
    assert recover(client, vault.replace("rg-keys", "rg-app")) == (404, "DeletedVaultNotFound")
    assert recover(client, vault) == (200, "")
    assert client.get(vault, KEYS).body["properties"]["provisioningState"] == "RegisteringDns"
    client.cloud.advance(60)
    assert client.get(vault, KEYS).body["properties"]["provisioningState"] == "Succeeded"
    assert listed(client) == []
    assert client.back_up()["status"] == "Completed"


def test_role_assignments_and_locks_of_a_vault_do_not_come_back(play: Play) -> None:
    administrator = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
    client = play(
        CLOUD % "rbac: true"
        + f"role_assignments: [{{scope: 'key-vault:kv1', role: {administrator}}}]\n"
        + "locks: [{name: readable, scope: 'key-vault:kv1', level: ReadOnly}]"
    )
    vault = key_vault(client)
    assert client.back_up()["status"] == "Completed"
    lock = f"{vault}/providers/Microsoft.Authorization/locks/readable"
    assert client.delete(vault, KEYS).code == "ScopeLocked"
    client.delete(lock, LOCKS)
    assert client.delete(vault, KEYS).status == 200
    assert recover(client, vault) == (200, "")
    roles = client.get(f"{vault}/providers/Microsoft.Authorization/roleAssignments", ROLES)
    assert administrator not in str(roles.body)
    assert codes(client.back_up()) == [CODE]


@pytest.mark.parametrize(("ago", "there"), [("6d", 1), ("8d", 0)])
def test_a_deleted_vault_is_purged_when_its_retention_is_over(
    play: Play, ago: str, there: int
) -> None:
    client = play(CLOUD % f"deleted: {ago} ago, retention_days: 7")
    assert len(listed(client)) == there
    place = f"{client.scope}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv1"
    assert client.get(place, KEYS).status == (200 if there else 404)


def test_a_vault_comes_back_only_into_its_own_group(play: Play) -> None:
    client = play(CLOUD % "deleted: 1d ago")
    vault = key_vault(client)
    gone = vault.replace("rg-keys", "rg-gone")
    assert client.get(client.group("rg-gone"), RESOURCES).status == 404
    assert recover(client, gone) == (404, "ResourceGroupNotFound")
