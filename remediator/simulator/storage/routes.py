"""Reading storage accounts, in the shape of the published specification."""

from remediator.simulator import ids
from remediator.simulator.paging import page
from remediator.simulator.reply import Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route
from remediator.simulator.storage.state import Account

_KIND = "Microsoft.Storage/storageAccounts"
_ALL = "/subscriptions/{subscription}/providers/" + _KIND
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/" + _KIND


def _body(account: Account) -> Json:
    return {
        "sku": {"name": account.sku, "tier": account.sku.partition("_")[0]},
        "kind": account.kind,
        "id": account.arm_id,
        "name": account.name,
        "type": _KIND,
        "location": account.location,
        "tags": {},
        "properties": {
            "networkAcls": {
                "bypass": "AzureServices",
                "virtualNetworkRules": [],
                "ipRules": [],
                "defaultAction": account.network_default,
            },
            "supportsHttpsTrafficOnly": True,
            "provisioningState": "Succeeded",
            "creationTime": "2024-01-01T00:00:00.0000000Z",
            "primaryEndpoints": {"blob": f"https://{account.name}.blob.core.windows.net/"},
            "primaryLocation": account.location,
            "statusOfPrimary": account.status,
        },
    }


def _list(call: Call) -> Reply:
    rows = [
        _body(each)
        for each in call.world.storage_accounts
        if ids.same(each.subscription, call.subscription)
        and ("group" not in call.params or ids.same(each.group, call.group))
    ]
    return page(call, rows)


def _get(call: Call) -> Reply:
    wanted = ids.resource_id(call.subscription, call.group, _KIND, call.params["account"])
    for account in call.world.storage_accounts:
        if ids.same(account.arm_id, wanted):
            return Reply(200, _body(account))
    raise resource_not_found(_KIND, call.params["account"], call.group)


ROUTES = [
    Route("GET", _ALL, f"{_KIND}/read", _list),
    Route("GET", _GROUP, f"{_KIND}/read", _list),
    Route("GET", _GROUP + "/{account}", f"{_KIND}/read", _get),
]
