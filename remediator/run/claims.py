"""One run per VM at a time, whichever process began it."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from remediator import ids
from remediator.errors import StateError


class VmClaims(Protocol):
    """Keeps two runs from one VM. A claim ends with its process, however that ends."""

    def claim(self, vm_id: str) -> str | None:
        """Claim a VM, without waiting.

        Returns:
            None: it is ours until it is released. Else who holds it.

        Raises:
            StateError: it cannot be told, so it is not claimed.
        """
        ...

    def release(self, vm_id: str) -> None:
        """Give a VM back; one that is not ours is left alone."""
        ...


class FileClaims:
    """Claims for the processes of one machine: a locked file per VM.

    The system unlocks it when its process dies; the file itself may stay.
    """

    def __init__(self, folder: Path, run_id: str) -> None:
        self._folder = folder / "claims"
        self._run_id = run_id
        self._held: dict[str, FileLock] = {}

    def claim(self, vm_id: str) -> str | None:
        """Lock the VM's file and write down whose it is."""
        path = self._path(vm_id)
        if path.name in self._held:
            return None
        lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire()
        except Timeout:
            return self._holder(path)
        except (OSError, NotImplementedError) as error:
            raise StateError(
                f"cannot tell whether another run is at {vm_id}: {path}: {error}; choose another "
                "place with --state"
            ) from None
        self._held[path.name] = lock
        self._write_down(path)
        return None

    def release(self, vm_id: str) -> None:
        """Unlock the VM's file."""
        lock = self._held.pop(self._path(vm_id).name, None)
        if lock is not None:
            lock.release()

    def _path(self, vm_id: str) -> Path:
        digest = hashlib.sha256(ids.normal(vm_id).encode()).hexdigest()
        return self._folder / f"{digest[:32]}.lock"

    def _write_down(self, path: Path) -> None:
        # Beside the lock: whoever tries to lock a file empties it.
        told = json.dumps({"run": self._run_id, "process": os.getpid()})
        with suppress(OSError):  # the lock holds all the same; only its holder's name is not told
            path.with_suffix(".json").write_text(told, encoding="utf-8")

    def _holder(self, path: Path) -> str:
        try:
            told = json.loads(path.with_suffix(".json").read_text("utf-8"))
            return f"{told['run']} (process {told['process']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another run"
