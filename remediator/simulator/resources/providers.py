"""The resource providers of a subscription. Clients read from them a type's api-versions.

The api-versions are those that azure-cli 2.91 and the SDKs of the same month send.
"""

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Handler, Route

_KNOWN: dict[str, dict[str, list[str]]] = {
    "Microsoft.Authorization": {
        "locks": ["2020-05-01", "2016-09-01"],
        "policyAssignments": ["2022-06-01"],
        "policyDefinitions": ["2023-04-01"],
        "roleAssignments": ["2022-04-01"],
        "roleDefinitions": ["2022-04-01"],
    },
    "Microsoft.Compute": {
        "virtualMachines": ["2026-04-01", "2024-11-01", "2021-03-01"],
        "virtualMachines/extensions": ["2024-11-01", "2021-03-01"],
        "restorePointCollections": ["2025-04-01", "2024-11-01", "2021-03-01"],
        "disks": ["2024-03-02", "2021-04-01"],
    },
    "Microsoft.Insights": {"metrics": ["2023-10-01", "2018-01-01"]},
    "Microsoft.KeyVault": {"vaults": ["2023-07-01"]},
    "Microsoft.Network": {
        "networkInterfaces": ["2024-05-01"],
        "networkSecurityGroups": ["2024-05-01"],
        "virtualNetworks": ["2024-05-01"],
    },
    "Microsoft.RecoveryServices": {"vaults": ["2024-10-01", "2016-06-01"]},
    "Microsoft.Storage": {"storageAccounts": ["2024-01-01"]},
}
_REGISTER_SECONDS = 60.0
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
        "registrationState": _state(call, namespace),
        "registrationPolicy": "RegistrationRequired",
    }


def _state(call: Call, namespace: str) -> str:
    lacking = (call.subscription.lower(), namespace.lower()) in call.world.unregistered
    return "NotRegistered" if lacking else "Registered"


def _namespace(call: Call) -> str:
    wanted = call.params["namespace"]
    for namespace in _KNOWN:
        if ids.same(namespace, wanted):
            return namespace
    raise ArmError(
        404,
        "InvalidResourceNamespace",
        f"The resource namespace '{wanted}' is invalid.",
    )


def _get(call: Call) -> Reply:
    return Reply(200, _provider(call, _namespace(call)))


def _register(namespace: str) -> Handler:
    def handler(call: Call) -> Reply:
        """Register a provider. It takes a while, and a second request is no error."""
        lacking = (call.subscription.lower(), namespace.lower())
        body = _provider(call, namespace)
        if lacking in call.world.unregistered:
            body["registrationState"] = "Registering"
            call.world.timeline.after(
                _REGISTER_SECONDS, lambda: call.world.unregistered.discard(lacking)
            )
        return Reply(200, body)

    return handler


def _list(call: Call) -> Reply:
    return Reply(200, {"value": [_provider(call, namespace) for namespace in _KNOWN]})


_ACTION = "Microsoft.Resources/subscriptions/providers/read"

ROUTES = [
    Route("GET", _PROVIDERS, _ACTION, _list),
    Route("GET", _PROVIDERS + "/{namespace}", _ACTION, _get),
    # The action is named after the provider ("Azure resource providers and types").
    *(
        Route("POST", f"{_PROVIDERS}/{name}/register", f"{name}/register/action", _register(name))
        for name in _KNOWN
    ),
]
