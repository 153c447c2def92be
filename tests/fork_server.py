"""`python -m tests.fork_server FD`: fork processes that have all imports done already.

Starting Python and importing the SDKs takes ten times as long as the command itself. This server
imports once and does nothing else: it holds no thread, no loop, no open file. Each forked process
has its own arguments, environment, folder, standard streams, signal handlers and way to end. A
command cannot see any difference to `python -m MODULE`.

For each process, the client sends one byte and four descriptors on the socket FD: a socket, and
the stdin, stdout and stderr of the process. The client then writes the request to that socket, as
JSON up to the end of the stream. The server answers on it with the process id and, when the
process has ended, its exit code.
"""

import atexit
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import struct
import sys
import termios
import threading
from contextlib import suppress
from typing import Any

import remediator

NUMBER = struct.Struct("!i")
"""The form of an id or an exit code on a socket."""

LATE = (
    "azure.core.rest._aiohttp",
    "azure.mgmt.compute.aio",
    "azure.mgmt.compute.aio.operations",
    "azure.mgmt.recoveryservicesbackup.aio",
    "azure.mgmt.recoveryservicesbackup.aio.operations",
    "azure.mgmt.resource.locks.aio",
    "azure.mgmt.resource.locks.aio.operations",
    "azure.mgmt.resource.resources.aio",
    "azure.mgmt.resource.resources.aio.operations",
    "dbos._sys_db_postgres",
    "dbos._sys_db_sqlite",
    "platformdirs",
    "platformdirs.unix",
    "rich._emoji_codes",
    "rich.live",
    "rich.status",
    "ruamel.yaml.mergevalue",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "typer._adapters",
    "typer._click.decorators",
    "typer.rich_utils",
)
"""Modules that other modules import only when they need them."""


class ForkServer:
    """The loop that serves the client and watches the forked processes."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._running: dict[int, socket.socket] = {}

    def serve(self) -> socket.socket | None:
        """Fork until the client is gone, then return None. A forked process gets its own socket."""
        woken, wakes = socket.socketpair()
        woken.setblocking(False)
        wakes.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector, woken, wakes, self._client:
            selector.register(self._client, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if woken in ready:
                    woken.recv(4096)
                    self._reap()
                if self._client in ready:
                    data, descriptors, _, _ = socket.recv_fds(self._client, 1, 4)
                    if not data:
                        self._end_all()
                        signal.set_wakeup_fd(-1)
                        return None
                    if (own := self._fork(descriptors)) is not None:
                        signal.set_wakeup_fd(-1)
                        return own

    def _fork(self, descriptors: list[int]) -> socket.socket | None:
        """Fork. The new process gets its socket; the server gets None."""
        own = socket.socket(fileno=descriptors[0])
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in self._running.values():
                other.close()
            for number, descriptor in enumerate(descriptors[1:]):
                os.dup2(descriptor, number)
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        if pid == 0:
            return own
        self._running[pid] = own
        own.sendall(NUMBER.pack(pid))
        return None

    def _reap(self) -> None:
        """Report each process that has ended."""
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            # The client may be gone.
            with self._running.pop(pid) as told, suppress(BrokenPipeError):
                told.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))

    def _end_all(self) -> None:
        """End all processes, for the case that the tests were ended from outside."""
        for pid, told in self._running.items():
            os.kill(pid, signal.SIGTERM)
            told.close()


def prepare() -> None:
    """Make, once for all processes, the things that depend only on the code."""
    # Imported here, not above: the tests read this file too, and treat warnings as errors.
    # Old versions of these modules warn.
    from typer.main import get_command

    from remediator.cli import app as command_line
    from remediator.playbook import playbook

    command: Any = get_command(command_line.app)
    command_line.app = command
    for verb in (command, *command.commands.values()):
        for parameter in verb.params:
            # Older versions of Typer make this at once, and have no such method.
            getattr(parameter, "get_runtime_param", bool)()
    playbook.file_model()


def become(own: socket.socket) -> str:
    """Take arguments, environment and folder from the socket. Returns the module to run."""
    with own, own.makefile("rb") as asked:
        request = json.load(asked)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    if request["terminal"]:
        os.setsid()
        take_terminal()
    sys.path[0] = request["cwd"]
    sys.argv[1:] = request["arguments"]
    module: str = request["module"]
    return module


def take_terminal() -> None:
    """Make stdin the terminal that sends Ctrl-C."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def run(module: str) -> str | int | None:
    """Run a module as `python -m` does. Returns its exit code or its last message."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as leave:
        return leave.code
    return 0


def end(code: str | int | None) -> None:
    """End as the interpreter does.

    If nothing depends on it, the modules are not taken apart: that would copy all their memory and
    take longer than the command did.
    """
    gc.collect()  # an object that left a file open shall warn now
    if isinstance(code, int) and threading.active_count() == 1:
        atexit._run_exitfuncs()  # noqa: SLF001 - as multiprocessing does in forked processes
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code & 0xFF)
    sys.exit(code)


def main() -> None:
    """Serve requests. In a forked process, run the requested module."""
    ours = [module.name for module in pkgutil.walk_packages(remediator.__path__, "remediator.")]
    for name in [*(name for name in ours if not name.endswith(".__main__")), *LATE]:
        # A module that cannot be imported fails later, where it is needed.
        with suppress(Exception):
            importlib.import_module(name)
    prepare()
    gc.collect()
    gc.freeze()
    own = ForkServer(socket.socket(fileno=int(sys.argv[1]))).serve()
    if own is not None:
        end(run(become(own)))


if __name__ == "__main__":
    main()
