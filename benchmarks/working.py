"""Fixes by several workers that share one PostgreSQL."""

from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.estate import estate, playing, pointed
from benchmarks.figures import median, spread, table
from benchmarks.fixing import BACKUP, LOOK, limits, speed
from benchmarks.how import How
from benchmarks.part import NotMeasuredError
from benchmarks.process import Running, run
from tests.command import command
from tests.postgres import MISSING, Postgres, programs

_WORKERS: Final = (1, 2, 4)
_EACH: Final = 4
"""How many runs a worker works on at a time."""


def measure(how: How) -> str:
    """Measure the same queue with each number of workers, in turn."""
    if programs() is None:
        raise NotMeasuredError(MISSING)
    vms = how.size(40, 2)
    took: dict[int, list[float]] = {number: [] for number in _WORKERS[: how.size(3, 1)]}
    with Postgres() as server:
        for _ in range(how.rounds):
            for number, walls in took.items():
                walls.append(_once(how, vms, number, server))
    alone = median(took[1])
    rows = [
        [str(number), spread(walls), f"{alone / median(walls):.1f}"]
        for number, walls in took.items()
    ]
    told = (
        f"`remediate scan --apply --enqueue` hands over the plans of {vms} VMs. The time is that "
        f"of the workers, from their start to the end of the last; each works on {_EACH} runs at a "
        f"time. A new backup takes {BACKUP / speed(how):.1f} s here."
    )
    return f"{told}\n\n{table(['workers', 'seconds', 'times faster than 1'], rows)}"


def _once(how: How, vms: int, number: int, server: Postgres) -> float:
    with (
        playing(estate(1, vms), time="fast", speed=speed(how)) as azure,
        TemporaryDirectory() as records,
    ):
        state = {"REMEDIATE_STATE": server.database(), "REMEDIATE_POLL_INTERVAL": LOOK}
        env = pointed(azure, records) | state
        run(command("scan", *limits(vms), "--enqueue"), env)
        workers = [
            Running(
                command("worker", "--name", f"w{n}", "--until-empty", "--parallelism", str(_EACH)),
                env,
            )
            for n in range(number)
        ]
        took = max(worker.end().wall for worker in workers)
        done = [job for jobs in azure.state()["jobs"].values() for job in jobs]
        good = sum(job["status"] == "Completed" for job in done)
        if good != vms:
            raise RuntimeError(f"{good} of {vms} VMs were backed up")
        return took
