"""How much of its quotas a subscription uses in a region."""

from remediator.simulator import ids
from remediator.simulator.reply import Json, Reply
from remediator.simulator.routing import Call, Route

_TITLES = {
    "availabilitySets": "Availability Sets",
    "cores": "Total Regional vCPUs",
    "virtualMachines": "Virtual Machines",
}


def _row(name: str, current: int, limit: int) -> Json:
    return {
        "limit": limit,
        "unit": "Count",
        "currentValue": current,
        "name": {"value": name, "localizedValue": _TITLES.get(name, name)},
    }


def _usages(call: Call) -> Reply:
    here = [
        vm
        for vm in call.world.vms_in(call.subscription)
        if ids.same(vm.location, call.params["location"])
    ]
    rows = {
        "availabilitySets": (0, 2500),
        "cores": (2 * len(here), 350),
        "virtualMachines": (len(here), 25000),
    } | call.world.quota
    return Reply(200, {"value": [_row(name, *numbers) for name, numbers in rows.items()]})


ROUTES = [
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/usages",
        "Microsoft.Compute/locations/usages/read",
        _usages,
    )
]
