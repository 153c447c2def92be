"""A PostgreSQL only for the tests: Debian's programs, a temporary folder, loopback.

It leaves nothing behind, and touches no other server of the machine.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psycopg
import pytest

MISSING = (
    "PostgreSQL is not installed: `apt-get install postgresql`, or initdb and postgres on the "
    "PATH, lets these tests run"
)

_PATIENCE = 60.0
_OWNERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root. If the tests run as root, one of these users owns it."""


def programs() -> Path | None:
    """The folder of the newest `initdb` and `postgres`, or None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version, reverse=True)
    if found:
        return found[0].parent
    onpath = shutil.which("initdb")
    return Path(onpath).resolve().parent if onpath else None


def _version(path: Path) -> float:
    try:
        return float(path.parts[-3])
    except ValueError:
        return 0.0


class Postgres:
    """A server. Use it as ``with Postgres() as server: server.database()``."""

    def __init__(self) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError(MISSING)
        self._programs = found
        self._password = secrets.token_hex(8)
        self._process: subprocess.Popen[bytes] | None = None
        self._as: list[str] = []
        self.port = 0

    def __enter__(self) -> Self:
        """Make a cluster and start it."""
        self._folder = Path(tempfile.mkdtemp(prefix="remediate-postgres-"))
        password = self._folder / "password"
        password.write_text(self._password, "utf-8")
        if os.geteuid() == 0:
            owner = next(each for each in _OWNERS if _user(each))
            entry = pwd.getpwnam(owner)
            for path in (self._folder, password):
                os.chown(path, entry.pw_uid, entry.pw_gid)
            who = [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
            self._as = ["setpriv", *who, "--"]
        try:
            self._make(password)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _make(self, password: Path) -> None:
        how = ["--auth=scram-sha-256", f"--pwfile={password}", "--username=tests", "--no-sync"]
        how += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
        made = subprocess.run(
            [*self._as, str(self._programs / "initdb"), "-D", str(self._data), *how],
            capture_output=True,
            text=True,
            cwd=self._folder,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr}")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start it on the same port as before, and wait until it answers."""
        self.port = self.port or _free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "300",
            "fsync": "off",  # the machine itself does not crash, and a killed server loses nothing
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._as,
                    str(self._programs / "postgres"),
                    "-D",
                    str(self._data),
                    *(
                        part
                        for name, value in options.items()
                        for part in ("-c", f"{name}={value}")
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL: {(self._folder / 'log').read_text('utf-8')}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.Error:
            return False
        return True

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it and cut its connections. `at_once`: as in a crash, unfinished work is lost."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def __exit__(self, *_: object) -> None:
        """Stop it and delete all its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of a database, with the password."""
        return f"postgresql://tests:{self._password}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"runs_{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.url(name)


def _user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a process. It may be missing only outside CI."""
    if programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{MISSING}; CI installs it")
        pytest.skip(MISSING)
    with Postgres() as server:
        yield server
