"""Microsoft.Authorization roles: the one that the caller has, as a definition and an assignment.

The shapes are the documented ones of api-version 2022-04-01, the built-in Owner's id and actions
too. A scenario that denies actions gives the caller a custom role instead, with those taken out.
"""

import re

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.resources.permissions import denied_at
from remediator.simulator.routing import Call, Route

_KIND = "Microsoft.Authorization/roleDefinitions"
_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_NAMED = re.compile(r"(?:.*\s)?roleName\s+eq\s+'([^']*)'.*", re.IGNORECASE)
_SINCE = "2015-02-02T21:55:09.8806423Z"


def _definition(call: Call) -> Json:
    subscription = _subscription(call)
    denied = denied_at(call, subscription)
    name = ids.guid("role", *denied) if denied else _OWNER
    return {
        "properties": {
            "roleName": "Simulated operator" if denied else "Owner",
            "type": "CustomRole" if denied else "BuiltInRole",
            "description": "Everything but what the scenario denies."
            if denied
            else "Grants full access to manage all resources, including the ability to assign "
            "roles in Azure RBAC.",
            "assignableScopes": [subscription] if denied else ["/"],
            "permissions": [
                {"actions": ["*"], "notActions": denied, "dataActions": [], "notDataActions": []}
            ],
            "createdOn": _SINCE,
            "updatedOn": _SINCE,
        },
        "id": f"{subscription}/providers/{_KIND}/{name}",
        "type": _KIND,
        "name": name,
    }


def _subscription(call: Call) -> str:
    parts = call.params["scope"].strip("/").split("/")
    return f"/subscriptions/{parts[1]}"


def _definitions(call: Call) -> Reply:
    named = _NAMED.fullmatch(call.query.get("$filter", ""))
    role = _definition(call)
    wanted = named is None or ids.same(named.group(1), role["properties"]["roleName"])
    return Reply(200, {"value": [role] if wanted else []})


def _get_definition(call: Call) -> Reply:
    role = _definition(call)
    if not ids.same(role["name"], call.params["role"]):
        raise ArmError(
            404,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{call.params['role']}' does not exist.",
        )
    return Reply(200, role)


def _assignments(call: Call) -> Reply:
    """List the assignment of the caller at the subscription, which everything below inherits."""
    principal, subscription = call.world.principal, _subscription(call)
    name = ids.guid("assignment", subscription, principal.object_id)
    row: Json = {
        "properties": {
            "roleDefinitionId": _definition(call)["id"],
            "principalId": principal.object_id,
            "principalType": "ServicePrincipal",
            "scope": subscription,
            "createdOn": _SINCE,
            "updatedOn": _SINCE,
        },
        "id": f"{subscription}/providers/{_ASSIGNMENT}/{name}",
        "type": _ASSIGNMENT,
        "name": name,
    }
    return Reply(200, {"value": [row]})


_DEFINITIONS = "/{scope*}/providers/" + _KIND

ROUTES = [
    Route("GET", _DEFINITIONS, f"{_KIND}/read", _definitions),
    Route("GET", _DEFINITIONS + "/{role}", f"{_KIND}/read", _get_definition),
    Route("GET", "/{scope*}/providers/" + _ASSIGNMENT, f"{_ASSIGNMENT}/read", _assignments),
]
