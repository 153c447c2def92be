"""Locks in PostgreSQL that end with their connection: who lives, and who works on which VM."""

from threading import RLock
from types import TracebackType
from typing import Any, Self

import psycopg

from remediator import ids
from remediator.errors import StateError
from remediator.record.state import State

_WORKER = 77
_VM = 78


class Presence:
    """A connection of its own, held for life: its advisory locks end when the process does.

    A pooler that shares connections between transactions would break them.
    """

    def __init__(self, state: State, name: str) -> None:
        self._url = state.url
        self._shown = state.shown
        self._name = name
        self._connection: psycopg.Connection[Any] | None = None
        # Two threads that found it lost would each make one, and what one held would go with it.
        self._turn = RLock()
        self._named = False
        self._vms: set[str] = set()
        """What is to be held."""
        self._locked: set[str] = set()
        """What this connection has locked. Locked twice it would have to be unlocked twice."""

    def __enter__(self) -> Self:
        """Say that this worker lives.

        Raises:
            StateError: the database cannot be reached, or a worker of this name lives already.
        """
        self._connect()
        if not self._named:
            raise StateError(
                f"a worker named {self._name} is at work on {self._shown}; give this one a --name"
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def hold(self) -> bool:
        """Whether this worker is still known to live; after a lost connection it says so again.

        False while the database cannot be reached, or somebody else has taken the name: then what
        was begun here may have been taken over.
        """
        with self._turn:
            try:
                self._open().execute("select 1")
                self._named = self._named or self._try(_WORKER, self._name)
            except (psycopg.Error, StateError):
                self._drop()
                return False
            return self._named

    def is_dead(self, worker: str) -> bool:
        """Whether no living process goes by a name. An unreachable database tells nothing."""
        with self._turn:
            try:
                if not self._try(_WORKER, worker):
                    return False
                self._run("select pg_advisory_unlock(hashtextextended(%s, %s))", worker, _WORKER)
            except (psycopg.Error, StateError):
                self._drop()
                return False
            return True

    def claim(self, vm: str) -> bool:
        """Take a VM for this process; False while another one has it, or nobody can be asked."""
        with self._turn:
            try:
                self._open()
                taken = vm in self._locked or self._try(_VM, vm)
            except (psycopg.Error, StateError):
                self._drop()
                return False
            if taken:
                self._vms.add(vm)
                self._locked.add(vm)
            return taken

    def release(self, vm: str) -> None:
        """Give a VM back."""
        with self._turn:
            self._vms.discard(vm)
            if vm not in self._locked:
                return
            self._locked.discard(vm)
            try:
                self._run("select pg_advisory_unlock(hashtextextended(%s, %s))", vm, _VM)
            except (psycopg.Error, StateError):
                self._drop()  # with the connection the lock is gone too

    def _connect(self) -> None:
        # What was held went with the connection before.
        self._locked = set()
        try:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=10)
            self._named = self._try(_WORKER, self._name)
            self._locked = {vm for vm in self._vms if self._try(_VM, vm)}
        except psycopg.Error as error:
            raise StateError(f"{self._shown} cannot be reached: {_line(error)}") from error

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _try(self, kind: int, name: str) -> bool:
        return bool(self._run("select pg_try_advisory_lock(hashtextextended(%s, %s))", name, kind))

    def _run(self, query: str, name: str, kind: int) -> Any:
        row = self._open().execute(query, (name, kind)).fetchone()
        return row[0] if row else None

    def _open(self) -> "psycopg.Connection[Any]":
        if self._connection is None or self._connection.closed:
            self._connect()
        if self._connection is None:
            raise StateError(f"{self._shown} cannot be reached")
        return self._connection


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


class PostgresClaims:
    """Claims of VMs across the processes that share a database. They end with the connection."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._held: set[str] = set()

    def claim(self, vm_id: str) -> str | None:
        """Claim a VM, without waiting.

        Raises:
            StateError: the database cannot be asked.
        """
        name = ids.normal(vm_id)
        if name in self._held:
            return "another run of this worker"
        if not self._presence.claim(name):
            return "another worker"
        self._held.add(name)
        return None

    def renew(self) -> None:
        """Take again what was held before the connection was lost, and every claim with it.

        What another worker has claimed meanwhile stays with it; a stage that is under way here
        ends, and what it comes to is refused by the engine.
        """
        for name in self._held:
            self._presence.claim(name)

    def release(self, vm_id: str) -> None:
        """Give a VM back; one that is not ours is left alone."""
        name = ids.normal(vm_id)
        if name in self._held:
            self._held.discard(name)
            self._presence.release(name)
