"""The dry run of one job: requests and round trips."""

from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.estate import CODE, pointed
from benchmarks.figures import spread, table
from benchmarks.how import LATENCY, How
from benchmarks.process import run
from benchmarks.traffic import Watch
from remediator.simulator.process import SimulatorProcess
from tests.command import command
from tests.round_trips import round_trips

_JOBS: Final = [("agent-unavailable", CODE), ("limit-reached", "UserErrorRpCollectionLimitReached")]
"""A scenario of the simulator, and its code."""


def measure(how: How) -> str:
    """Measure the dry run of a job of each scenario, by its full id."""
    rows = [_row(how, scenario, code) for scenario, code in _JOBS]
    head = ["code", "requests", "round trips", "seconds", "CPU seconds", "peak MiB"]
    return f"Each answer of the simulator takes {LATENCY:g} s.\n\n" + table(head, rows)


def _row(how: How, scenario: str, code: str) -> list[str]:
    with (
        SimulatorProcess(scenario, time="stepped", latency=LATENCY) as azure,
        TemporaryDirectory() as state,
    ):
        [job, *_] = [job for jobs in azure.state()["failed_jobs"].values() for job in jobs]
        costs, requests = [], []
        for _ in range(how.rounds):
            watch = Watch(azure)
            costs.append(run(command("--job-id", job, "--dry-run"), pointed(azure, state)))
            requests = watch.requests()
    return [
        f"`{code}`",
        str(len(requests)),
        str(round_trips(requests)),
        spread([cost.wall for cost in costs], 2),
        spread([cost.cpu for cost in costs], 2),
        f"{max(cost.peak for cost in costs):.0f}",
    ]
