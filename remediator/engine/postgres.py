"""Locks in PostgreSQL that end with their connection: which worker lives, and which VM it has."""

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
    """A connection of its own, held for life. Its advisory locks end when the process ends.

    A pooler that shares connections between transactions would break the locks.
    """

    def __init__(self, state: State, name: str) -> None:
        self._url = state.url
        self._shown = state.shown
        self._name = name
        self._connection: psycopg.Connection[Any] | None = None
        # Two threads could both find the connection lost and make a new one. The locks of one of
        # them would then be lost.
        self._turn = RLock()
        self._named = False
        self._vms: set[str] = set()
        """The VMs that this process wants to hold."""
        self._locked: set[str] = set()
        """The VMs that this connection has locked. A second lock would need a second unlocking."""

    def __enter__(self) -> Self:
        """Show that this worker lives.

        Raises:
            StateError: the database cannot be reached, or another worker of this name lives.
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
        """Whether this worker still holds its name. It takes a lost name again.

        False while the database cannot be reached, or another process has taken the name. Then
        another worker may have taken over the runs that were begun here.
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
        """Whether no living process holds the name. False if the database cannot be reached."""
        with self._turn:
            try:
                if not self._try(_WORKER, worker):
                    return False
                self._run("select pg_advisory_unlock(hashtextextended(%s, %s))", worker, _WORKER)
            except (psycopg.Error, StateError):
                self._drop()
                return False
            return True

    def claim(self, vm: str) -> bool | None:
        """Take a VM for this process.

        False if another process has it. None if the database cannot be asked.
        """
        with self._turn:
            try:
                self._open()
                taken = vm in self._locked or self._try(_VM, vm)
            except (psycopg.Error, StateError):
                self._drop()
                return None
            if taken:
                self._vms.add(vm)
                self._locked.add(vm)
            return taken

    def release(self, vm: str) -> None:
        """Release a VM."""
        with self._turn:
            self._vms.discard(vm)
            if vm not in self._locked:
                return
            self._locked.discard(vm)
            try:
                self._run("select pg_advisory_unlock(hashtextextended(%s, %s))", vm, _VM)
            except (psycopg.Error, StateError):
                self._drop()  # the lock ends with the connection

    def _connect(self) -> None:
        # The locks of the earlier connection ended with it.
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
    """Claims of VMs, for all processes that share a database. They end with the connection."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._held: set[str] = set()

    def claim(self, vm_id: str) -> str | None:
        """Claim a VM, without waiting.

        Returns:
            None if the VM is ours until it is released. Else a text that tells its holder.
        """
        name = ids.normal(vm_id)
        if name in self._held:
            return "another run of this worker"
        match self._presence.claim(name):
            case None:
                return "perhaps another worker (the database cannot be reached)"
            case False:
                return "another worker"
            case True:
                self._held.add(name)
                return None

    def renew(self) -> None:
        """Claim again all VMs that were held before the connection was lost.

        If another worker has claimed a VM meanwhile, it keeps it. A stage that is under way here
        ends, and the engine refuses its result.
        """
        for name in self._held:
            self._presence.claim(name)

    def release(self, vm_id: str) -> None:
        """Release a VM. Nothing happens if it is not ours."""
        name = ids.normal(vm_id)
        if name in self._held:
            self._held.discard(name)
            self._presence.release(name)
