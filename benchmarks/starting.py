"""How long the tool takes to start, beside what it could not avoid."""

import os
import sys
from typing import Final

from benchmarks.figures import median, spread, table
from benchmarks.how import How
from benchmarks.process import run
from tests.command import command

_PYTHON: Final = "`python -c pass`"
_SCREEN: Final = "`import typer, rich`"
_LEAN: Final = "the Azure SDK's pipeline, aiohttp and azure-identity"

_ROWS: Final = {
    _PYTHON: [sys.executable, "-c", "pass"],
    _SCREEN: [sys.executable, "-c", "import typer, rich.console, rich.table"],
    _LEAN: [
        sys.executable,
        "-c",
        (
            "import typer, aiohttp, azure.identity.aio, azure.mgmt.core; "
            "from azure.core.pipeline.transport import AioHttpTransport"
        ),
    ],
    "three management clients of the SDK besides": [
        sys.executable,
        "-c",
        (
            "import typer, aiohttp, azure.identity.aio, azure.mgmt.compute.aio, "
            "azure.mgmt.recoveryservicesbackup.aio, azure.mgmt.resource.locks.aio"
        ),
    ],
    "`remediate --help`": command("--help"),
    "`remediate --version`": command("--version"),
    "`remediate scan --help`": command("scan", "--help"),
    "`remediate explain CODE`": command("explain", "UserErrorRpCollectionLimitReached"),
}


def measure(how: How) -> str:
    """Measure the rows in turn. The first round only warms the caches."""
    took: dict[str, list[float]] = {name: [] for name in _ROWS}
    peaks: dict[str, float] = {}
    for number in range(how.rounds + 1):
        for name, arguments in _ROWS.items():
            cost = run(arguments, dict(os.environ))
            peaks[name] = cost.peak
            if number:
                took[name].append(cost.wall * 1000)
    floor, screen = median(took[_PYTHON]), median(took[_SCREEN])
    rows = [
        [
            name,
            spread(values, 0),
            f"{median(values) / floor:.1f}",
            f"{median(values) / screen:.2f}",
            f"{peaks[name]:.0f}",
        ]
        for name, values in took.items()
    ]
    return table(["process", "ms", "× Python", "× typer and rich", "peak MiB"], rows)
