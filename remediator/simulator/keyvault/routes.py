"""Reading key vaults, and changing their network rules and access policies.

The shapes are those of the published specification. The api-version does not change them.
"""

from remediator.simulator import ids
from remediator.simulator.keyvault import deletion
from remediator.simulator.keyvault.state import KeyVault, Permissions
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route

_KIND = deletion.KIND
_LIST = "/subscriptions/{subscription}/providers/" + _KIND
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}/providers/" + _KIND
_VAULT = _GROUP + "/{vault}"


def _policies(call: Call, access: dict[str, Permissions]) -> list[Json]:
    return [
        {
            "tenantId": call.world.principal.tenant,
            "objectId": who,
            "permissions": {"keys": sorted(may.keys), "secrets": sorted(may.secrets)},
        }
        for who, may in access.items()
    ]


def _body(call: Call, vault: KeyVault) -> Json:
    return {
        "id": vault.arm_id,
        "name": vault.name,
        "type": _KIND,
        "location": vault.location,
        "tags": {},
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": call.world.principal.tenant,
            "networkAcls": {
                "bypass": vault.bypass,
                "defaultAction": vault.network_default,
                "ipRules": [{"value": each} for each in vault.ip_rules],
                "virtualNetworkRules": [],
            },
            "accessPolicies": [] if vault.rbac else _policies(call, vault.access),
            "enabledForDeployment": False,
            "enabledForDiskEncryption": True,
            "enabledForTemplateDeployment": False,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": vault.retention_days,
            "enableRbacAuthorization": vault.rbac,
            "vaultUri": f"https://{vault.name.lower()}.vault.azure.net/",
            "provisioningState": "RegisteringDns" if vault.registering else "Succeeded",
            "publicNetworkAccess": "Enabled",
        },
    }


def _vault_of(call: Call) -> KeyVault:
    wanted = ids.resource_id(call.subscription, call.group, _KIND, call.params["vault"])
    for vault in call.world.key_vaults:
        if ids.same(vault.arm_id, wanted):
            return vault
    raise resource_not_found(_KIND, call.params["vault"], call.group)


def _list(call: Call) -> Reply:
    rows = [
        _body(call, each)
        for each in call.world.key_vaults
        if ids.same(each.subscription, call.subscription)
        and ("group" not in call.params or ids.same(each.group, call.group))
    ]
    return page(call, rows)


def _get(call: Call) -> Reply:
    return Reply(200, _body(call, _vault_of(call)))


def _update(call: Call) -> Reply:
    """Replace the network rules of a vault, the only part of it that can be changed here.

    Whether a PATCH keeps the rules that it does not name is unverified. They are lost here, so that
    no client depends on it.
    """
    vault = _vault_of(call)
    properties = (call.body or {}).get("properties")
    rules = properties.get("networkAcls") if isinstance(properties, dict) else None
    if not isinstance(rules, dict) or call.body != {"properties": {"networkAcls": rules}}:
        raise ArmError(
            400, "BadRequest", "This part of the vault cannot be changed.", envelope="compute"
        )
    bypass, default = rules.get("bypass", "AzureServices"), rules.get("defaultAction", "Allow")
    if bypass not in ("AzureServices", "None") or default not in ("Allow", "Deny"):
        raise ArmError(400, "BadRequest", "The network rules are not valid.", envelope="compute")
    vault.bypass, vault.network_default = bypass, default
    vault.ip_rules = [str(each["value"]) for each in rules.get("ipRules") or []]
    return Reply(200, _body(call, vault))


def _delete(call: Call) -> Reply:
    deletion.delete(call.world, _vault_of(call))
    return Reply(200)


def _put(call: Call) -> Reply:
    """Recover a deleted vault. Nothing else can be put here."""
    return Reply(200, _body(call, deletion.recover(call)))


def _change(call: Call) -> Reply:
    """Add to the access policies, replace those of the named principals, or remove from them."""
    vault = _vault_of(call)
    how = call.params["how"].lower()
    if how not in {"add", "replace", "remove"}:
        raise ArmError(400, "BadRequest", f"'{how}' is not a kind of update.", envelope="compute")
    if vault.rbac:
        # It is documented that access policies do not count then. The refusal is unverified.
        raise ArmError(
            400,
            "BadRequest",
            "Access policies cannot be changed while the vault uses Azure role-based access "
            "control.",
            envelope="compute",
        )
    rows = ((call.body or {}).get("properties") or {}).get("accessPolicies")
    if not isinstance(rows, list) or not all(each.get("objectId") for each in rows):
        raise ArmError(
            400, "BadRequest", "An access policy must name an objectId.", envelope="compute"
        )
    touched: dict[str, Permissions] = {}
    for row in rows:
        who = str(row["objectId"]).lower()
        wanted = row.get("permissions") or {}
        keys = {str(each).lower() for each in wanted.get("keys") or []}
        secrets = {str(each).lower() for each in wanted.get("secrets") or []}
        had = vault.access.get(who, Permissions())
        if how == "add":
            had = Permissions(had.keys | keys, had.secrets | secrets)
        elif how == "replace":
            had = Permissions(keys, secrets)
        else:
            had = Permissions(had.keys - keys, had.secrets - secrets)
        touched[who] = vault.access[who] = had
        if not had.keys and not had.secrets:
            del vault.access[who]
    return Reply(
        200,
        {
            "id": f"{vault.arm_id}/accessPolicies/",
            "type": f"{_KIND}/accessPolicies",
            "properties": {"accessPolicies": _policies(call, touched)},
        },
    )


ROUTES = [
    Route("GET", _LIST, f"{_KIND}/read", _list),
    Route("GET", _GROUP, f"{_KIND}/read", _list),
    Route("GET", _VAULT, f"{_KIND}/read", _get),
    Route("PUT", _VAULT, f"{_KIND}/write", _put),
    Route("PATCH", _VAULT, f"{_KIND}/write", _update),
    Route("DELETE", _VAULT, f"{_KIND}/delete", _delete),
    *deletion.ROUTES,
    Route("PUT", _VAULT + "/accessPolicies/{how}", f"{_KIND}/accessPolicies/write", _change),
]
