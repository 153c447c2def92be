"""Fixes side by side: one command, several VMs at a time."""

from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.estate import estate, playing, pointed
from benchmarks.figures import median, spread, table
from benchmarks.how import How
from benchmarks.process import Cost, run
from tests.command import command

_AT_A_TIME: Final = (1, 4, 16)
BACKUP: Final = 600.0
"""Simulated seconds that a backup takes."""
_SPEED: Final = 60.0
LOOK: Final = "2"
"""Seconds between two looks at a backup. The tool's own limit of 25 reads a second does not run
faster with the simulated time, so more looks would measure that limit."""


def speed(how: How) -> float:
    """Simulated seconds in a real one."""
    return _SPEED * how.size(1, 20)


def limits(vms: int) -> list[str]:
    """Options that let one command change all VMs."""
    return ["--apply", "--yes", "--max-targets", str(vms), "--max-percent", "100"]


def measure(how: How) -> str:
    """Measure the fixes of many VMs at each parallelism, in turn."""
    vms = how.size(40, 2)
    costs: dict[int, list[Cost]] = {number: [] for number in _AT_A_TIME[: how.size(3, 1)]}
    for _ in range(how.rounds):
        for number, done in costs.items():
            done.append(_once(how, vms, number))
    alone = median(cost.wall for cost in costs[1])
    rows = [
        [
            str(number),
            spread([cost.wall for cost in done]),
            f"{alone / median(cost.wall for cost in done):.1f}",
            f"{1000 * median(cost.cpu for cost in done) / vms:.0f}",
            f"{max(cost.peak for cost in done):.0f}",
        ]
        for number, done in costs.items()
    ]
    told = (
        f"`remediate scan --apply` fixes {vms} VMs. A new backup takes {BACKUP / speed(how):.1f} s "
        f"here, so backups dominate; the tool looks each {LOOK} s. "
        "Wanted: 16 at a time are at least 10 times faster than 1."
    )
    head = ["`--parallelism`", "seconds", "times faster than 1", "CPU ms a fix", "peak MiB"]
    return f"{told}\n\n{table(head, rows)}"


def _once(how: How, vms: int, number: int) -> Cost:
    with (
        playing(estate(1, vms), time="fast", speed=speed(how)) as azure,
        TemporaryDirectory() as state,
    ):
        env = pointed(azure, state) | {"REMEDIATE_POLL_INTERVAL": LOOK}
        return run(command("scan", *limits(vms), "--parallelism", str(number)), env)
