"""A policy that demands tags prevents new resource groups, also those of Azure Backup."""

import json

from .client import RESOURCES, Answer, Client, codes
from .conftest import Play

POLICIES = "2022-06-01"
ASSIGNMENTS = "/providers/Microsoft.Authorization/policyAssignments"
CLOUD = """
tag_policies: [{tag: CostCenter, name: Tags please}, {tag: env, value: prod}]
vaults: [{name: vault-main}]
vms: [{name: web, protection: {vault: vault-main}}]
"""
OURS = "AzureBackupRG_westeurope_1"


def put(client: Client, tags: dict[str, str], location: str = "westeurope") -> Answer:
    body = {"location": location, "tags": tags}
    return client.call("PUT", client.group(OURS), RESOURCES, body=body)


def test_the_services_own_group_is_made_for_it(play: Play) -> None:
    client = play(CLOUD)
    job = client.back_up()
    assert codes(job) == ["UserErrorRequestDisallowedByPolicy"]
    assert "Tags please" in job["errorDetails"][0]["errorString"]
    assert (
        f"Resource '{OURS}' was disallowed by policy" in job["extendedInfo"]["dynamicErrorMessage"]
    )
    refused = put(client, {"costcenter": "1"})
    assert (refused.status, refused.code) == (403, "RequestDisallowedByPolicy")
    error = refused.body["error"]
    assert error["target"] == OURS
    listed = json.loads(error["message"].partition("identifiers: '")[2].removesuffix("'."))
    assert [each["policyAssignment"]["name"] for each in listed] == [
        "Require env on resource groups"
    ]
    assert error["additionalInfo"][0]["info"]["policyAssignmentParameters"] == {
        "tagName": {"value": "env"},
        "tagValue": {"value": "prod"},
    }
    assert put(client, {"CostCenter": "1", "env": "test"}).status == 403
    assert put(client, {"CostCenter": "1", "env": "prod"}).status == 201
    group = client.get(client.group(OURS), RESOURCES).body
    assert group["tags"] == {"CostCenter": "1", "env": "prod"}
    assert client.back_up()["status"] == "Completed"
    assert put(client, {"CostCenter": "2", "env": "prod"}).status == 200
    assert put(client, {"CostCenter": "2", "env": "prod"}, "northeurope").status == 409


def test_the_policies_can_be_read(play: Play) -> None:
    client = play(CLOUD)
    rows = client.get(client.group("rg-app") + ASSIGNMENTS, POLICIES).body["value"]
    assert rows[0]["properties"]["displayName"] == "Tags please"
    assert client.get(rows[0]["id"], POLICIES).body == rows[0]
    for row, effect in zip(rows, ("deny", "deny"), strict=True):
        definition = client.get(row["properties"]["policyDefinitionId"], POLICIES).body
        assert definition["properties"]["policyRule"]["then"]["effect"] == effect
    assert client.get(client.scope + ASSIGNMENTS + "/other", POLICIES).status == 404


def test_a_group_that_is_there_already_is_no_matter(play: Play) -> None:
    client = play(CLOUD + f"groups: [{OURS}]")
    assert client.back_up()["status"] == "Completed"


def test_without_a_policy_a_group_needs_no_tag(play: Play) -> None:
    client = play("groups: [rg-app]")
    assert put(client, {}).status == 201
    assert put(client, {}).status == 200
    assert client.get(client.scope + ASSIGNMENTS, POLICIES).body == {"value": []}
