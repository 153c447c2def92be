"""Backups of encrypted machines need the backup service's access to the key vault."""

from typing import Any

import pytest

from .client import BACKUP, Client, codes
from .conftest import Play

KEYS = "2023-07-01"
ROLES = "2022-04-01"
SERVICE = "55555555-5555-5555-5555-555555555555"
ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
CODE = "UserErrorKeyVaultPermissionsNotConfigured"
CLOUD = """
vaults: [{name: vault-main}]
key_vaults: [{name: kv1, %s}]
vms:
  - name: web
    encryption: {key_vault: kv1, kek: %s}
    protection: {vault: vault-main}
"""


def key_vault(client: Client) -> str:
    """Find the vault as a reader of Azure would: in the VM's instance view."""
    disks = client.get(f"{client.vm()}/instanceView").body["disks"]
    return str(disks[0]["encryptionSettings"][0]["diskEncryptionKey"]["sourceVault"]["id"])


def grant(client: Client, *, how: str = "add", **permissions: list[str]) -> int:
    row: dict[str, Any] = {
        "tenantId": client.cloud.tenant_id,
        "objectId": SERVICE,
        "permissions": permissions,
    }
    path = f"{key_vault(client)}/accessPolicies/{how}"
    return client.call("PUT", path, KEYS, body={"properties": {"accessPolicies": [row]}}).status


NEEDED = ["get", "list", "backup"]


def test_an_access_policy_gives_the_service_what_it_needs(play: Play) -> None:
    client = play(CLOUD % ("access: [{object_id: backup, keys: [get], secrets: [get]}]", "true"))
    assert codes(client.back_up()) == [CODE]
    assert grant(client, secrets=NEEDED) == 200
    assert codes(client.back_up()) == [CODE]
    assert grant(client, keys=["list", "backup"]) == 200
    vault = client.get(key_vault(client), KEYS).body["properties"]
    assert vault["enableRbacAuthorization"] is False
    assert vault["accessPolicies"][0]["permissions"] == {
        "keys": sorted(NEEDED),
        "secrets": sorted(NEEDED),
    }
    assert client.back_up()["status"] == "Completed"
    assert grant(client, how="remove", keys=["backup"]) == 200
    assert codes(client.back_up()) == [CODE]


def test_without_a_key_encryption_key_secrets_are_enough(play: Play) -> None:
    client = play(CLOUD % ("access: []", "false"))
    settings = client.get(f"{client.vm()}/instanceView").body["disks"][0]["encryptionSettings"]
    assert "keyEncryptionKey" not in settings[0]
    grant(client, secrets=NEEDED)
    assert client.back_up()["status"] == "Completed"


@pytest.mark.parametrize("at", ["vault", "group", "subscription"])
def test_a_vault_with_roles_needs_a_role(play: Play, at: str) -> None:
    client = play(CLOUD % ("rbac: true", "true"))
    assert client.get(key_vault(client), KEYS).body["properties"]["enableRbacAuthorization"] is True
    assert codes(client.back_up()) == [CODE]
    assert grant(client, keys=NEEDED, secrets=NEEDED) == 400
    places = {
        "vault": key_vault(client),
        "group": client.group("rg-keys"),
        "subscription": client.scope,
    }
    name = "/providers/Microsoft.Authorization/roleAssignments/6a6f9fc8-0000-4000-8000-000000000001"
    role = f"{client.scope}/providers/Microsoft.Authorization/roleDefinitions/{ADMINISTRATOR}"
    assert client.get(role, ROLES).body["properties"]["roleName"] == "Key Vault Administrator"

    def assign(who: str, definition: str = role) -> tuple[int, Any]:
        body = {"properties": {"roleDefinitionId": definition, "principalId": who}}
        answer = client.call("PUT", places[at] + name, ROLES, body=body)
        return answer.status, answer.code if answer.status >= 400 else None

    # The id of an application is not the id of its object.
    application = "262044b1-e2ce-469f-a196-69ab7ada62d3"
    assert assign(application) == (400, "PrincipalNotFound")
    assert assign(SERVICE, role[:-4] + "0000") == (404, "RoleDefinitionDoesNotExist")
    assert assign(SERVICE) == (201, None)
    assert assign(SERVICE) == (409, "RoleAssignmentExists")
    assert client.back_up()["status"] == "Completed"
    listed = client.get(
        f"{key_vault(client)}/providers/Microsoft.Authorization/roleAssignments", ROLES
    )
    assert SERVICE in [row["properties"]["principalId"] for row in listed.body["value"]]
    assert client.delete(places[at] + name, ROLES).status == 200
    assert codes(client.back_up()) == [CODE]


def test_a_role_somewhere_else_does_not_help(play: Play) -> None:
    client = play(
        CLOUD % ("rbac: true", "true")
        + f"role_assignments: [{{scope: 'group:rg-app', role: {ADMINISTRATOR}}}]"
    )
    assert codes(client.back_up()) == [CODE]


def test_disks_of_an_encrypted_vm_cannot_be_left_out(play: Play) -> None:
    client = play(
        CLOUD % (f"access: [{{object_id: backup, keys: {NEEDED}, secrets: {NEEDED}}}]", "true")
        + "    disks: [{lun: 0}]"
    )
    assert client.back_up()["status"] == "Completed"
    choice = {"diskLunList": [0], "isInclusionList": False}
    client.protect(policyId=client.policy, extendedProperties={"diskExclusionProperties": choice})
    assert codes(client.back_up()) == ["UserErrorEncryptedVmNotSupportedWithDiskEx"]
    client.protect(policyId=client.policy, extendedProperties={"diskExclusionProperties": None})
    assert client.back_up()["status"] == "Completed"
    assert client.get(f"{client.scope}/providers/Microsoft.KeyVault/vaults", KEYS).body["value"]
    assert client.get(client.item(), BACKUP).status == 200
