"""Azure Policy, but only policies that forbid resource groups without a tag.

The two built-in definitions, their ids and their rules are the published ones. The refusal's code
and the form of its message are published too. The rest of the refusal follows examples in public
bug reports.
"""

import json

from remediator.simulator import ids
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.resources.state import TagPolicy
from remediator.simulator.routing import Call, Route
from remediator.simulator.world import World

_ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
_DEFINITION = "Microsoft.Authorization/policyDefinitions"
_TAG = "96670d01-0a4d-4649-9c89-2d3abc0a5025"
_TAG_AND_VALUE = "8ce3da23-7156-49e4-b145-24f95f9dcb46"
_TITLES = {
    _TAG: "Require a tag on resource groups",
    _TAG_AND_VALUE: "Require a tag and its value on resource groups",
}
_NAME = "[concat('tags[', parameters('tagName'), ']')]"


def violated(world: World, subscription: str, tags: dict[str, str]) -> list[TagPolicy]:
    """Return the policies that a resource group with these tags would violate."""
    given = {name.lower(): value for name, value in tags.items()}
    return [
        each
        for each in world.tag_policies
        if ids.same(each.subscription, subscription)
        and (
            each.tag.lower() not in given
            or (each.value is not None and given[each.tag.lower()] != each.value)
        )
    ]


def disallowed(group: str, policies: list[TagPolicy]) -> str:
    """Return ARM's text for the policies that a resource group violates."""
    rows = [
        {
            "policyAssignment": {"name": each.title, "id": each.arm_id},
            "policyDefinition": {
                "name": _TITLES[_definition_of(each)],
                "id": f"/providers/{_DEFINITION}/{_definition_of(each)}",
            },
        }
        for each in policies
    ]
    listed = json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
    return f"Resource '{group}' was disallowed by policy. Policy identifiers: '{listed}'."


def refusal(group: str, policies: list[TagPolicy]) -> ArmError:
    """The refusal of a resource group."""
    violations: list[Json] = [
        {
            "type": "PolicyViolation",
            "info": {
                "policyAssignmentId": each.arm_id,
                "policyAssignmentName": each.name,
                "policyAssignmentDisplayName": each.title,
                "policyAssignmentScope": f"/subscriptions/{each.subscription}",
                "policyAssignmentParameters": _parameters(each),
                "policyDefinitionId": f"/providers/{_DEFINITION}/{_definition_of(each)}",
                "policyDefinitionName": _definition_of(each),
                "policyDefinitionDisplayName": _TITLES[_definition_of(each)],
                "policyDefinitionEffect": "deny",
            },
        }
        for each in policies
    ]
    more: Json = {"target": group, "additionalInfo": violations}
    return ArmError(403, "RequestDisallowedByPolicy", disallowed(group, policies), more=more)


def _definition_of(policy: TagPolicy) -> str:
    return _TAG if policy.value is None else _TAG_AND_VALUE


def _parameters(policy: TagPolicy) -> Json:
    parameters: Json = {"tagName": {"value": policy.tag}}
    if policy.value is not None:
        parameters["tagValue"] = {"value": policy.value}
    return parameters


def _assignment_body(policy: TagPolicy) -> Json:
    return {
        "properties": {
            "displayName": policy.title,
            "policyDefinitionId": f"/providers/{_DEFINITION}/{_definition_of(policy)}",
            "scope": f"/subscriptions/{policy.subscription}",
            "notScopes": [],
            "parameters": _parameters(policy),
            "metadata": {},
            "enforcementMode": "Default",
        },
        "id": policy.arm_id,
        "type": _ASSIGNMENT,
        "name": policy.name,
    }


def _list(call: Call) -> Reply:
    """List the assignments that hold at the scope. Here all are made at subscriptions."""
    scope = "/" + call.params["scope"].strip("/")
    rows = [
        _assignment_body(each)
        for each in call.world.tag_policies
        if ids.within(scope, f"/subscriptions/{each.subscription}")
    ]
    return page(call, rows)


def _get(call: Call) -> Reply:
    wanted = f"/{call.params['scope'].strip('/')}/providers/{_ASSIGNMENT}/{call.params['name']}"
    for each in call.world.tag_policies:
        if ids.same(each.arm_id, wanted):
            return Reply(200, _assignment_body(each))
    raise ArmError(
        404,
        "PolicyAssignmentNotFound",
        f"The policy assignment '{call.params['name']}' is not found.",
    )


def _get_definition(call: Call) -> Reply:
    wanted = call.params["name"].lower()
    if wanted not in _TITLES:
        raise ArmError(
            404, "PolicyDefinitionNotFound", f"The policy definition '{wanted}' is not found."
        )
    names = ["tagName"] if wanted == _TAG else ["tagName", "tagValue"]
    broken: Json = {"field": _NAME, "exists": "false"}
    if wanted == _TAG_AND_VALUE:
        broken = {"not": {"field": _NAME, "equals": "[parameters('tagValue')]"}}
    group = {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"}
    return Reply(
        200,
        {
            "properties": {
                "displayName": _TITLES[wanted],
                "policyType": "BuiltIn",
                "mode": "All",
                "metadata": {"version": "1.0.0", "category": "Tags"},
                "version": "1.0.0",
                "parameters": {name: {"type": "String"} for name in names},
                "policyRule": {"if": {"allOf": [group, broken]}, "then": {"effect": "deny"}},
            },
            "id": f"/providers/{_DEFINITION}/{wanted}",
            "type": _DEFINITION,
            "name": wanted,
        },
    )


_ASSIGNMENTS = "/{scope*}/providers/" + _ASSIGNMENT

ROUTES = [
    Route("GET", _ASSIGNMENTS, f"{_ASSIGNMENT}/read", _list),
    Route("GET", _ASSIGNMENTS + "/{name}", f"{_ASSIGNMENT}/read", _get),
    Route("GET", f"/providers/{_DEFINITION}" + "/{name}", f"{_DEFINITION}/read", _get_definition),
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/" + _DEFINITION + "/{name}",
        f"{_DEFINITION}/read",
        _get_definition,
    ),
]
