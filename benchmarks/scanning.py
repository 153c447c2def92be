"""A scan of many failed jobs: its time beside what Azure's limits demand, and its cost a job."""

from dataclasses import dataclass
from tempfile import TemporaryDirectory

from benchmarks.estate import estate, playing, pointed
from benchmarks.figures import median, reached, spread, table
from benchmarks.how import LATENCY, How
from benchmarks.process import Cost, run
from benchmarks.traffic import Traffic, Watch
from tests.command import command


@dataclass(frozen=True, slots=True)
class _Size:
    subscriptions: int
    each: int

    @property
    def jobs(self) -> int:
        return self.subscriptions * self.each

    def __str__(self) -> str:
        return f"{self.jobs:,} jobs, {self.subscriptions} subscriptions"


@dataclass(frozen=True, slots=True)
class _Run:
    jobs: int
    cost: Cost
    traffic: Traffic


def small(how: How) -> str:
    """Measure 1,000 failed jobs of 10 subscriptions."""
    size = _Size(how.size(10, 2), how.size(100, 2))
    return _page({size: _runs(how, size)})


def large(how: How) -> str:
    """Measure 10,000 failed jobs of 50 subscriptions, and a tenth of them in the same rounds."""
    size = _Size(how.size(50, 4), how.size(200, 2))
    tenth = _Size(size.subscriptions, max(size.each // 10, 1))
    runs: dict[_Size, list[_Run]] = {tenth: [], size: []}
    for _ in range(how.rounds):
        for each, done in runs.items():
            done.append(_once(each))
    return _page(runs) + "\n\n" + _growth(runs[tenth], runs[size])


def _runs(how: How, size: _Size) -> list[_Run]:
    return [_once(size) for _ in range(how.rounds)]


def _once(size: _Size) -> _Run:
    """Scan a new cloud, whose buckets are full."""
    scenario = estate(size.subscriptions, size.each)
    with (
        playing(scenario, latency=LATENCY, throttling=True) as azure,
        TemporaryDirectory() as state,
    ):
        watch = Watch(azure)
        cost = run(command("scan"), pointed(azure, state))
        if f"{size.jobs} will be fixed" not in cost.out:
            raise RuntimeError(f"the scan did not plan all jobs: {cost.out[:1000]}")
        return _Run(size.jobs, cost, watch.seen())


def _page(runs: dict[_Size, list[_Run]]) -> str:
    rows = [
        ["seconds", *(spread([run.cost.wall for run in done]) for done in runs.values())],
        [
            "seconds that the buckets demand for these calls",
            *(spread([run.traffic.ideal for run in done]) for done in runs.values()),
        ],
        ["calls a job", *(spread(_calls(done), 2) for done in runs.values())],
        [
            "answers with 429, of all calls",
            *(f"{sum(r.traffic.refused for r in done)}" for done in runs.values()),
        ],
        ["CPU ms a job", *(spread(_cpu(done), 2) for done in runs.values())],
        ["peak MiB", *(spread([run.cost.peak for run in done]) for done in runs.values())],
        [
            "the simulator's own CPU ms a call",
            *(spread([run.traffic.cost for run in done], 2) for done in runs.values()),
        ],
    ]
    told = (
        f"Each answer takes {LATENCY:g} s, and the simulator refuses with 429 when a "
        "subscription's bucket is empty (250 reads, 25 more a second)."
    )
    return f"{told}\n\n{table(['', *map(str, runs)], rows)}\n\n{_wanted(list(runs.values())[-1])}"


def _calls(done: list[_Run]) -> list[float]:
    return [run.traffic.calls / run.jobs for run in done]


def _cpu(done: list[_Run]) -> list[float]:
    return [1000 * run.cost.cpu / run.jobs for run in done]


def _wanted(done: list[_Run]) -> str:
    wall = median(run.cost.wall for run in done)
    allowed = max(60.0, 1.05 * median(run.traffic.ideal for run in done))
    refused = 100 * sum(run.traffic.refused for run in done)
    share = refused / sum(run.traffic.calls for run in done)
    return "\n".join(
        [
            "Wanted:",
            "",
            f"- time {reached(wall, round(allowed, 1), ' s')}",
            f"- calls a job {reached(median(_calls(done)), 2.2)}",
            f"- CPU a job {reached(median(_cpu(done)), 5, ' ms')}",
            f"- answers with 429 {reached(share, 0.5, ' %')}",
            f"- peak {reached(max(run.cost.peak for run in done), 150, ' MiB')}",
        ]
    )


def _growth(few: list[_Run], many: list[_Run]) -> str:
    cpu = median(_cpu(many)) / median(_cpu(few))
    memory = median(r.cost.peak for r in many) - median(r.cost.peak for r in few)
    kib = 1024 * memory / (many[0].jobs - few[0].jobs)
    return (
        f"From {few[0].jobs:,} to {many[0].jobs:,} jobs, the CPU a job grows {cpu:.2f} times. "
        f"Each more job adds {kib:.1f} KiB of memory."
    )
