"""Long-running operations of Microsoft.Compute: accepting, polling, ending."""

from collections.abc import Callable

from remediator.simulator import ids
from remediator.simulator.compute.state import Operation
from remediator.simulator.compute.wire import operation as operation_body
from remediator.simulator.reply import ArmError, Json, Reply, resource_not_found
from remediator.simulator.routing import Call, Route
from remediator.simulator.signature import signature


def _accepted(call: Call, operation: Operation, *, retry_after: float | None = None) -> Reply:
    """Answer 202 with the two signed links that Compute sends."""
    status = (
        f"/subscriptions/{operation.subscription}/providers/Microsoft.Compute"
        f"/locations/{operation.location}/operations/{operation.id}"
    )
    signed = signature(operation.id, operation.started, 1800)
    ahead = {"p": ids.guid("p", operation.id)}
    link = call.link(status, **ahead)
    # The recorded order is p, api-version, t, c, s, h.
    prefix, _, version = link.partition("?")
    version, _, principal = version.partition("&")
    tail = "&".join(f"{key}={value}" for key, value in signed.items())
    url = f"{prefix}?{principal}&{version}&{tail}"
    monitor = f"{prefix}?{principal}&monitor=true&{version}&{tail}"
    return Reply(
        202,
        headers={
            "Azure-AsyncNotification": "Enabled",
            "Azure-AsyncOperation": url,
            "Location": monitor,
        },
        retry_after=retry_after,
    )


def run(
    call: Call,
    place: tuple[str, str],
    seconds: float,
    effect: Callable[[], Json | None],
    *,
    ended: Callable[[], None] = lambda: None,
    retry_after: float | None = None,
    poll_after: float | None = None,
    output: Json | None = None,
) -> Reply:
    """Start an operation. ``output`` is what its result says.

    A fault may let it fail, with or without its effect, but it always ends.
    """
    fault = call.fault("lro-fails")

    def outcome() -> Json | None:
        ended()
        if fault is None:
            return effect()
        if fault.carried_out:
            effect()
        code = fault.code or "InternalExecutionError"
        message = fault.message or "An internal execution error occurred. Please retry later."
        return {"code": code, "message": message}

    subscription, location = place
    operation = call.world.run_operation(
        subscription, location, seconds, outcome, poll_after=poll_after
    )
    operation.output = output
    return _accepted(call, operation, retry_after=retry_after)


def _poll(call: Call) -> Reply:
    operation = call.world.operations.get(call.params["operation"].lower())
    if operation is None or not ids.same(operation.subscription, call.subscription):
        raise resource_not_found(
            "Microsoft.Compute/locations/operations", call.params["operation"], "null"
        )
    if call.query.get("monitor", "").lower() != "true":
        after = operation.poll_after if operation.ended is None else None
        return Reply(200, operation_body(operation), retry_after=after)
    if operation.ended is None:
        here = f"{call.base}{call.path}?" + "&".join(f"{k}={v}" for k, v in call.query.items())
        return Reply(202, headers={"Location": here}, retry_after=operation.poll_after)
    if operation.error:
        error = operation.error
        raise ArmError(409, error["code"], error["message"], envelope="compute")
    return Reply(200, operation.output)


_OPERATION = (
    "/subscriptions/{subscription}/providers/Microsoft.Compute"
    "/locations/{location}/operations/{operation}"
)

ROUTES = [
    Route("GET", _OPERATION, "Microsoft.Compute/locations/operations/read", _poll, polling=True),
]
