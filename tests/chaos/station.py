"""The place where `remediate` is started in a round: its environment, folders and outputs."""

import itertools
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from remediator.simulator.process import Process, SimulatorProcess
from tests.chaos.calendar import OFFSET, offset
from tests.chaos.cloud import Vm
from tests.command import environment
from tests.cut_short import PUT_BACK
from tests.processes import start

PATIENCE = 300.0
"""The most real seconds for one process. Below that it does not count as stuck."""


@dataclass
class Station:
    """Starts processes and keeps their outputs."""

    azure: SimulatorProcess
    folder: Path
    shared: str | None = None
    """The PostgreSQL that all VMs share. Without it, each VM's runs have their own folder."""
    homes: dict[str, str] = field(default_factory=dict)
    """For VMs that share a state: the name of the VM whose folder holds it."""
    told_refused: set[str] = field(default_factory=set)
    """VMs whose plans a command for several VMs refused, because they did not fit any more."""
    wrong: Random | None = None
    """The source of wrong clocks for processes. None: all clocks are right."""
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.books.mkdir(parents=True)
        (self.books / "put-back.yaml").write_text(PUT_BACK, "utf-8")
        (self.folder / "said").mkdir()
        self.failed = self.azure.state()["failed_jobs"]

    @property
    def books(self) -> Path:
        """The folder of the playbook that puts locks back."""
        return self.folder / "books"

    def state(self, vm: Vm) -> Path:
        """The folder for a VM's runs."""
        return self.folder / "state" / self.homes.get(vm.name, vm.name)

    def start(self, name: str, arguments: list[str], env: dict[str, str]) -> "Started":
        """Start `remediate`."""
        stem = self.folder / "said" / f"{name}-{next(self._numbers):04}"
        out, err = stem.with_suffix(".out"), stem.with_suffix(".err")
        with Path("/dev/null").open("rb") as nothing, out.open("wb") as o, err.open("wb") as e:
            process = start("tests.chaos.tool", arguments, (nothing, o, e), env, self.folder)
        return Started(process, out, err)

    def env(self, vm: Vm | None = None) -> dict[str, str]:
        """The environment of a process, for one VM or for all."""
        where = self.state(vm) if vm else self.folder / "state"
        env = environment(self.azure, where) | {"XDG_STATE_HOME": str(self.folder / "home")}
        if self.wrong is not None:
            env[OFFSET] = str(offset(self.wrong))
        return env | ({"REMEDIATE_STATE": self.shared} if self.shared else {})

    def plan(self, vm: Vm) -> dict[str, Any] | None:
        """Plan the remedy of a VM and keep the plan. None if the weather was too bad."""
        path = self.plan_of(vm)
        wanted = ["plan", "--job-id", self.failed[vm.name][vm.kind.job], "--out", str(path)]
        wanted += self.consent(vm)
        self.start(f"{vm.name}-plan", wanted + self.rules(vm), self.env(vm)).end()
        if not path.exists():
            return None
        made: dict[str, Any] = json.loads(path.read_text("utf-8"))
        # A plan with an unread fact holds its changes, so it cannot be applied.
        return made if made["summary"]["has_changes"] and not made["summary"]["held"] else None

    def plan_of(self, vm: Vm) -> Path:
        """The path of a VM's plan."""
        return self.folder / f"{vm.name}.plan.json"

    def consent(self, vm: Vm) -> list[str]:
        """The consent for applying the plan. It is needed because an unsigned plan gives none."""
        return [word for impact in vm.kind.allow for word in ("--allow", impact)]

    def rules(self, vm: Vm) -> list[str]:
        """The option for the VM's playbooks."""
        return ["--playbooks", str(self.books)] if vm.kind.puts_back else []

    def tracebacks(self) -> list[str]:
        """The names of outputs that contain a traceback."""
        said = sorted((self.folder / "said").iterdir())
        return [path.name for path in said if b"Traceback (most" in path.read_bytes()]

    def refused(self, vm: Vm) -> bool:
        """Whether the command refused the plan of a VM because it had expired or was stale."""
        said = sorted((self.folder / "said").glob(f"{vm.name}-*.err"))
        alone = any(not_begun(path.read_text("utf-8")) for path in said)
        return alone or vm.name in self.told_refused

    def stories(self) -> list[dict[str, Any]]:
        """The stories of the runs that share a state."""
        ended = self.start("list", ["runs", "list", "--format", "json"], self.env())
        if ended.end() != 0:
            return []
        found: list[dict[str, Any]] = json.loads(ended.out.read_text("utf-8"))
        return found


def not_begun(told: str) -> bool:
    """Whether the command said that nothing was begun because the plan no longer fits."""
    return re.search(r"plan-\w+\s+(has\s+expired|is\s+stale)|\(expiry\)", told) is not None


@dataclass(frozen=True)
class Started:
    """A process and its output."""

    process: Process
    out: Path
    err: Path

    def end(self) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(PATIENCE)

    @property
    def told(self) -> str:
        """Its stderr, with single spaces."""
        return re.sub(r"\s+", " ", self.err.read_text("utf-8"))
