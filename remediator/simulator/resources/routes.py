"""Tenants, subscriptions, resource groups and the generic list of resources."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from remediator.simulator import ids
from remediator.simulator.backup.state import Vault
from remediator.simulator.compute.state import Collection, Vm
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply, group_not_found
from remediator.simulator.resources import policies
from remediator.simulator.resources.state import Group, Subscription
from remediator.simulator.routing import Call, Route
from remediator.simulator.world import World

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = _SUBSCRIPTION + "/resourceGroups/{group}"
_TERM = re.compile(r"\s*(resourceType|resourceGroup|name)\s+eq\s+'([^']+)'\s*", re.IGNORECASE)


def _subscription_body(call: Call, subscription: Subscription) -> Json:
    tags: Json = {"tags": subscription.tags} if subscription.tags else {}
    return tags | {
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
    if subscription is None:  # the front door has checked this already
        raise ArmError(404, "SubscriptionNotFound", "The subscription could not be found.")
    return Reply(200, _subscription_body(call, subscription))


def _descendants(call: Call) -> Reply:
    """List what lies below a management group, at any depth."""
    group = call.params["managementgroup"]
    rows: list[Json] = [
        {
            "id": each.arm_id,
            "type": "Microsoft.Management/managementGroups/subscriptions",
            "name": each.id,
            "properties": {
                "displayName": each.name,
                "parent": {"id": f"/providers/Microsoft.Management/managementGroups/{group}"},
            },
        }
        for each in call.world.subscriptions
        if any(ids.same(group, above) for above in each.management_groups)
    ]
    if not rows:
        raise ArmError(404, "NotFound", f"The management group '{group}' cannot be found.")
    return page(call, rows)


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
    groups = call.world.groups.having("subscription", call.subscription.lower())
    return page(call, groups, _group_body)


def _get_group(call: Call) -> Reply:
    group = call.world.group(call.subscription, call.group)
    if group is None:  # the front door has checked this already
        raise group_not_found(call.group)
    return Reply(200, _group_body(group))


def _put_group(call: Call) -> Reply:
    """Make a resource group, or change the tags of one. Its location cannot be changed."""
    asked = call.body or {}
    location = str(asked.get("location") or "")
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required.")
    tags = {str(name): str(value) for name, value in (asked.get("tags") or {}).items()}
    if broken := policies.violated(call.world, call.subscription, tags):
        raise policies.refusal(call.group, broken)
    group = call.world.group(call.subscription, call.group)
    if group is None:
        group = Group(call.subscription, call.group, location, tags)
        call.world.groups.append(group)
        return Reply(201, _group_body(group))
    if not ids.same(group.location, location):
        raise ArmError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in "
            f"location '{group.location}'.",
        )
    group.tags = tags
    return Reply(200, _group_body(group))


def _head_group(call: Call) -> Reply:
    return Reply(204 if call.world.group(call.subscription, call.group) else 404)


def resource_rows(world: World, subscriptions: Iterable[str]) -> Iterator[Json]:
    """Yield the top-level resources of some subscriptions as Resource Graph shows them.

    The rows are flat, and their types are in lower case.
    """
    places = list(subscriptions)
    found: list[tuple[str, Callable[[str], Sequence[Vm | Vault | Collection]]]] = [
        ("Microsoft.Compute/virtualMachines", world.vms_in),
        ("Microsoft.RecoveryServices/vaults", world.vaults_in),
        ("Microsoft.Compute/restorePointCollections", world.collections_in),
    ]
    for kind, of in found:
        for each in (each for subscription in places for each in of(subscription)):
            yield {
                "id": each.arm_id,
                "name": each.name,
                "type": kind.lower(),
                "location": each.location,
                "resourceGroup": each.group,
                "subscriptionId": each.subscription,
            }


def _list_resources(call: Call) -> Reply:
    """List resources. ``$filter`` knows type, group and name, joined by ``and``."""
    wanted = {"subscriptionid": call.subscription}
    if "group" in call.params:
        wanted["resourcegroup"] = call.group
    text = call.query.get("$filter", "")
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        match = _TERM.fullmatch(part)
        if match is None:
            raise ArmError(
                400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified."
            )
        name = match.group(1).lower()
        wanted["type" if name == "resourcetype" else name] = match.group(2)
    rows: list[Json] = []
    for row in resource_rows(call.world, [call.subscription]):
        lowered = {key.lower(): str(value) for key, value in row.items()}
        if all(ids.same(lowered[key], value) for key, value in wanted.items()):
            kind = "/".join(row["id"].split("/")[6:8])
            rows.append(
                {"id": row["id"], "name": row["name"], "type": kind, "location": row["location"]}
            )
    return page(call, rows)


_KIND = "Microsoft.Resources/subscriptions"

ROUTES = [
    Route("GET", "/subscriptions", f"{_KIND}/read", _list_subscriptions),
    Route("GET", "/tenants", "Microsoft.Resources/tenants/read", _list_tenants),
    Route("GET", _SUBSCRIPTION, f"{_KIND}/read", _get_subscription),
    Route(
        "GET",
        "/providers/Microsoft.Management/managementGroups/{managementgroup}/descendants",
        "Microsoft.Management/managementGroups/descendants/read",
        _descendants,
    ),
    Route(
        "GET",
        f"{_SUBSCRIPTION}/resourceGroups",
        f"{_KIND}/resourceGroups/read",
        _list_groups,
    ),
    Route("GET", _GROUP, f"{_KIND}/resourceGroups/read", _get_group),
    Route("PUT", _GROUP, f"{_KIND}/resourceGroups/write", _put_group, makes_group=True),
    Route("HEAD", _GROUP, f"{_KIND}/resourceGroups/read", _head_group),
    Route("GET", f"{_SUBSCRIPTION}/resources", f"{_KIND}/resources/read", _list_resources),
    Route("GET", f"{_GROUP}/resources", f"{_KIND}/resourceGroups/resources/read", _list_resources),
]
