"""The simulator as a separate process, controlled with the standard library alone."""

import json
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

_POLL_SECONDS = 0.005


def _opener(ca_file: str | None) -> urllib.request.OpenerDirector:
    """Make an opener that goes straight to loopback and ignores the environment's proxies."""
    # Without a CA there is nothing to trust. Reading the machine's CAs takes longer than the start.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(ca_file)
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )


class SimulatorError(Exception):
    """The simulator did not start, or it refused a request to the control API."""


class Process(Protocol):
    """The part of `subprocess.Popen` that is needed here."""

    @property
    def pid(self) -> int:
        """The id of the process."""

    def poll(self) -> int | None:
        """Return the exit code, or None if the process has not ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the process and return its exit code."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def kill(self) -> None:
        """Send SIGKILL."""


def _start(module: str, arguments: list[str], output: IO[str]) -> Process:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603


class SimulatorProcess:
    """Runs a simulator: ``with SimulatorProcess("limit-reached", time="stepped") as cloud:``."""

    starter: Callable[[str, list[str], IO[str]], Process] = staticmethod(_start)
    """Starts a module with arguments and an output.

    Replace it with a quicker way to start hundreds.
    """

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

    def __init__(
        self,
        scenario: str | Path = "demo",
        *,
        time: str = "stepped",
        speed: float = 600.0,
        step: float = 0.0,
        latency: float = 0.0,
        throttling: bool = False,
        brief_log: bool = False,
        https: bool = False,
        port: int = 0,
        start_timeout: float = 30.0,
    ) -> None:
        self._options = ["--scenario", str(scenario), "--time", time, "--speed", str(speed)]
        self._options += ["--step", str(step)]
        self._options += ["--latency", str(latency), "--port", str(port)]
        self._options += ["--https"] if https else []
        self._options += ["--throttling"] if throttling else []
        self._options += ["--brief-log"] if brief_log else []
        self._start_timeout = start_timeout
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._process: Process | None = None
        self._opener = _opener(None)

    def start(self) -> Self:
        """Start the simulator and wait until it listens."""
        self._directory = tempfile.TemporaryDirectory(prefix="remediate-simulator-")
        ready_file = Path(self._directory.name) / "ready.json"
        ca_file = Path(self._directory.name) / "ca.pem"
        output = Path(self._directory.name) / "output"
        arguments = [*self._options, "--ready-file", str(ready_file), "--ca-file", str(ca_file)]
        with output.open("w", encoding="utf-8") as sink:
            self._process = self.starter("remediator.simulator", arguments, sink)
        deadline = time.monotonic() + self._start_timeout
        while not ready_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = output.read_text(encoding="utf-8")
                self.stop()
                message = f"the simulator did not start: {said.strip()}"
                raise SimulatorError(message)
            time.sleep(_POLL_SECONDS)
        self._know(json.loads(ready_file.read_text(encoding="utf-8")))
        self._opener = _opener(self.ca_file)
        return self

    def _know(self, ready: dict[str, Any]) -> None:
        for name, value in ready.items():
            setattr(self, name, value)

    def reload(self, scenario: str | Path) -> None:
        """Begin again with another scenario: empty log, another token, the same address."""
        self._know(self.control("POST", "reload", {"scenario": str(scenario)}))

    def stop(self) -> None:
        """Stop the process that this object started, and no other."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def control(self, method: str, name: str, body: Any = None) -> Any:
        """Call the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the URL is this process's own child
            f"{self.url}/_simulator/{name}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                raw = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                message = f"{method} {name}: {error.code} {error.read().decode()}"
            raise SimulatorError(message) from error
        return json.loads(raw) if raw else None

    def requests(self) -> list[dict[str, Any]]:
        """Return the request log, oldest first."""
        found: list[dict[str, Any]] = self.control("GET", "requests")["value"]
        return found

    def writes(self) -> list[dict[str, Any]]:
        """Return the requests that could change something."""
        return [entry for entry in self.requests() if not entry["read_like"]]

    def cost(self) -> dict[str, float]:
        """Return what the simulator itself cost so far: `cpu_seconds` and `requests`."""
        found: dict[str, float] = self.control("GET", "cost")
        return found

    def state(self) -> dict[str, Any]:
        """Return the state of the cloud, seen from inside."""
        found: dict[str, Any] = self.control("GET", "state")
        return found

    def failed_jobs(self, vm: str) -> list[str]:
        """Return the ids of a VM's failed jobs, oldest first."""
        return list(self.state()["failed_jobs"].get(vm, []))

    def now(self) -> str:
        """Return the simulated instant."""
        return str(self.control("GET", "clock")["now"])

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.control("POST", "advance", {"seconds": seconds})

    def fault(self, kind: str, **how: Any) -> None:
        """Set a fault. `remediator.simulator.faults.Fault` lists the kinds."""
        self.control("POST", "faults", {"kind": kind, **how})

    def act(self, act: str, vm: str) -> bool:
        """Do at once what another administrator would do. Tell whether there was anything to do."""
        return bool(self.control("POST", "act", {"act": act, "vm": vm})["done"])

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.control("DELETE", "faults")

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self.control("DELETE", "requests")
