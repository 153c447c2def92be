"""One run per VM at a time, no matter which process began it."""

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
    """Keeps two runs away from the same VM. A claim ends when its process ends, in any way."""

    def claim(self, vm_id: str) -> str | None:
        """Claim a VM, without waiting.

        Returns:
            None if the VM is ours until it is released. Else the name of its holder.

        Raises:
            StateError: the claims cannot be read, so the VM is not claimed.
        """
        ...

    def release(self, vm_id: str) -> None:
        """Release a VM. Nothing happens if it is not ours."""
        ...


class FileClaims:
    """Claims for the processes of one machine: one locked file per VM.

    The system unlocks the file when its process dies. The file itself may stay.
    """

    def __init__(self, folder: Path, run_id: str) -> None:
        self._folder = folder / "claims"
        self._run_id = run_id
        self._held: dict[str, FileLock] = {}

    def claim(self, vm_id: str) -> str | None:
        """Lock the VM's file and write down the holder."""
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
        # In a second file: trying to lock a file empties it.
        told = json.dumps({"run": self._run_id, "process": os.getpid()})
        with suppress(OSError):  # the lock holds anyway; only the holder's name is missing
            path.with_suffix(".json").write_text(told, encoding="utf-8")

    def _holder(self, path: Path) -> str:
        try:
            told = json.loads(path.with_suffix(".json").read_text("utf-8"))
            return f"{told['run']} (process {told['process']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another run"
