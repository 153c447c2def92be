"""A round: its own simulator, bad weather, kills, then a finish without faults, and the judge."""

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from remediator.engine.history import History
from remediator.errors import StateError
from remediator.flow.stories import story_of
from remediator.record.state import state_at
from remediator.simulator.log import TRAFFIC
from remediator.simulator.process import SimulatorProcess
from tests.chaos import alone, shared, together
from tests.chaos.administrator import Administrator
from tests.chaos.calendar import Calendar
from tests.chaos.cloud import Vm, scenario, vms
from tests.chaos.judge import Case, Judgement, Round, Violation, judge
from tests.chaos.station import Station
from tests.chaos.weather import Weather
from tests.postgres import Postgres

_T = TypeVar("_T")

SPEED = 600.0
"""Seconds of Azure in one real second."""
_LATENCY = 0.01
_TRIES = 30
_RESUMABLE = ("unfinished", "not put back")


@dataclass(frozen=True)
class Wanted:
    """The settings of a round."""

    seed: str
    runs: int
    kills: int
    server: Postgres | None = None
    """If set, workers share a queue on it. Otherwise each run has its own process, on SQLite."""
    at_a_time: int = 8
    together: int = 1
    """Remediations per process. Only on SQLite."""
    workers: int = 2
    stops: int = 2
    """How often PostgreSQL is stopped."""
    come_back: bool = True
    """Whether a killed worker is started again."""
    faults_every: float = 0.6
    acts_every: float = 1.5
    """Real seconds between two acts of the other administrator."""
    leaps_every: float = 4.0
    """Real seconds between two leaps of Azure's clock."""
    days: bool = False
    """Whether one leap takes more than a day."""


@dataclass
class Played:
    """The result of a round."""

    judgement: Judgement
    kills: alone.Kills
    faults: int
    stops: int
    seconds: float
    hit: int = 0
    """Runs that were under way in a worker when it was killed."""
    folder: Path | None = None
    """The round's folder. It is kept only if a promise was broken or a plan is missing."""
    acts: Counter[str] = field(default_factory=Counter)
    """The acts of the other administrator."""
    hours: float = 0.0
    """The hours by which Azure's clock has leapt."""
    replaced: set[str] = field(default_factory=set)
    """VMs that the other administrator has deleted or created again."""
    unplanned: list[str] = field(default_factory=list)
    """VMs without a plan, because the weather was too bad."""


def play(wanted: Wanted) -> Played:
    """Play a round."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="remediate-chaos-"))
    machines = vms(wanted.runs)
    (folder / "scenario.yaml").write_text(json.dumps(scenario(machines)), "utf-8")
    with ExitStack() as stack:
        azure = _azure(folder)
        stack.callback(azure.stop)
        server = wanted.server
        station = Station(azure, folder / "tool", server.database() if server else None)
        before = azure.state()
        done = (_workers if server else _processes)(wanted, station, machines)
        stories = _stories(station, machines)
        after = _at_rest(azure)
        log = _log(folder)
        tracebacks = station.tracebacks()
        refused = frozenset(vm.name for vm in machines if station.refused(vm))
    cases = tuple(
        Case(vm.name, json.loads(station.plan_of(vm).read_text("utf-8")), vm.service_cleans)
        for vm in machines
        if vm.name not in done.unplanned
    )
    done.judgement = judge(
        Round(
            cases,
            log,
            before,
            after,
            stories,
            tuple(tracebacks),
            refused,
            frozenset(done.replaced),
        )
    )
    if not done.unplanned and len(cases) != wanted.runs:
        raise AssertionError("a VM without a plan was not noticed")
    done.seconds = time.monotonic() - began
    if done.judgement.violations or done.unplanned:
        done.folder = folder
        (folder / "state-before.json").write_text(json.dumps(before, indent=1), "utf-8")
        (folder / "state-after.json").write_text(json.dumps(after, indent=1), "utf-8")
    else:
        shutil.rmtree(folder)
    return done


def _azure(folder: Path) -> SimulatorProcess:
    """A simulator that writes its log to disk, because it keeps only a part of it in memory."""
    before = os.environ.get(TRAFFIC)
    os.environ[TRAFFIC] = str(folder / "traffic")
    try:
        return SimulatorProcess(
            folder / "scenario.yaml", time="fast", speed=SPEED, latency=_LATENCY
        ).start()
    finally:
        os.environ.pop(TRAFFIC)
        if before is not None:
            os.environ[TRAFFIC] = before


def _log(folder: Path) -> list[dict[str, Any]]:
    (path,) = (folder / "traffic").iterdir()
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return sorted(rows, key=lambda row: row["n"])


def _at_rest(azure: SimulatorProcess) -> dict[str, Any]:
    """The final state, after all jobs have ended and all requests are answered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = azure.state()
        running = any(
            job["status"] == "InProgress" for rows in state["jobs"].values() for job in rows
        )
        if not running and all(entry["answered"] for entry in azure.requests()[-200:]):
            break
        time.sleep(0.5)
    return azure.state()


def _planned(station: Station, vm: Vm) -> bool:
    for _ in range(_TRIES):
        if station.plan(vm) is not None:
            return True
        station.plan_of(vm).unlink(missing_ok=True)
        time.sleep(0.2)
    return False


def _share(wanted: Wanted, machines: tuple[Vm, ...]) -> Counter[str]:
    """How often to kill each VM's process. Some kills come too late, so it is too many."""
    rng = Random(f"{wanted.seed} kills")
    return Counter(rng.choice(machines).name for _ in range(wanted.kills * 8 // 5))


def _processes(wanted: Wanted, station: Station, machines: tuple[Vm, ...]) -> Played:
    played = Played(Judgement(), alone.Kills(), 0, 0, 0.0)
    share = _share(wanted, machines)

    def remedy(vm: Vm) -> None:
        if not _planned(station, vm):
            played.unplanned.append(vm.name)
            return
        rng = Random(f"{wanted.seed} {vm.name}")
        kills = alone.remedy(station, vm, rng, share[vm.name])
        played.kills.all += kills.all
        played.kills.in_the_middle += kills.in_the_middle

    def several(group: together.Group) -> None:
        unplanned = [vm.name for vm in group if not _planned(station, vm)]
        if unplanned:
            played.unplanned += unplanned
            return
        rng = Random(f"{wanted.seed} {group[0].name}")
        kills = together.remedy(station, group, rng, sum(share[vm.name] for vm in group))
        played.kills.all += kills.all
        played.kills.in_the_middle += kills.in_the_middle

    with _around(wanted, station, machines, played):
        if wanted.together > 1:
            _each(several, _homes(station, machines, wanted.together), 2)
        else:
            _each(remedy, machines, wanted.at_a_time)
    return played


def _homes(station: Station, machines: tuple[Vm, ...], size: int) -> list[together.Group]:
    """The groups of VMs. Each group shares a process and a state."""
    found = list(together.groups(machines, size))
    for group in found:
        station.homes.update((vm.name, group[0].name) for vm in group)
    return found


@contextmanager
def _around(
    wanted: Wanted, station: Station, machines: tuple[Vm, ...], played: Played
) -> Iterator[None]:
    """Bad weather, another administrator, and leaps of time, while the remediations run."""
    station.wrong = Random(f"{wanted.seed} clocks")
    azure, seed = station.azure, wanted.seed

    def planned(vm: Vm) -> bool:
        return station.plan_of(vm).exists()

    with (
        Weather(azure, seed, wanted.faults_every) as weather,
        Administrator(azure, machines, planned, seed, wanted.acts_every) as somebody,
        Calendar(azure, seed, wanted.leaps_every, days=wanted.days) as calendar,
    ):
        yield
    station.wrong = None
    played.faults, played.acts, played.hours = weather.faults, somebody.acts, calendar.hours
    played.replaced = somebody.replaced


def _each(do: Callable[[_T], None], what: Iterable[_T], at_a_time: int) -> None:
    with ThreadPoolExecutor(at_a_time) as pool:
        for each in [pool.submit(do, one) for one in what]:
            each.result()


def _workers(wanted: Wanted, station: Station, machines: tuple[Vm, ...]) -> Played:
    server = wanted.server
    assert server is not None
    rng = Random(f"{wanted.seed} workers")
    played = Played(Judgement(), alone.Kills(), 0, 0, 0.0)

    refused: list[str] = []

    def put(vm: Vm) -> None:
        if not _planned(station, vm):
            played.unplanned.append(vm.name)
        elif not shared.enqueue(station, vm):
            (refused if station.refused(vm) else played.unplanned).append(vm.name)

    workers = shared.Workers(station, server, wanted.workers, rng, come_back=wanted.come_back)
    with _around(wanted, station, machines, played):
        _each(put, machines, wanted.at_a_time)
        runs = wanted.runs - len(played.unplanned) - len(refused)
        stops = sorted(rng.random() for _ in range(wanted.stops))
        deadline = time.monotonic() + 60 + 10 * wanted.runs
        due = 0.0
        while (over := shared.ended(station)) < runs and time.monotonic() < deadline:
            workers.keep_up()
            if workers.kills.all < wanted.kills and time.monotonic() > due:
                workers.kill()
                due = time.monotonic() + rng.uniform(0, 1)
            if stops and over / runs >= stops[0]:
                stops.pop(0)
                workers.stop_database()
            time.sleep(0.1)
    workers.finish()
    played.kills, played.stops, played.hit = workers.kills, workers.stops, workers.hit
    return played


def _stories(station: Station, machines: tuple[Vm, ...]) -> list[dict[str, Any]]:
    """The stories of all runs, after a last resume of unfinished ones."""
    if station.shared:
        station.start("last", ["resume", "--all", "--yes"], station.env()).end()
        return station.stories()
    told: list[dict[str, Any]] = []
    for vm in {station.state(vm): vm for vm in machines}.values():
        stories = _told(station.state(vm))
        if not stories or any(story["state"] in _RESUMABLE for story in stories):
            alone.finish(station, vm)
            stories = _told(station.state(vm))
        told += stories
    return told


def _told(folder: Path) -> list[dict[str, Any]]:
    """The stories of `runs list --format json`, without a process per state: there are hundreds."""
    try:
        history = History(state_at(str(folder), folder))
    except StateError:
        return []  # no run was begun
    try:
        stories = [story_of(history, run) for run in history.runs()]
    finally:
        history.close()
    return [story.model_dump(mode="json") for story in stories]


def violations(played: list[Played]) -> list[Violation]:
    """All broken promises."""
    return [each for round_ in played for each in round_.judgement.violations]
