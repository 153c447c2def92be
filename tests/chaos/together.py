"""SQLite: one process for several remediations. It is killed at random moments, and resumed."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from random import Random

from tests.chaos.alone import REFUSALS, Kills, concluded, killed, lines
from tests.chaos.cloud import Vm
from tests.chaos.station import Started, Station

Group = tuple[Vm, ...]

_TRIES = 60
"""The most processes for one group: far more than kills and bad weather explain."""


def groups(machines: Iterable[Vm], size: int) -> Iterator[Group]:
    """Groups of so many VMs. All VMs of a group use the same playbooks."""
    ordered = sorted(machines, key=lambda vm: vm.kind.puts_back)
    for _, alike in groupby(ordered, key=lambda vm: vm.kind.puts_back):
        left = list(alike)
        while left:
            yield tuple(left[:size])
            del left[:size]


def remedy(station: Station, group: Group, rng: Random, kills: int) -> Kills:
    """Carry out the remediations of a group, and kill their process up to so many times."""
    count, refusals = Kills(), Counter[str]()
    first, ended = group[0], set[str]()
    for _ in range(_TRIES):
        begun = _begun(station, group)
        names = {vm.name for vm in begun}
        left = [vm for vm in group if vm.name not in names and refusals[vm.name] < REFUSALS]
        resumes = any(vm.name not in ended and not concluded(station, vm) for vm in begun)
        if not left and not resumes:
            return count
        arguments = _resume(station, group) if resumes else _apply(station, left)
        started = station.start(first.name, arguments, station.env(first))
        if count.all < kills and killed(started, rng, lambda: lines(station, first)):
            count.all += 1
            count.in_the_middle += lines(station, first) > 0
            continue
        started.end()
        if resumes and "no run is unfinished" in started.told:
            ended |= names  # their records have no last entry
        if not resumes:
            refusals.update(_refused(started))
            station.told_refused.update(n for n, times in refusals.items() if times >= REFUSALS)
        time.sleep(rng.uniform(0, 0.3))
    return count


def _apply(station: Station, left: Sequence[Vm]) -> list[str]:
    plans = [str(station.plan_of(vm)) for vm in left]
    consent = dict.fromkeys(word for vm in left for word in vm.kind.allow)
    allowed = [word for impact in consent for word in ("--allow", impact)]
    return ["apply", *plans, "--yes", "--format", "json", *allowed, *station.rules(left[0])]


def _resume(station: Station, group: Group) -> list[str]:
    return ["resume", "--all", "--yes", *station.rules(group[0])]


def _begun(station: Station, group: Group) -> list[Vm]:
    """The VMs of the plans for which the state knows a run."""
    file = station.state(group[0]) / "state.sqlite"
    if not file.exists():
        return []
    with closing(sqlite3.connect(file, timeout=30)) as database:
        tables = {name for (name,) in database.execute("select name from sqlite_master")}
        if "workflow_status" not in tables:
            return []
        query = "select inputs from workflow_status where name = 'remediate'"
        inputs = " ".join(str(row) for (row,) in database.execute(query))
    return [
        vm
        for vm in group
        if json.loads(station.plan_of(vm).read_text("utf-8"))["plan_id"] in inputs
    ]


def _refused(started: Started) -> Iterator[str]:
    """The VMs whose plans were refused because they did not fit any more."""
    try:
        told = json.loads(started.out.read_text("utf-8"))
    except ValueError:
        return
    for target in told.get("targets", ()):
        if target["standing"] == "refused":
            yield target["vm"]
