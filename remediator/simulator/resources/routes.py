"""Tenants, subscriptions, resource groups and the generic list of resources."""

import re

from remediator.simulator import ids
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply, group_not_found
from remediator.simulator.resources.state import Group, Subscription
from remediator.simulator.routing import Call, Route

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{group}"
_TYPE_FILTER = re.compile(r"\s*resourceType\s+eq\s+'([^']+)'\s*", re.IGNORECASE)


def _subscription_body(call: Call, subscription: Subscription) -> Json:
    return {
        "id": subscription.arm_id,
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": call.world.principal.tenant,
        "displayName": subscription.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def _list_subscriptions(call: Call) -> Reply:
    rows = [_subscription_body(call, each) for each in call.world.subscriptions]
    return Reply(200, {"value": rows, "count": {"type": "Total", "value": len(rows)}})


def _get_subscription(call: Call) -> Reply:
    subscription = call.world.subscription(call.subscription)
    if subscription is None:  # the front door has looked already
        raise ArmError(404, "SubscriptionNotFound", "The subscription could not be found.")
    return Reply(200, _subscription_body(call, subscription))


def _list_tenants(call: Call) -> Reply:
    tenant = call.world.principal.tenant
    row = {
        "id": f"/tenants/{tenant}",
        "tenantId": tenant,
        "countryCode": "NL",
        "displayName": "Simulated",
        "domains": ["simulated.example"],
        "tenantCategory": "Home",
    }
    return Reply(200, {"value": [row]})


def _group_body(group: Group) -> Json:
    body: Json = {
        "id": group.arm_id,
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
    }
    if group.tags:
        body["tags"] = group.tags
    return body | {"properties": {"provisioningState": "Succeeded"}}


def _list_groups(call: Call) -> Reply:
    groups = [each for each in call.world.groups if ids.same(each.subscription, call.subscription)]
    return page(call, [_group_body(each) for each in groups])


def _get_group(call: Call) -> Reply:
    group = call.world.group(call.subscription, call.group)
    if group is None:  # the front door has looked already
        raise group_not_found(call.group)
    return Reply(200, _group_body(group))


def _head_group(call: Call) -> Reply:
    return Reply(204 if call.world.group(call.subscription, call.group) else 404)


def _resources(call: Call) -> list[tuple[str, str, str, str]]:
    """Return subscription, type, id and location of every top-level resource."""
    world = call.world
    rows = [
        (vm.subscription, "Microsoft.Compute/virtualMachines", vm.arm_id, vm.location)
        for vm in world.vms
    ]
    rows += [
        (each.subscription, "Microsoft.RecoveryServices/vaults", each.arm_id, each.location)
        for each in world.vaults
    ]
    rows += [
        (each.subscription, "Microsoft.Compute/restorePointCollections", each.arm_id, each.location)
        for each in world.collections
    ]
    return rows


def _list_resources(call: Call) -> Reply:
    wanted = None
    if text := call.query.get("$filter"):
        match = _TYPE_FILTER.fullmatch(text)
        if match is None:
            raise ArmError(
                400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified."
            )
        wanted = match.group(1)
    rows: list[Json] = []
    for subscription, kind, arm_id, location in _resources(call):
        if not ids.same(subscription, call.subscription):
            continue
        if "group" in call.params and not ids.within(
            arm_id, ids.group_id(call.subscription, call.group)
        ):
            continue
        if wanted is None or ids.same(wanted, kind):
            name = arm_id.rpartition("/")[2]
            rows.append({"id": arm_id, "name": name, "type": kind, "location": location})
    return page(call, rows)


_KIND = "Microsoft.Resources/subscriptions"

ROUTES = [
    Route("GET", "/subscriptions", f"{_KIND}/read", _list_subscriptions),
    Route("GET", "/tenants", "Microsoft.Resources/tenants/read", _list_tenants),
    Route("GET", _SUBSCRIPTION, f"{_KIND}/read", _get_subscription),
    Route(
        "GET",
        f"{_SUBSCRIPTION}/resourceGroups",
        f"{_KIND}/resourceGroups/read",
        _list_groups,
    ),
    Route("GET", _GROUP, f"{_KIND}/resourceGroups/read", _get_group),
    Route("HEAD", _GROUP, f"{_KIND}/resourceGroups/read", _head_group),
    Route("GET", f"{_SUBSCRIPTION}/resources", f"{_KIND}/resources/read", _list_resources),
    Route("GET", f"{_GROUP}/resources", f"{_KIND}/resourceGroups/resources/read", _list_resources),
]
