"""Which policies apply to a resource group that does not exist yet, and what sets pass on."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from remediator.errors import AzureError
from remediator.facts import Known, Readings, TagDemand, TagDemands
from remediator.inspect.tag_demands import look
from remediator.job.job import Subject
from remediator.reading import Answer, Keys, Query

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SUBSCRIPTION = "/subscriptions/S"
KIND = "/providers/Microsoft.Authorization"
RULE = {
    "if": {
        "allOf": [
            {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"},
            {"field": "[concat('tags[', parameters('tagName'), ']')]", "exists": "false"},
        ]
    },
    "then": {"effect": "[parameters('effect')]"},
}
DEFINITION = {
    "name": "need-tag",
    "properties": {
        "displayName": "Need a tag",
        "parameters": {"effect": {"defaultValue": "Deny"}, "tagName": {"type": "String"}},
        "policyRule": RULE,
    },
}
SET = {
    "name": "tagging",
    "properties": {
        "parameters": {"owner": {"defaultValue": "owner"}, "mode": {"defaultValue": "Audit"}},
        "policyDefinitions": [
            {
                "policyDefinitionId": f"{KIND}/policyDefinitions/need-tag",
                "parameters": {"tagName": {"value": "[parameters('owner')]"}},
            },
            {
                "policyDefinitionId": f"{KIND}/policyDefinitions/need-tag",
                "parameters": {
                    "tagName": {"value": "cost"},
                    "effect": {"value": "[parameters('mode')]"},
                },
            },
            {"policyDefinitionId": f"{KIND}/policyDefinitions/hidden"},
        ],
    },
}


class Documents:
    """A reader of these documents. One of them is forbidden."""

    shared = False

    def __init__(self, assignments: list[dict[str, Any]]) -> None:
        self._assignments = assignments
        self.asked: list[str] = []

    async def get(self, query: Query) -> Answer:
        self.asked.append(query.path)
        if query.path.endswith("/hidden"):
            raise AzureError("403 AuthorizationFailed", code="AuthorizationFailed", status=403)
        known = {"need-tag": DEFINITION, "tagging": SET}
        return Answer(body=known.get(query.path.rsplit("/", 1)[-1]), at=NOW)

    async def pages_with(
        self, query: Query, _keys: Keys, _wanted: Collection[str]
    ) -> tuple[list[dict[str, Any]], Answer]:
        raise NotImplementedError(query)

    async def pages(self, _query: Query) -> tuple[list[dict[str, Any]], Answer]:
        return self._assignments, Answer(body={}, at=NOW)

    async def follow(self, url: str) -> Answer:
        raise NotImplementedError(url)

    async def vaults(self, subscription: str) -> list[str]:
        raise NotImplementedError(subscription)


def assignment(
    name: str, definition: str = f"{KIND}/policyDefinitions/need-tag", **more: Any
) -> dict[str, Any]:
    properties = {
        "displayName": name,
        "policyDefinitionId": definition,
        "scope": SUBSCRIPTION,
        "parameters": {"tagName": {"value": name}},
    }
    return {"name": name, "properties": properties | more}


def demanded(*assignments: dict[str, Any]) -> tuple[TagDemands, Documents]:
    reader = Documents(list(assignments))
    subject = Subject(
        subscription="s", vm_name="web", vm_id=None, vault=None, container=None, now=NOW, since=NOW
    )

    async def ask(_source: object) -> Any:
        raise AssertionError("it needs no other source")

    found = asyncio.run(look(reader, Readings(subject=subject), ask))
    assert isinstance(found, Known)
    return found.value, reader


def test_what_is_assigned_above_or_at_the_subscription_counts_and_nothing_below_it() -> None:
    found, reader = demanded(
        assignment("here"),
        assignment("above", scope="/providers/Microsoft.Management/managementGroups/root"),
        assignment("below", scope=f"{SUBSCRIPTION}/resourceGroups/rg-app"),
        assignment("spared", notScopes=[SUBSCRIPTION.upper()]),
        assignment("watching", enforcementMode="DoNotEnforce"),
    )
    assert [demand.tag for demand in found.demands] == ["here", "above"]
    assert found.not_understood == ()
    assert len(reader.asked) == 1, "a definition is read once"


def test_a_set_hands_its_parameters_down_and_its_hidden_member_is_named() -> None:
    found, _ = demanded(assignment("Tagging", f"{KIND}/policySetDefinitions/tagging"))
    assert found.demands == (TagDemand(tag="owner", values=(), policy="Tagging"),)
    assert found.not_understood == (f"Tagging: {KIND}/policyDefinitions/hidden",)


def test_an_id_that_is_none_of_a_definition_is_not_asked_for() -> None:
    found, reader = demanded(
        assignment("odd", "/subscriptions/S/../secrets"),
        assignment("query", f"{KIND}/policyDefinitions/x?api-version=1"),
        assignment("elsewhere", "//evil.example/policyDefinitions/x"),
    )
    assert reader.asked == []
    assert [line.split(":")[0] for line in found.not_understood] == ["odd", "query", "elsewhere"]
