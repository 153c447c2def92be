"""Multi-user authorization: a Resource Guard protects critical operations of a vault.

The shape of the vault's proxy is that of the specification, and its name was recorded. The text of
the refusal without a request was reported (hashicorp/terraform-provider-azurerm#31887); its status
and code are unverified. The refusal of a caller without rights on the guard is inferred from ARM's
check of linked resources.
"""

from remediator.simulator import ids
from remediator.simulator.backup.forms import Form, form_of
from remediator.simulator.backup.lookup import absent, vault_of
from remediator.simulator.backup.routes import READ, VAULT
from remediator.simulator.backup.state import ResourceGuard, Vault
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route

_ITEMS = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems"
DELETE = f"{_ITEMS}/delete"
WRITE = f"{_ITEMS}/write"
STOP = f"{WRITE}#stopProtectionWithRetainData"
POLICIES = "Microsoft.RecoveryServices/vaults/backupPolicies/write"
BY_WORD = {"stop": STOP, "update": WRITE, "delete": DELETE, "policies": POLICIES}
"""The words of a scenario for critical operations."""
REQUESTS = {
    DELETE: "deleteProtectedItemRequests",
    WRITE: "updateProtectedItemRequests",
    STOP: "stopProtectionRequests",
    POLICIES: "updateProtectionPolicyRequests",
}
"""Critical operations, and the kinds of their requests. The kind of a stop is unverified."""


def check(call: Call, vault: Vault, operation: str) -> None:
    """Refuse a critical operation that the vault's guard protects and did not allow."""
    guard = vault.guard
    wanted = guard.operations.get(operation) if guard else None
    if guard is None or wanted is None:
        return
    named = ((call.body or {}).get("properties") or {}).get("resourceGuardOperationRequests")
    if not isinstance(named, list) or not any(ids.same(str(each), wanted) for each in named):
        raise ArmError(
            400,
            "BMSUserErrorMissingResourceGuardRequest",
            "ResourceGuard Operation requestid is either null or empty",
            envelope="recovery",
        )
    if not guard.approved:
        raise ArmError(
            403,
            "LinkedAuthorizationFailed",
            f"The client with object id '{call.world.principal.object_id}' has permission to "
            f"perform action '{WRITE}' on scope '{call.path}'; however, it does not have "
            f"permission to perform action(s) 'Microsoft.DataProtection/resourceGuards/"
            f"{wanted.split('/')[-2]}/read' on the linked scope(s) '{wanted}'.",
        )


def _proxy(guard: ResourceGuard, form: Form) -> Json:
    return {
        "id": f"{form.vault}/backupResourceGuardProxies/VaultProxy",
        "name": "VaultProxy",
        "type": "Microsoft.RecoveryServices/vaults/backupResourceGuardProxies",
        "properties": {
            "resourceGuardResourceId": guard.arm_id,
            "resourceGuardOperationDetails": [
                {"vaultCriticalOperation": operation, "defaultResourceRequest": request}
                for operation, request in guard.operations.items()
            ],
            "lastUpdatedTime": "2026-01-01T00:00:00.0000000Z",
        },
    }


def _list(call: Call) -> Reply:
    guard = vault_of(call).guard
    return page(call, [_proxy(guard, form_of(call))] if guard else [])


def _get(call: Call) -> Reply:
    guard = vault_of(call).guard
    if guard is None or not ids.same(call.params["proxy"], "VaultProxy"):
        raise absent(call, "BMSUserErrorResourceGuardProxyNotFound", "Proxy not found")
    return Reply(200, _proxy(guard, form_of(call)))


_PROXIES = f"{VAULT}/backupResourceGuardProxies"

ROUTES = [
    Route("GET", _PROXIES, f"{READ}/backupResourceGuardProxies/read", _list),
    Route("GET", _PROXIES + "/{proxy}", f"{READ}/backupResourceGuardProxies/read", _get),
]
