"""The front door of Azure Resource Manager: from a request to a reply."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from remediator.simulator import ids
from remediator.simulator.access import check_locks, check_permission
from remediator.simulator.backup.actions import ROUTES as BACKUP_ACTIONS
from remediator.simulator.backup.guards import ROUTES as GUARDS
from remediator.simulator.backup.protection import ROUTES as PROTECTION
from remediator.simulator.backup.routes import ROUTES as BACKUP
from remediator.simulator.backup.validate import ROUTES as VALIDATE
from remediator.simulator.compute.actions import ROUTES as COMPUTE_ACTIONS
from remediator.simulator.compute.disk_points import ROUTES as DISK_POINTS
from remediator.simulator.compute.disks import ROUTES as DISKS
from remediator.simulator.compute.metrics import ROUTES as METRICS
from remediator.simulator.compute.operations import ROUTES as COMPUTE_OPERATIONS
from remediator.simulator.compute.routes import ROUTES as COMPUTE
from remediator.simulator.compute.run_command import ROUTES as RUN_COMMAND
from remediator.simulator.compute.usages import ROUTES as USAGES
from remediator.simulator.faults import Fault
from remediator.simulator.identity import Issuer
from remediator.simulator.keyvault.routes import ROUTES as KEY_VAULTS
from remediator.simulator.network.routes import ROUTES as NETWORK
from remediator.simulator.ratelimit import RateLimits
from remediator.simulator.recorded_faults import recorded_error
from remediator.simulator.reply import (
    ArmError,
    Reply,
    group_not_found,
    subscription_not_found,
)
from remediator.simulator.resources.graph import ROUTES as GRAPH
from remediator.simulator.resources.locks import ROUTES as LOCKS
from remediator.simulator.resources.permissions import ROUTES as PERMISSIONS
from remediator.simulator.resources.policies import ROUTES as POLICIES
from remediator.simulator.resources.providers import ROUTES as PROVIDERS
from remediator.simulator.resources.roles import ROUTES as ROLES
from remediator.simulator.resources.routes import ROUTES as RESOURCES
from remediator.simulator.routing import Call, Route, Router
from remediator.simulator.storage.routes import ROUTES as STORAGE
from remediator.simulator.world import World

_API_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-[a-z0-9.]+)?", re.IGNORECASE)
_ROUTER = Router(
    [
        *LOCKS,
        *PERMISSIONS,
        *ROLES,
        *POLICIES,
        *COMPUTE_ACTIONS,
        *COMPUTE_OPERATIONS,
        *DISK_POINTS,
        *DISKS,
        *COMPUTE,
        *RUN_COMMAND,
        *METRICS,
        *USAGES,
        *NETWORK,
        *STORAGE,
        *KEY_VAULTS,
        *BACKUP_ACTIONS,
        *PROTECTION,
        *GUARDS,
        *BACKUP,
        *VALIDATE,
        *RESOURCES,
        *PROVIDERS,
        *GRAPH,
    ]
)


class Arm:
    """Answers requests about the world."""

    def __init__(self, world: World, issuer: Issuer, *, throttling: bool = False) -> None:
        self._world = world
        self._issuer = issuer
        self._limits = RateLimits(refusing=throttling, speed=max(1.0, world.clock.speed))

    def answer(
        self,
        method: str,
        path: str,
        query: str,
        body: Any,
        *,
        base: str,
        headers: Mapping[str, str],
        faults: list[Fault],
    ) -> tuple[Reply, Route | None]:
        """Answer a request, and return the route that it took. ``path`` is decoded."""
        self._world.settle()
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        terms = {key.lower(): value for key, value in pairs.items()}
        found = _ROUTER.find(method, path)
        route = found[0] if found else None
        foreign = next((fault.host for fault in faults if fault.kind == "foreign-link"), base)
        params = found[1] if found else {}
        sent = {name.lower(): value for name, value in headers.items()}
        call = Call(self._world, method, path, params, terms, body, foreign, faults, sent)
        try:
            self._issuer.check(sent.get("authorization"), base)
            if (seconds := self._limits.admit(method, path)) is not None:
                raise _throttled(call, seconds, headers={"Retry-After": str(seconds)})
            self._strike(call, base)
            reply = self._dispatch(call, route)
        except ArmError as error:
            reply = error.reply()
        by_gateway = reply.headers.get("x-ms-failure-cause") == "gateway"
        if route is not None and not by_gateway and reply.status < 500:
            # An answer of the front door itself has no such header, and neither has a 5xx
            # (recorded).
            limits = self._limits.headers(method, path, route)
            reply.headers = limits | reply.headers
        return reply, route

    def _strike(self, call: Call, base: str) -> None:
        """Raise the errors of the faults that are errors."""
        if call.fault("token-expired"):
            raise self._issuer.expired(base)
        if fault := call.fault("throttle-arm"):
            raise _throttled(call, fault.retry_after)
        if fault := call.fault("throttle-compute"):
            # The codes are documented; no recording was found.
            raise ArmError(
                429,
                "OperationNotAllowed",
                "The server rejected the request because too many requests have been received "
                "for this subscription.",
                envelope="compute",
                details=[
                    {
                        "code": "TooManyRequests",
                        "target": "UpdateVM",
                        "message": '{"operationGroup":"UpdateVM","allowedRequestCount":1500}',
                    }
                ],
                headers={"x-ms-ratelimit-remaining-resource": "Microsoft.Compute/UpdateVM;0"},
                retry_after=fault.retry_after,
            )
        if fault := call.fault("error"):
            if fault.like is not None:
                raise recorded_error(fault.like)
            code = {500: "InternalServerError", 503: "ServerTimeout"}.get(fault.status, "Conflict")
            raise ArmError(
                fault.status,
                fault.code or code,
                fault.message or "The server could not process the request.",
                envelope="compute",
            )

    def _dispatch(self, call: Call, route: Route | None) -> Reply:
        if "api-version" not in call.query:
            raise ArmError(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        if not _API_VERSION.fullmatch(call.api_version):
            raise ArmError(
                400,
                "InvalidApiVersionParameter",
                f"The api-version '{call.api_version}' is invalid.",
            )
        group = self._subscription_and_group(call)
        if route is None:
            if group and self._world.group(*group) is None:
                raise group_not_found(group[1])
            raise _no_route(call)
        if not route.polling:
            check_permission(call, route)
        looks = call.method == "HEAD" or route.makes_group
        if group and not looks and self._world.group(*group) is None:
            raise group_not_found(group[1])
        check_locks(call, route)
        return route.handler(call)

    def _subscription_and_group(self, call: Call) -> tuple[str, str] | None:
        parts = call.path.strip("/").split("/")
        if len(parts) < 2 or not ids.same(parts[0], "subscriptions"):
            return None
        if self._world.subscription(parts[1]) is None:
            raise subscription_not_found(parts[1])
        if len(parts) >= 4 and ids.same(parts[2], "resourceGroups"):
            return parts[1], parts[3]
        return None


def _throttled(call: Call, seconds: float, headers: dict[str, str] | None = None) -> ArmError:
    """The refusal of one request too many.

    Recorded for a DELETE in 2017, which counted as a write. The limit of reads is documented. The
    recorder strips Retry-After, which is documented too. ``seconds`` are simulated ones, unless
    ``headers`` tell the real ones.
    """
    kind, limit = ("read", 12000) if call.method in {"GET", "HEAD"} else ("write", 1200)
    subscription = call.params.get("subscription", "")
    return ArmError(
        429,
        "SubscriptionRequestsThrottled",
        f"Number of {kind} requests for subscription '{subscription}' exceeded the limit of "
        f"'{limit}' for time interval '01:00:00'. Please try again after '{seconds:.0f}' seconds.",
        headers=headers,
        retry_after=seconds,
    )


def _no_route(call: Call) -> ArmError:
    """The error of ARM for a path that it does not know."""
    if _ROUTER.methods(call.path):
        # Unverified: the code for a known path with the wrong method.
        return ArmError(
            405, "MethodNotAllowed", f"The HTTP method '{call.method}' is not supported here."
        )
    parts = call.path.strip("/").split("/")
    lowered = [part.lower() for part in parts]
    if "providers" in lowered:
        at = len(lowered) - 1 - lowered[::-1].index("providers")
        namespace = parts[at + 1] if len(parts) > at + 1 else ""
        kind = "/".join(parts[at + 2 :: 2])
        return ArmError(
            404,
            "InvalidResourceType",
            f"The resource type '{kind}' could not be found in the namespace '{namespace}' for "
            f"api version '{call.api_version}'.",
        )
    return ArmError(404, "ResourceNotFound", f"The resource '{call.path}' could not be found.")
