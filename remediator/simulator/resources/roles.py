"""Microsoft.Authorization roles: the caller's role, and the assigned ones.

The shapes are documented for api-version 2022-04-01. The ids and actions of the built-in roles are
documented too. If a scenario denies actions, the caller has a custom role without these actions
instead. Assigning refuses an unknown principal or role; the codes are documented.
"""

import re

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.resources.permissions import denied_at
from remediator.simulator.resources.state import CustomRole, RoleAssignment
from remediator.simulator.routing import Call, Route
from remediator.simulator.world import World

_KIND = "Microsoft.Authorization/roleDefinitions"
_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_DENIAL = "Microsoft.Authorization/denyAssignments"
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_NAMED = re.compile(r"(?:.*\s)?roleName\s+eq\s+'([^']*)'.*", re.IGNORECASE)
_KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
_PRINCIPAL = re.compile(r"principalId\s+eq\s+'([^']*)'", re.IGNORECASE)
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
    roles = _all_definitions(call)
    if named is not None:
        roles = [r for r in roles if ids.same(named.group(1), r["properties"]["roleName"])]
    return Reply(200, {"value": roles})


def _all_definitions(call: Call) -> list[Json]:
    own = [_custom(call, role) for role in call.world.custom_roles]
    return [_definition(call), _key_vault_administrator(call), *own]


def _custom(call: Call, role: CustomRole) -> Json:
    return {
        "properties": {
            "roleName": role.name,
            "type": "CustomRole",
            "description": "",
            "assignableScopes": [_subscription(call)],
            "permissions": [
                {
                    "actions": [],
                    "notActions": [],
                    "dataActions": list(role.data_actions),
                    "notDataActions": list(role.not_data_actions),
                }
            ],
            "createdOn": _SINCE,
            "updatedOn": _SINCE,
        },
        "id": f"{_subscription(call)}/providers/{_KIND}/{role.guid}",
        "type": _KIND,
        "name": role.guid,
    }


def _key_vault_administrator(call: Call) -> Json:
    return {
        "properties": {
            "roleName": "Key Vault Administrator",
            "type": "BuiltInRole",
            "description": "Everything that can be done with a key vault and what is in it.",
            "assignableScopes": ["/"],
            "permissions": [
                {
                    "actions": ["Microsoft.KeyVault/*/read"],
                    "notActions": [],
                    "dataActions": ["Microsoft.KeyVault/vaults/*"],
                    "notDataActions": [],
                }
            ],
            "createdOn": _SINCE,
            "updatedOn": _SINCE,
        },
        "id": f"{_subscription(call)}/providers/{_KIND}/{_KEY_VAULT_ADMINISTRATOR}",
        "type": _KIND,
        "name": _KEY_VAULT_ADMINISTRATOR,
    }


def _get_definition(call: Call) -> Reply:
    for role in _all_definitions(call):
        if ids.same(role["name"], call.params["role"]):
            return Reply(200, role)
    raise _no_such_role(call.params["role"])


def _no_such_role(name: str) -> ArmError:
    return ArmError(
        404,
        "RoleDefinitionDoesNotExist",
        f"The specified role definition with ID '{name}' does not exist.",
    )


def _callers(call: Call) -> RoleAssignment:
    """Return the caller's assignment at the subscription. All scopes below inherit it."""
    principal, subscription = call.world.principal, _subscription(call)
    name = ids.guid("assignment", subscription, principal.object_id)
    role = str(_definition(call)["id"])
    return RoleAssignment(subscription, name, role, principal.object_id)


def _assignment_body(assignment: RoleAssignment) -> Json:
    condition = {"condition": assignment.condition, "conditionVersion": "2.0"}
    return {
        "properties": {
            **(condition if assignment.condition else {}),
            "roleDefinitionId": assignment.role,
            "principalId": assignment.principal,
            "principalType": "ServicePrincipal",
            "scope": assignment.scope,
            "createdOn": _SINCE,
            "updatedOn": _SINCE,
        },
        "id": assignment.arm_id,
        "type": _ASSIGNMENT,
        "name": assignment.name,
    }


def _scope(call: Call) -> str:
    return "/" + call.params["scope"].strip("/")


def _assignments(call: Call) -> Reply:
    """List the assignments at the scope and above. Without ``atScope()`` also those below."""
    scope, asked = _scope(call), call.query.get("$filter", "")
    at_scope = ids.same(asked, "atScope()")
    principal = _PRINCIPAL.fullmatch(asked)
    rows = [
        _assignment_body(each)
        for each in (_callers(call), *call.world.role_assignments)
        if (ids.within(scope, each.scope) or (not at_scope and ids.within(each.scope, scope)))
        and (principal is None or ids.same(principal.group(1), each.principal))
    ]
    return Reply(200, {"value": rows})


def _denials(call: Call) -> Reply:
    """List the deny assignments at the scope and above. The shape is that of the specification."""
    principal = _PRINCIPAL.fullmatch(call.query.get("$filter", ""))
    rows = [
        {
            "properties": {
                "denyAssignmentName": each.name,
                "permissions": [
                    {
                        "actions": [],
                        "notActions": [],
                        "dataActions": list(each.data_actions),
                        "notDataActions": [],
                    }
                ],
                "scope": each.scope,
                "doNotApplyToChildScopes": False,
                "principals": [{"id": each.principal, "type": "ServicePrincipal"}],
                "excludePrincipals": [],
                "isSystemProtected": True,
            },
            "id": f"{each.scope}/providers/{_DENIAL}/{each.name}",
            "type": _DENIAL,
            "name": each.name,
        }
        for each in call.world.deny_assignments
        if ids.within(_scope(call), each.scope)
        and (principal is None or ids.same(principal.group(1), each.principal))
    ]
    return Reply(200, {"value": rows})


def _find(call: Call) -> RoleAssignment | None:
    for each in call.world.role_assignments:
        if ids.same(each.scope, _scope(call)) and ids.same(each.name, call.params["assignment"]):
            return each
    return None


def _get_assignment(call: Call) -> Reply:
    found = _find(call)
    if found is None:
        name = call.params["assignment"]
        raise ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
    return Reply(200, _assignment_body(found))


def _assign(call: Call) -> Reply:
    world = call.world
    properties = (call.body or {}).get("properties") or {}
    role, principal = (str(properties.get(key, "")) for key in ("roleDefinitionId", "principalId"))
    known = [each["name"] for each in _all_definitions(call)]
    if not any(ids.same(role.rpartition("/")[2], each) for each in known):
        raise _no_such_role(role.rpartition("/")[2])
    if not any(ids.same(principal, each) for each in _principals(world)):
        raise ArmError(
            400,
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory "
            f"{world.principal.tenant}.",
            envelope="authorization",
        )
    wanted = RoleAssignment(_scope(call), call.params["assignment"], role, principal)
    for each in world.role_assignments:
        alike = ids.same(each.scope, wanted.scope) and ids.same(each.principal, principal)
        if alike and ids.same(each.role.rpartition("/")[2], role.rpartition("/")[2]):
            raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")
    if _find(call) is not None:
        raise ArmError(
            409,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    world.role_assignments.append(wanted)
    return Reply(201, _assignment_body(wanted))


def _principals(world: World) -> list[str]:
    return [world.principal.object_id, world.backup_service]


def _unassign(call: Call) -> Reply:
    found = _find(call)
    if found is None:
        return Reply(204)
    call.world.role_assignments.remove(found)
    return Reply(200, _assignment_body(found))


_DEFINITIONS = "/{scope*}/providers/" + _KIND
_ASSIGNMENTS = "/{scope*}/providers/" + _ASSIGNMENT
_ASSIGNED = _ASSIGNMENTS + "/{assignment}"

ROUTES = [
    Route("GET", _DEFINITIONS, f"{_KIND}/read", _definitions),
    Route("GET", _DEFINITIONS + "/{role}", f"{_KIND}/read", _get_definition),
    Route("GET", _ASSIGNMENTS, f"{_ASSIGNMENT}/read", _assignments),
    Route("GET", "/{scope*}/providers/" + _DENIAL, f"{_DENIAL}/read", _denials),
    Route("GET", _ASSIGNED, f"{_ASSIGNMENT}/read", _get_assignment),
    Route("PUT", _ASSIGNED, f"{_ASSIGNMENT}/write", _assign),
    Route("DELETE", _ASSIGNED, f"{_ASSIGNMENT}/delete", _unassign),
]
