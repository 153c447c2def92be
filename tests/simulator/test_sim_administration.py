"""What an administrator does without the tool: protection, run command, roles, searches."""

from typing import Any

from .client import BACKUP, LOCKS, RESOURCES, Answer, Client
from .conftest import Start

VM = {"protectedItemType": "Microsoft.Compute/virtualMachines"}
SCENARIO = """
vaults: [{name: vault-main}]
vms:
  - {name: web, os: linux}
  - {name: dark, power: deallocated, protection: {vault: vault-main}}
"""


def estate(start: Start, tmp_path: Any, more: str = "") -> Client:
    file = tmp_path / "estate.yaml"
    file.write_text(SCENARIO + more, encoding="utf-8")
    return start(file)


def item_of(client: Client) -> str:
    native = "iaasvmcontainerv2;rg-app;web"
    container = f"backupFabrics/Azure/protectionContainers/IaasVMContainer;{native}"
    return f"{client.vault()}/{container}/protectedItems/vm;{native}"


def wish(client: Client, **properties: Any) -> Answer:
    body = {"properties": VM | {"sourceResourceId": client.vm()} | properties}
    answer = client.call("PUT", item_of(client), BACKUP, body=body)
    client.cloud.advance(120)
    return answer


def shown(client: Client) -> dict[str, Any]:
    return dict(client.get(item_of(client), BACKUP).body["properties"])


def test_a_machine_is_found_protected_stopped_deleted_and_brought_back(
    start: Start, tmp_path: Any
) -> None:
    client = estate(start, tmp_path)
    policy = f"{client.vault()}/backupPolicies/DefaultPolicy"
    listed = client.get(f"{client.vault()}/backupProtectableItems", BACKUP).body["value"]
    assert [row["name"] for row in listed] == ["iaasvmcontainerv2;rg-app;web"]

    accepted = wish(client, policyId=policy)
    assert accepted.status == 202
    assert "/protectedItems/vm;iaasvmcontainerv2" in accepted.headers["location"], "echoed"
    assert shown(client)["protectionState"] == "IRPending"
    assert client.get(f"{client.vault()}/backupProtectableItems", BACKUP).body["value"] == []

    assert wish(client, policyId="", protectionState="ProtectionStopped").status == 202
    assert shown(client)["protectionState"] == "ProtectionStopped"

    deleted = client.delete(item_of(client), BACKUP)
    assert "/vaults/vault-main/backupOperations/" in deleted.headers["azure-asyncoperation"]
    client.cloud.advance(120)
    assert shown(client)["isScheduledForDeferredDelete"] is True
    assert wish(client, policyId=policy).status == 400, "undelete first"

    assert wish(client, policyId="", isRehydrate=True).status == 202
    assert "isScheduledForDeferredDelete" not in shown(client)
    jobs = client.get(f"{client.vault()}/backupJobs", BACKUP).body["value"]
    kinds = {job["properties"]["operation"] for job in jobs}
    assert kinds == {"ConfigureBackup", "DisableBackup", "DeleteBackupData", "Undelete"}


def test_deleted_backups_are_gone_after_fourteen_days(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path)
    wish(client, policyId=f"{client.vault()}/backupPolicies/DefaultPolicy")
    client.delete(item_of(client), BACKUP)
    client.cloud.advance(13 * 86400)
    assert client.get(item_of(client), BACKUP).status == 200
    client.cloud.advance(2 * 86400)
    assert client.get(item_of(client), BACKUP).status == 404


def test_what_cannot_be_protected(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path)
    policy = f"{client.vault()}/backupPolicies/DefaultPolicy"
    assert wish(client, policyId=policy, sourceResourceId=client.vm("nobody")).status == 400
    assert wish(client, policyId=policy, sourceResourceId=client.vm("dark")).status == 400
    assert wish(client, policyId="").status == 404, "nothing to stop"
    assert wish(client, policyId=f"{policy}-not").status == 400


def test_discovery_ends(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path)
    refresh = f"{client.vault()}/backupFabrics/Azure/refreshContainers"
    accepted = client.call("POST", refresh, BACKUP)
    assert client.get(accepted.headers["location"]).status == 202
    client.cloud.advance(60)
    assert client.get(accepted.headers["location"]).status == 204


def test_run_command_needs_a_running_machine_and_its_agent(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path, "  - {name: mute, agent: not-ready}\n")

    def run(vm: str, command: str) -> Answer:
        return client.call("POST", f"{client.vm(vm)}/runCommand", body={"commandId": command})

    accepted = run("web", "RunShellScript")
    client.cloud.advance(60)
    done = client.get(accepted.headers["azure-asyncoperation"]).body
    assert done["properties"]["output"] == client.get(accepted.headers["location"]).body
    assert "[stdout]" in done["properties"]["output"]["value"][0]["message"]

    assert run("dark", "RunPowerShellScript").code == "OperationNotAllowed"
    assert run("web", "RunPowerShellScript").status == 404
    silent = run("mute", "RunPowerShellScript")
    client.cloud.advance(60)
    assert client.get(silent.headers["azure-asyncoperation"]).body["status"] == "Failed"


def test_the_callers_role(start: Start, tmp_path: Any) -> None:
    owner = estate(start, tmp_path)
    roles = f"{owner.scope}/providers/Microsoft.Authorization/roleDefinitions"
    role = owner.get(roles, "2022-04-01", _filter="roleName eq 'Owner'").body["value"][0]
    assert role["properties"]["permissions"][0]["actions"] == ["*"]
    assert owner.get(role["id"], "2022-04-01").body == role
    assert owner.get(f"{roles}/other", "2022-04-01").code == "RoleDefinitionDoesNotExist"
    assert owner.get(roles, "2022-04-01", _filter="roleName eq 'Reader'").body["value"] == []

    denied = estate(start, tmp_path, "principal: {denied: [Microsoft.Compute/*/delete]}\n")
    assignments = f"{denied.scope}/providers/Microsoft.Authorization/roleAssignments"
    held = denied.get(assignments, "2022-04-01").body["value"][0]["properties"]
    custom = denied.get(held["roleDefinitionId"], "2022-04-01").body["properties"]
    assert custom["type"] == "CustomRole"
    assert custom["permissions"][0]["notActions"] == ["Microsoft.Compute/*/delete"]


def test_tags_of_a_subscription(start: Start, tmp_path: Any) -> None:
    tagged = estate(start, tmp_path, "subscription_tags: {main: {remediate: off, Team: x}}\n")
    assert tagged.get(tagged.scope, "2022-12-01").body["tags"] == {"remediate": "off", "Team": "x"}
    assert "tags" not in estate(start, tmp_path).get(tagged.scope, "2022-12-01").body


def test_searching_for_resources(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path)
    resources = f"{client.scope}/resources"
    text = "resourceGroup eq 'RG-APP' and resourceType eq 'microsoft.compute/virtualmachines'"
    found = client.get(resources, RESOURCES, _filter=text).body["value"]
    assert [row["name"] for row in found] == ["web", "dark"]
    refused = client.get(resources, RESOURCES, _filter="location eq 'x'")
    assert refused.code == "InvalidFilterInQueryString"

    def query(text: str) -> Answer:
        return client.call(
            "POST", "/providers/Microsoft.ResourceGraph/resources", LOCKS, body={"query": text}
        )

    answer = query(
        "Resources | where type =~ 'Microsoft.Compute/virtualMachines' and name != 'web' "
        "| project name, location | order by name asc | limit 5"
    )
    assert answer.body["data"] == [{"name": "dark", "location": "westeurope"}]
    assert query("resources | count").body["data"] == [{"Count": 3}]
    for wrong in ("Resources | summarize count()", "Tables", "Resources | limit x"):
        assert query(wrong).body["error"]["details"][0]["code"] == "InvalidQuery"


def test_providers(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path)
    providers = f"{client.scope}/providers"
    known = client.get(providers, RESOURCES).body["value"]
    assert all(row["registrationState"] == "Registered" for row in known)
    one = client.get(f"{providers}/microsoft.compute", RESOURCES).body
    assert "virtualMachines" in [kind["resourceType"] for kind in one["resourceTypes"]]
    assert client.get(f"{providers}/Nobody.Here", RESOURCES).code == "InvalidResourceNamespace"


def test_a_list_of_machines_names_their_extensions_and_no_more(start: Start, tmp_path: Any) -> None:
    client = estate(start, tmp_path)
    machines = f"{client.group('rg-app')}/providers/Microsoft.Compute/virtualMachines"
    rows = client.get(machines).body["value"]
    extension = f"{client.vm('dark')}/extensions/VMSnapshot"
    assert [row.get("resources") for row in rows] == [None, [{"id": extension}]]
    assert client.get(client.vm("dark")).body["resources"][0]["name"] == "VMSnapshot"
