"""PostgreSQL: workers on one queue. They are killed at random, and restarted or replaced."""

import time
from random import Random

import psycopg

from tests.chaos.alone import Kills
from tests.chaos.cloud import Vm
from tests.chaos.station import Started, Station
from tests.postgres import Postgres

_AT_A_TIME = "4"
_PATIENCE = 600.0
_TRIES = 8


def enqueue(station: Station, vm: Vm) -> bool:
    """Put an approved plan into the queue. False if all tries failed."""
    arguments = ["apply", str(station.plan_of(vm)), "--yes", "--enqueue"]
    arguments += [*station.rules(vm), *station.consent(vm)]
    return any(
        station.start(f"{vm.name}-enqueue", arguments, station.env()).end() == 0
        for _ in range(_TRIES)
    )


class Workers:
    """Workers with stable names."""

    def __init__(
        self, station: Station, server: Postgres, count: int, rng: Random, *, come_back: bool
    ) -> None:
        self._station = station
        self._come_back = come_back
        self._server = server
        self._rng = rng
        self._running: dict[str, Started | None] = {f"worker-{n + 1}": None for n in range(count)}
        self._back: dict[str, float] = {}
        self.kills = Kills()
        self.stops = 0
        self.hit = 0
        """Runs that were under way in killed workers."""

    def _start(self, name: str, *options: str) -> None:
        arguments = ["worker", "--name", name, "--parallelism", _AT_A_TIME, *options]
        arguments += ["--playbooks", str(self._station.books)]
        self._running[name] = self._station.start(name, arguments, self._station.env())

    def keep_up(self) -> None:
        """Start the workers that are down and due."""
        for name, started in self._running.items():
            down = started is None or started.process.poll() is not None
            if down and time.monotonic() >= self._back.get(name, 0):
                self._start(name)

    def kill(self) -> None:
        """Kill a busy worker. It comes back soon, or so late that another takes over its runs."""
        busy = working(self._station)
        names = [n for n, s in self._running.items() if s and s.process.poll() is None]
        names = [name for name in names if name in busy]
        if not names:
            return
        name = self._rng.choice(names)
        time.sleep(self._rng.uniform(0, 1))
        started = self._running[name]
        if started is None or started.process.poll() is not None:
            return
        started.process.kill()
        started.end()
        self.kills.all += 1
        self.kills.in_the_middle += 1
        self.hit += busy[name]
        if not self._come_back:
            del self._running[name]
            return
        late = self._rng.random() < 0.1
        self._back[name] = time.monotonic() + self._rng.uniform(*((15, 20) if late else (0, 0.5)))

    def stop_database(self) -> None:
        """Stop PostgreSQL for some seconds, in order or at once."""
        self._server.stop(at_once=self._rng.random() < 0.5)
        time.sleep(self._rng.uniform(0.5, 3))
        self._server.start()
        self.stops += 1

    def finish(self) -> None:
        """Work without faults and kills until the queue is empty."""
        self.end()
        for name in self._running:
            self._start(name, "--until-empty")
        deadline = time.monotonic() + _PATIENCE
        for started in self._running.values():
            while started and started.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
        self.end()

    def end(self) -> None:
        """Kill the workers that still run."""
        for started in self._running.values():
            if started and started.process.poll() is None:
                started.process.kill()
                started.end()


def _ask(station: Station, query: str) -> list[tuple[str, int]]:
    """Query the database. While it is down, the result is empty."""
    try:
        with psycopg.connect(str(station.shared), connect_timeout=2) as database:
            return database.execute(query).fetchall()
    except psycopg.Error:
        return []


def working(station: Station) -> dict[str, int]:
    """The number of runs that each worker has begun and not ended."""
    query = (
        "select executor_id, count(*) from dbos.workflow_status "
        "where name = 'remediate' and status = 'PENDING' group by 1"
    )
    return dict(_ask(station, query))


def ended(station: Station) -> int:
    """The number of runs that have ended."""
    query = "select status, count(*) from dbos.workflow_status where name = 'remediate' group by 1"
    return sum(n for status, n in _ask(station, query) if status not in ("PENDING", "ENQUEUED"))
