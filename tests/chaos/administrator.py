"""Another administrator. He knows nothing of the tool, and acts on the same VMs meanwhile."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, Final

from remediator.proving.by_hand import VERSION
from remediator.simulator.process import SimulatorProcess
from tests.chaos.cloud import Vm
from tests.chaos.unrest import Unrest

AGENT: Final = "another-administrator"
"""The user agent that tells his requests from the tool's in the simulator's log."""

Json = dict[str, Any]


class Administrator(Unrest):
    """Acts until the end of ``with Administrator(azure, machines, …) as somebody:``."""

    def __init__(
        self,
        azure: SimulatorProcess,
        machines: tuple[Vm, ...],
        planned: Callable[[Vm], bool],
        seed: str,
        every: float,
    ) -> None:
        """Prepare an administrator.

        Args:
            azure: the simulator on which he acts.
            machines: the VMs. He acts on one of them at a time.
            planned: whether a VM has a plan yet. Until then he leaves it alone, because a VM that
                he has mended would need no plan.
            seed: the seed of every choice.
            every: real seconds between two acts, on average.
        """
        super().__init__("administrator", Random(f"{seed} administrator"), every)
        self._planned = planned
        self._azure = azure
        self._machines = machines
        self.acts: Counter[str] = Counter()
        self.replaced: set[str] = set()
        """VMs that he has deleted, and perhaps created again with the same name."""

    def happen(self) -> None:
        """Act on one of the VMs if it has a plan."""
        acts: tuple[Callable[[Json, Vm], str | None], ...] = (
            self._lock_back,
            self._lock_back,
            self._backup,
            self._power,
            self._stop_protection,
            self._reinstall_extension,
            self._replace_vm,
        )
        vm, act = self._rng.choice(self._machines), self._rng.choice(acts)
        if not self._planned(vm):
            return
        with suppress(urllib.error.URLError, OSError):  # the bad weather hits him too
            if done := act(self._azure.state(), vm):
                self.acts[done] += 1

    def _call(self, method: str, path: str, body: Json | None = None) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own child process
            f"{self._azure.url}{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {self._azure.token}",
                "Content-Type": "application/json",
                "User-Agent": AGENT,
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            answer.read()

    def _lock_back(self, state: Json, _vm: Vm) -> str | None:
        """Put a missing lock on again, sometimes with another level."""
        off = [row for row in state["locks"] if row["deleted"]]
        if not off:
            return None
        lock = self._rng.choice(off)
        level = self._rng.choice(("CanNotDelete", "CanNotDelete", "ReadOnly"))
        body = {"properties": {"level": level, "notes": "Who took it off?"}}
        self._call("PUT", f"{lock['id']}?api-version=2020-05-01", body)
        return f"lock put back as {level}"

    def _backup(self, state: Json, vm: Vm) -> str | None:
        item = next((each["id"] for each in state["items"] if each["vm"] == vm.name), None)
        if item is None:
            return None
        body = {"properties": {"objectType": "IaasVMBackupRequest"}}
        self._call("POST", f"{item}/backup?{VERSION}", body)
        return "backup begun"

    def _reinstall_extension(self, _state: Json, vm: Vm) -> str | None:
        return "extension reinstalled" if self._azure.act("install-extension", vm.name) else None

    def _replace_vm(self, _state: Json, vm: Vm) -> str | None:
        """Delete a VM, in some of the calls. Most are created again at once with the same name."""
        if self._rng.random() < 0.4:
            return None
        anew = self._rng.random() < 0.7
        self.replaced.add(vm.name)  # first: the tool may be quicker than the answer
        if not self._azure.act("recreate-vm" if anew else "delete-vm", vm.name):
            return None
        return "VM re-created" if anew else "VM deleted"

    def _power(self, state: Json, vm: Vm) -> str | None:
        found = _vm(state, vm)
        if found is None:
            return None
        verb = "start" if found["power"] in ("deallocated", "stopped") else "restart"
        self._call("POST", f"{found['id']}/{verb}?api-version=2024-07-01")
        return f"VM {verb}ed"

    def _stop_protection(self, state: Json, vm: Vm) -> str | None:
        item = next((each["id"] for each in state["items"] if each["vm"] == vm.name), None)
        found = _vm(state, vm)
        if item is None or found is None or self._rng.random() < 0.7:
            return None
        stopped = {
            "protectedItemType": "Microsoft.Compute/virtualMachines",
            "protectionState": "ProtectionStopped",
            "sourceResourceId": found["id"],
        }
        self._call("PUT", f"{item}?{VERSION}", {"properties": stopped})
        return "protection stopped"


def _vm(state: Json, vm: Vm) -> Json | None:
    return next((each for each in state["vms"] if each["name"] == vm.name), None)
