"""The whole simulator: one world behind two ports on loopback."""

import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from remediator.simulator.clock import Clock, Mode
from remediator.simulator.faults import FaultBook
from remediator.simulator.gateway import Gateway
from remediator.simulator.identity import Issuer
from remediator.simulator.reply import Json, Reply
from remediator.simulator.scenario.build import build
from remediator.simulator.scenario.load import load
from remediator.simulator.scenario.models import Scenario
from remediator.simulator.tls import server_context

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ready:
    """The addresses and credentials of the simulator: the content of the ready file."""

    url: str
    identity_url: str
    identity_header: str
    token: str
    ca_file: str | None
    tenant_id: str
    client_id: str
    client_secret: str
    subscriptions: list[str]
    pid: int

    def as_json(self) -> Json:
        """Return the content as a JSON object."""
        return asdict(self)


class Simulator:
    """A simulated cloud in this event loop."""

    def __init__(
        self,
        scenario: Scenario | str,
        *,
        time: Mode = "real",
        speed: float = 600.0,
        step: float = 0.0,
        latency: float = 0.0,
        throttling: bool = False,
        brief_log: bool = False,
        port: int = 0,
        https: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self._time: Mode = time
        self._speed = speed
        self._step = step
        self._switch_on(load(scenario) if isinstance(scenario, str) else scenario)
        self.gateway = Gateway(
            self.world,
            self.issuer,
            self.faults,
            self.reload,
            latency=latency,
            throttling=throttling,
            brief_log=brief_log,
        )
        self.ready: Ready | None = None
        self._urls = ("", "")
        self._port = port
        self._https = https
        self._ca_file = ca_file
        self._runners: list[web.ServerRunner] = []

    def _switch_on(self, scenario: Scenario) -> None:
        start = scenario.clock.at(datetime.now(UTC))
        clock = Clock(self._time, start=start, speed=self._speed, step=self._step)
        self.world = build(scenario, clock)
        self.faults = FaultBook(scenario.faults)
        self.issuer = Issuer(self.world.principal)

    def reload(self, scenario: str) -> Json:
        """Begin again with another scenario at the same address.

        Return the addresses and the new token. Time runs as before. All earlier tokens become
        invalid. A scenario that cannot be used changes nothing.
        """
        self._switch_on(load(scenario))
        self.gateway.show(self.world, self.issuer, self.faults)
        self.ready = self._tell()
        return self.ready.as_json()

    def _tell(self) -> Ready:
        principal = self.world.principal
        url, identity_url = self._urls
        return Ready(
            url=url,
            identity_url=identity_url,
            identity_header=self.issuer.identity_header,
            token=self.issuer.token(),
            ca_file=str(self._ca_file) if self._https else None,
            tenant_id=principal.tenant,
            client_id=principal.client_id,
            client_secret=principal.client_secret,
            subscriptions=[each.id for each in self.world.subscriptions],
            pid=os.getpid(),
        )

    async def start(self) -> Ready:
        """Start to listen. Return the addresses and credentials."""
        ssl_context = None
        if self._https:
            if self._ca_file is None:
                directory = tempfile.mkdtemp(prefix="remediate-simulator-")
                self._ca_file = Path(directory) / "ca.pem"
            ssl_context = server_context(self._ca_file)
        arm = web.ServerRunner(web.Server(self.gateway.handle, access_log=None))
        identity = web.ServerRunner(web.Server(self._managed_identity, access_log=None))
        self._runners = [arm, identity]
        for runner in self._runners:
            await runner.setup()
        await web.TCPSite(arm, _LOOPBACK, self._port, ssl_context=ssl_context).start()
        await web.TCPSite(identity, _LOOPBACK, 0).start()
        port, identity_port = (runner.addresses[0][1] for runner in self._runners)
        self._urls = (
            f"https://localhost:{port}" if self._https else f"http://{_LOOPBACK}:{port}",
            f"http://{_LOOPBACK}:{identity_port}/msi/token",
        )
        self.ready = self._tell()
        return self.ready

    async def stop(self) -> None:
        """Stop listening."""
        for runner in self._runners:
            await runner.cleanup()
        self._runners = []

    async def _managed_identity(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "GET" or request.path != "/msi/token":
            reply = Reply(404, {"statusCode": 404, "message": "Not found"})
        else:
            header = request.headers.get("X-IDENTITY-HEADER")
            reply = self.issuer.managed(header, dict(request.query))
        return web.json_response(reply.body, status=reply.status)
