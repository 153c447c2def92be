"""From HTTP to the simulated services and back, with the headers and the faults of a network."""

import asyncio
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from remediator.simulator import ids
from remediator.simulator.arm import Arm
from remediator.simulator.backup.forms import is_new
from remediator.simulator.control import PREFIX, Control
from remediator.simulator.faults import Fault, FaultBook
from remediator.simulator.identity import Issuer, metadata, openid_configuration
from remediator.simulator.log import RequestLog, redacted, traffic_file
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Route
from remediator.simulator.times import http_date, seven_decimals
from remediator.simulator.world import World


class Gateway:
    """The only entrance to the ARM port."""

    def __init__(
        self,
        world: World,
        issuer: Issuer,
        faults: FaultBook,
        reload: Callable[[str], Json],
        *,
        latency: float = 0.0,
        throttling: bool = False,
        brief_log: bool = False,
    ) -> None:
        self.log = RequestLog(traffic_file(), brief=brief_log)
        self._reload = reload
        self._latency = latency
        self._throttling = throttling
        self.show(world, issuer, faults)

    def show(self, world: World, issuer: Issuer, faults: FaultBook) -> None:
        """Put a world behind the entrance from now on, with an empty log."""
        self.log.clear()
        self._world = world
        self._issuer = issuer
        self._faults = faults
        self._arm = Arm(world, issuer, throttling=self._throttling)
        self._control = Control(world, faults, self.log, self._reload)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = ids.decoded_path(request.raw_path)
        raw = await request.read()
        if path.startswith(PREFIX):
            return self._respond(self._control.answer(request.method, path, _json(raw)))
        self._world.clock.tick()
        base = f"{request.scheme}://{request.host}"
        url = request.raw_path if "://" in request.raw_path else base + request.raw_path
        entry = self.log.arrived(request.method, path, url, request.headers)
        query = request.raw_path.partition("?")[2]
        entry["query"] = dict(parse_qsl(query, keep_blank_values=True))
        entry["sim_time"] = seven_decimals(self._world.clock.now())
        entry["api_version"] = entry["query"].get("api-version")
        if (reply := self._identity(request, path, base, raw, entry)) is not None:
            return self._finish(request, entry, reply)
        return await self._answer_arm(request, path, base, query, raw, entry)

    def _identity(
        self, request: web.BaseRequest, path: str, base: str, raw: bytes, entry: Json
    ) -> Reply | None:
        """Answer requests for cloud metadata and Entra, which have the same address as ARM."""
        tenant = self._world.principal.tenant
        parts = path.strip("/").lower().split("/")
        if request.method == "GET" and parts == ["metadata", "endpoints"]:
            return Reply(200, metadata(base, tenant))
        if request.method == "GET" and parts[1:] == ["v2.0", ".well-known", "openid-configuration"]:
            return Reply(200, openid_configuration(base, tenant))
        if request.method == "GET" and parts[1:] == ["discovery", "v2.0", "keys"]:
            return Reply(200, {"keys": []})
        if request.method == "POST" and parts[1:] == ["oauth2", "v2.0", "token"]:
            form = dict(parse_qsl(raw.decode("utf-8", "replace")))
            entry["body"] = redacted(form)
            entry["read_like"] = True
            return self._issuer.grant(form)
        return None

    async def _answer_arm(
        self,
        request: web.BaseRequest,
        path: str,
        base: str,
        query: str,
        raw: bytes,
        entry: Json,
    ) -> web.StreamResponse:
        entry["body"] = body = _json(raw)
        faults = self._faults.striking(request.method, path)
        if _of(faults, "cut-before"):
            return self._cut(request, entry, None)
        if fault := _of(faults, "lands-late"):
            await asyncio.sleep(fault.seconds)
        route: Route | None = None
        try:
            reply, route = self._arm.answer(
                request.method,
                path,
                query,
                body,
                base=base,
                headers=request.headers,
                faults=faults,
            )
        except Exception:  # noqa: BLE001 - a bug here must not look like a broken connection
            traceback.print_exc(file=sys.stderr)
            message = "The simulator failed; its standard error says why."
            reply = ArmError(500, "InternalServerError", message, envelope="compute").reply()
        if route is not None and route.read_like:
            entry["read_like"] = True
        self._stamp(request, reply, route, int(entry["n"]))
        if fault := _of(faults, "slow"):
            await asyncio.sleep(fault.seconds)
        if self._latency:
            await asyncio.sleep(self._latency)
        if _of(faults, "cut-after"):
            return self._cut(request, entry, reply)
        return self._finish(request, entry, reply)

    def _stamp(
        self, request: web.BaseRequest, reply: Reply, route: Route | None, number: int
    ) -> None:
        """Add the headers that every answer of ARM has."""
        now = self._world.now
        recovery = route is not None and route.provider == "Microsoft.RecoveryServices"
        own = ids.guid("request", number, now.isoformat())
        correlation = request.headers.get("x-ms-correlation-request-id", own)
        place = self._world.groups[0].location if self._world.groups else "westeurope"
        headers = {
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
            "Expires": "-1",
            "x-ms-request-id": own,
            "x-ms-correlation-request-id": correlation,
            "x-ms-routing-request-id": f"{place.upper()}:{now:%Y%m%dT%H%M%SZ}:{own}",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "X-Content-Type-Options": "nosniff",
            "Server": "Microsoft-IIS/10.0" if recovery else "Microsoft-HTTPAPI/2.0",
        }
        if recovery:
            headers["X-Powered-By"] = "ASP.NET"
        client_id = request.headers.get("x-ms-client-request-id")
        wants_it = request.headers.get("x-ms-return-client-request-id", "").lower() == "true"
        if client_id and (wants_it or recovery):
            headers["x-ms-client-request-id"] = client_id
        if reply.retry_after is not None:
            headers["Retry-After"] = self._world.clock.retry_after(reply.retry_after)
        if reply.body is not None and reply.status == 200:
            # Answers without a body, a 201 and errors do not have it (recorded).
            headers["Vary"] = "Accept-Encoding"
        if reply.body is not None:
            plain = recovery and not (
                reply.status == 200 and is_new(request.query.get("api-version", ""))
            )
            charset = "" if plain else "; charset=utf-8"
            headers["Content-Type"] = f"application/json{charset}"
        reply.headers = headers | reply.headers

    def _finish(self, request: web.BaseRequest, entry: Json, reply: Reply) -> web.Response:
        response = self._respond(reply)
        self.log.answered(entry, reply.status, dict(response.headers), reply.body)
        if request.method == "HEAD":
            response.body = b""
        return response

    def _respond(self, reply: Reply) -> web.Response:
        text = None if reply.body is None else json.dumps(reply.body, ensure_ascii=False)
        headers = {"Date": http_date(self._world.clock.now())} | reply.headers
        if text is not None:
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
        body = text.encode("utf-8") if text is not None else None
        return web.Response(status=reply.status, body=body, headers=headers)

    def _cut(self, request: web.BaseRequest, entry: Json, reply: Reply | None) -> web.Response:
        """Close the connection instead of answering. The log keeps the answer that was not sent."""
        body = reply.body if reply else None
        self.log.answered(entry, None, {"carried-out": str(reply is not None)}, body)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=503)


def _of(faults: list[Fault], kind: str) -> Fault | None:
    return next((fault for fault in faults if fault.kind == kind), None)


def _json(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return None
