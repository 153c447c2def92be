"""Microsoft.Authorization/locks: at subscriptions, groups and resources, and by scope.

The shapes do not depend on the api-version. Every api-version is accepted.
"""

from remediator.simulator import ids
from remediator.simulator.paging import page
from remediator.simulator.reply import ArmError, Json, Reply, group_not_found
from remediator.simulator.resources.state import Lock
from remediator.simulator.routing import Call, Route

_LOCKS = "/{scope*}/providers/Microsoft.Authorization/locks"
_KIND = "Microsoft.Authorization/locks"
_LEVELS = {"cannotdelete": "CanNotDelete", "readonly": "ReadOnly", "notspecified": "NotSpecified"}


def lock_body(lock: Lock) -> Json:
    """Build a lock."""
    properties: Json = {"level": lock.level}
    if lock.notes is not None:
        properties["notes"] = lock.notes
    if lock.owners:
        properties["owners"] = [{"applicationId": owner} for owner in lock.owners]
    return {
        "properties": properties,
        "id": lock.arm_id,
        "type": _KIND,
        "name": lock.name,
    }


def _scope(call: Call) -> str:
    scope = "/" + call.params["scope"].strip("/")
    parts = scope.split("/")
    if len(parts) >= 5 and parts[3].lower() == "resourcegroups":
        group = call.world.group(parts[2], parts[4])
        if group is None:
            raise group_not_found(parts[4])
        # ARM answers with the group's original spelling, whatever the request's spelling is.
        parts[3], parts[4] = "resourceGroups", group.name
    return "/".join(parts)


def _list(call: Call) -> Reply:
    """List the locks at the scope and below. With ``atScope()``: at the scope and above.

    It is unverified whether the service also lists inherited locks without ``atScope()``. Here it
    does not, so that no client relies on it.
    """
    scope = _scope(call)
    book = call.world.locks
    at_scope = ids.same(call.query.get("$filter", ""), "atScope()")
    found = book.applying_to(scope) if at_scope else book.at_or_below(scope)
    return page(call, [lock_body(lock) for lock in found])


def _find(call: Call) -> Lock:
    scope, name = _scope(call), call.params["lock"]
    lock = call.world.locks.find(scope, name)
    if lock is None:
        raise ArmError(404, "LockNotFound", f"The lock '{name}' could not be found.")
    return lock


def _get(call: Call) -> Reply:
    return Reply(200, lock_body(_find(call)))


def _put(call: Call) -> Reply:
    scope, name = _scope(call), call.params["lock"]
    properties = (call.body or {}).get("properties") or {}
    level = _LEVELS.get(str(properties.get("level", "")).lower())
    if level is None:
        raise ArmError(
            400, "InvalidRequestContent", "The request content was invalid: the lock has no level."
        )
    owners = [str(each.get("applicationId")) for each in properties.get("owners") or []]
    lock = call.world.locks.find(scope, name)
    if lock is None:
        lock = Lock(scope, name, level, propagation=call.world.lock_propagation)
        call.world.locks.locks.append(lock)
        status = 201
    else:
        status = 200
    lock.level, lock.notes, lock.owners = level, properties.get("notes"), owners
    return Reply(status, lock_body(lock))


def _delete(call: Call) -> Reply:
    """Delete a lock. Reads do not show it any more, but its scope is free only after a while."""
    lock = call.world.locks.find(_scope(call), call.params["lock"])
    if lock is None:
        return Reply(204)
    if lock.owners:
        # The refusal and its reason are documented. Status and code are unverified.
        raise ArmError(
            403,
            "Forbidden",
            f"The lock '{lock.arm_id}' cannot be deleted because a system application owns it.",
        )
    if fault := call.fault("lock-propagation"):
        lock.propagation = fault.seconds
    lock.deleted = call.world.now
    return Reply(200)


ROUTES = [
    Route("GET", _LOCKS, f"{_KIND}/read", _list),
    Route("GET", _LOCKS + "/{lock}", f"{_KIND}/read", _get),
    Route("PUT", _LOCKS + "/{lock}", f"{_KIND}/write", _put),
    Route("DELETE", _LOCKS + "/{lock}", f"{_KIND}/delete", _delete),
]
