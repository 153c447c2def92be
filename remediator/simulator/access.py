"""The tests between a request and its handler: permissions and locks."""

from fnmatch import fnmatchcase

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, scope_locked
from remediator.simulator.routing import Call, Route


def target_of(path: str, method: str) -> str:
    """Return the scope of a request: a resource, without a verb on it or a list in it."""
    segments = path.strip("/").split("/")
    if method == "POST":
        segments.pop()
    lowered = [segment.lower() for segment in segments]
    if "providers" not in lowered:
        return "/" + "/".join(segments if len(segments) % 2 == 0 else segments[:-1])
    at = len(lowered) - 1 - lowered[::-1].index("providers")
    tail = segments[at + 2 :]
    if len(tail) % 2:
        tail.pop()
    kept = segments[: at + 2] + tail if tail else segments[:at]
    return "/" + "/".join(kept)


def check_permission(call: Call, route: Route) -> None:
    """Refuse an action that the principal may not do."""
    principal = call.world.principal
    target = target_of(call.path, call.method)
    for denial in principal.denied:
        denied = fnmatchcase(route.action.lower(), denial.action.lower())
        if denied and (denial.scope == "/" or ids.within(target, denial.scope)):
            raise ArmError(
                403,
                "AuthorizationFailed",
                f"The client '{principal.client_id}' with object id '{principal.object_id}' does "
                f"not have authorization to perform action '{route.action}' over scope "
                f"'{target}' or the scope is invalid. If access was recently granted, please "
                "refresh your credentials.",
            )


def check_locks(call: Call, route: Route) -> None:
    """Refuse an action that a lock in force forbids. Locks themselves can always be changed."""
    if call.method in {"GET", "HEAD"} or route.read_like:
        return
    if route.provider == "Microsoft.Authorization":
        return
    verb = "delete" if call.method == "DELETE" else "write"
    target = target_of(call.path, call.method)
    holding = call.world.locks.holding(target, verb, call.world.now)
    if holding:
        scopes = list(dict.fromkeys(lock.scope for lock in holding))
        raise scope_locked(target, verb, scopes)
