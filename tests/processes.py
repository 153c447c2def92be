"""Start `python -m MODULE` as a process of its own. It is forked if a fork behaves the same."""

import atexit
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol

from remediator.simulator.process import Process
from tests.fork_server import NUMBER, take_terminal
from tests.places import ROOT

# A process that was started in the background (`nohup ... &`) ignores Ctrl-C and the end of the
# terminal, and its children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

HARMLESS = re.compile(
    r"(?i)(AZURE|IDENTITY|REMEDIATE|PYTEST|XDG)_.*|COLUMNS|REQUESTS_CA_BUNDLE|TERM|.*_proxy"
)
"""Variables that nothing reads while Python starts and modules are imported."""

Streams = tuple[IO[Any], IO[Any], IO[Any]]
"""stdin, stdout, stderr: open files."""


class Started(Process, Protocol):
    """A process that the tests have started."""

    def send_signal(self, sig: int) -> None:
        """Send a signal if the process has not ended."""


def start(
    module: str,
    arguments: list[str],
    streams: Streams,
    env: dict[str, str],
    cwd: Path | None,
    *,
    terminal: bool = False,
) -> Started:
    """Start a module.

    It is forked, except where forks do not work well, or where a variable differs that the fork
    server may already have read.

    Args:
        module: the module that `python -m` would run.
        arguments: its arguments.
        streams: its stdin, stdout and stderr.
        env: its environment.
        cwd: its folder, or None for the folder of this process.
        terminal: whether stdin is its own terminal, which sends it Ctrl-C.
    """
    if sys.platform == "linux" and (server := _server()).suits(env):
        request = {"module": module, "arguments": arguments, "env": env, "terminal": terminal}
        return server.fork(request | {"cwd": str(cwd or Path.cwd())}, streams)
    stdin, stdout, stderr = streams
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=terminal,
        preexec_fn=take_terminal if terminal else None,  # noqa: PLW1509
    )


class Forked:
    """A process that the server forked. Use it like a `subprocess.Popen`."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self.pid = self._number()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code.

        Raises:
            subprocess.TimeoutExpired: it has not ended in time.
        """
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            return self._ended()
        return self.returncode

    def terminate(self) -> None:
        """Send SIGTERM if the process has not ended."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL if the process has not ended."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, sig: int) -> None:
        """Send a signal if the process has not ended."""
        if self.poll() is None:
            # At this very moment it may end, and the server that forked it may wait for it.
            with suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def _ended(self) -> int:
        self.returncode = self._number()
        self._told.close()
        return self.returncode

    def _number(self) -> int:
        received = self._told.recv(NUMBER.size, socket.MSG_WAITALL)
        if not received:
            raise ConnectionError("the fork server is gone")
        number: int = NUMBER.unpack(received)[0]
        return number


class _Server:
    """The fork server of this process."""

    def __init__(self) -> None:
        self._environment = _read_at_start(dict(os.environ))
        self._channel, theirs = socket.socketpair()
        with theirs:
            # Pipes, because the commands have pipes too. A session of its own, so that Ctrl-C ends
            # only the tests; their end then ends the server.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def suits(self, env: dict[str, str]) -> bool:
        """Whether a forked process with this environment behaves like a fresh one."""
        return _read_at_start(env) == self._environment

    def fork(self, request: dict[str, Any], streams: Streams) -> Forked:
        """Fork a process."""
        ours, theirs = socket.socketpair()
        with theirs:
            files = [theirs.fileno(), *(stream.fileno() for stream in streams)]
            socket.send_fds(self._channel, [b"+"], files)
        ours.sendall(json.dumps(request).encode())
        ours.shutdown(socket.SHUT_WR)
        return Forked(ours)

    def stop(self) -> None:
        """End the server and the processes that it has running."""
        self._channel.close()
        self._process.communicate()


def _read_at_start(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not HARMLESS.fullmatch(name)}


@cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.stop)
    return server
