"""SQLite: one process per remediation. It is killed at random moments, and resumed."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from random import Random

from tests.chaos.cloud import Vm
from tests.chaos.station import Started, Station, not_begun

_TRIES = 40
"""The most processes for one remediation: far more than kills and bad weather explain."""

REFUSALS = 3
"""So many refusals make a plan count as refused: a single one can come from the weather."""


@dataclass
class Kills:
    """The numbers of killed processes."""

    all: int = 0
    in_the_middle: int = 0
    """The kills in which a run had begun and not ended."""


def remedy(station: Station, vm: Vm, rng: Random, kills: int) -> Kills:
    """Carry out one remediation, and kill its process up to so many times."""
    count = Kills()
    apply = ["apply", str(station.plan_of(vm)), "--yes", *station.rules(vm), *station.consent(vm)]
    resume = ["resume", "--all", "--yes", *station.rules(vm)]
    refusals = 0
    for _ in range(_TRIES):
        begun = _began(station, vm)
        started = station.start(vm.name, resume if begun else apply, station.env(vm))
        if count.all < kills and killed(started, rng, lambda: lines(station, vm)):
            count.all += 1
            count.in_the_middle += lines(station, vm) > 0 and not concluded(station, vm)
            continue
        code = started.end()
        if begun and "no run is unfinished" in started.told:
            return count
        refusals += not begun and not_begun(started.told)
        if refusals == REFUSALS:
            return count
        if code in (0, 5) or (code == 3 and concluded(station, vm)):
            return count
        time.sleep(rng.uniform(0, 0.3))
    return count


def finish(station: Station, vm: Vm) -> None:
    """Finish the unfinished run, without faults."""
    station.start(
        f"{vm.name}-last", ["resume", "--all", "--yes", *station.rules(vm)], station.env(vm)
    ).end()


def killed(started: Started, rng: Random, lines: Callable[[], int]) -> bool:
    """Kill a process at a random time or point of its record. False if it had ended before."""
    before, deadline = lines(), time.monotonic() + 20
    if rng.random() < 0.4:
        moment, wanted = time.monotonic() + rng.uniform(0.2, 2.5), 10**6
    else:
        moment, wanted = deadline, before + rng.randint(1, 6)
    while time.monotonic() < moment and lines() < wanted:
        if started.process.poll() is not None:
            return False
        time.sleep(0.004)
    time.sleep(rng.choice((0, 0, rng.uniform(0, 0.15))))
    if started.process.poll() is not None:
        return False
    started.process.kill()
    return started.end() < 0


def _record(station: Station, vm: Vm) -> list[bytes]:
    """The record lines of a VM. If several VMs share a state, the lines of all of them."""
    return [
        line
        for path in sorted((station.state(vm) / "runs").glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def lines(station: Station, vm: Vm) -> int:
    """The number of record lines."""
    return len(_record(station, vm))


def _began(station: Station, vm: Vm) -> bool:
    """Whether the state knows a run. From then on the run is resumed, never begun again."""
    file = station.state(vm) / "state.sqlite"
    if not file.exists():
        return False
    with closing(sqlite3.connect(file, timeout=30)) as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master")}
        if "workflow_status" not in tables:
            return False
        query = "select 1 from workflow_status where name = 'remediate'"
        return database.execute(query).fetchone() is not None


def concluded(station: Station, vm: Vm) -> bool:
    """Whether the run of a VM has ended, according to its record."""
    name = json.dumps(vm.name).encode()
    for path in (station.state(vm) / "runs").glob("*.jsonl"):
        rows = path.read_bytes().splitlines()
        if rows and b'"vm_name":' + name in rows[0].replace(b": ", b":"):
            try:
                return json.loads(rows[-1])["kind"] in ("concluded", "refused")
            except ValueError:
                return False  # a half-written line
    return False
