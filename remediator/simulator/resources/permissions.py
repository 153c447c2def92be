"""Microsoft.Authorization/permissions: what the caller may do at a scope."""

from remediator.simulator import ids
from remediator.simulator.reply import Json, Reply
from remediator.simulator.routing import Call, Route

_PERMISSIONS = "/{scope*}/providers/Microsoft.Authorization/permissions"


def denied_at(call: Call, scope: str) -> list[str]:
    """Return the actions that the scenario denies at this scope."""
    return [
        denial.action
        for denial in call.world.principal.denied
        if denial.scope == "/" or ids.within(scope, denial.scope)
    ]


def _list(call: Call) -> Reply:
    """List one role that allows everything except what the scenario denies at this scope."""
    denied = denied_at(call, "/" + call.params["scope"].strip("/"))
    role: Json = {"actions": ["*"], "notActions": denied, "dataActions": [], "notDataActions": []}
    return Reply(200, {"value": [role]})


ROUTES = [Route("GET", _PERMISSIONS, "Microsoft.Authorization/permissions/read", _list)]
