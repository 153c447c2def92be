"""Resource providers of a subscription: clients ask them which api-version a type has.

The api-versions are those that azure-cli 2.91 and the SDKs of the same month send.
"""

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route

_KNOWN: dict[str, dict[str, list[str]]] = {
    "Microsoft.Authorization": {"locks": ["2020-05-01", "2016-09-01"]},
    "Microsoft.Compute": {
        "virtualMachines": ["2026-04-01", "2024-11-01", "2021-03-01"],
        "virtualMachines/extensions": ["2024-11-01", "2021-03-01"],
        "restorePointCollections": ["2025-04-01", "2024-11-01", "2021-03-01"],
    },
    "Microsoft.RecoveryServices": {"vaults": ["2024-10-01", "2016-06-01"]},
}
_PROVIDERS = "/subscriptions/{subscription}/providers"


def _provider(call: Call, namespace: str) -> Json:
    places = sorted({group.location for group in call.world.groups})
    kinds = [
        {"resourceType": kind, "locations": places, "apiVersions": versions, "capabilities": "None"}
        for kind, versions in _KNOWN[namespace].items()
    ]
    return {
        "id": f"/subscriptions/{call.subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": kinds,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
    }


def _get(call: Call) -> Reply:
    wanted = call.params["namespace"]
    for namespace in _KNOWN:
        if ids.same(namespace, wanted):
            return Reply(200, _provider(call, namespace))
    raise ArmError(
        404,
        "InvalidResourceNamespace",
        f"The resource namespace '{wanted}' is invalid.",
    )


def _list(call: Call) -> Reply:
    return Reply(200, {"value": [_provider(call, namespace) for namespace in _KNOWN]})


_ACTION = "Microsoft.Resources/subscriptions/providers/read"

ROUTES = [
    Route("GET", _PROVIDERS, _ACTION, _list),
    Route("GET", _PROVIDERS + "/{namespace}", _ACTION, _get),
]
