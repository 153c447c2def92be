"""Many jobs, looked at by the script that an administrator would write with azure-cli."""

import os
import re
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.estate import estate, playing, pointed
from benchmarks.figures import median, spread, table
from benchmarks.how import LATENCY, How
from benchmarks.part import NotMeasuredError
from benchmarks.process import Cost, run
from remediator.simulator.process import SimulatorProcess
from tests.command import command
from tests.conformance import install

_SCRIPT: Final = Path(__file__).with_name("by_hand.sh")
_POINTS: Final = "AzureBackupRG_westeurope_1"


def measure(how: How) -> str:
    """Measure the script once, and the tool in each round.

    Each command has a cloud of its own: the one before would have used up its buckets.
    """
    az, jobs = _azure_cli(how), how.size(50, 2)
    with _cloud(jobs) as azure, TemporaryDirectory() as folder:
        by_hand = _script(az, azure, Path(folder))
    costs: dict[str, list[Cost]] = {
        f"`remediate --dry-run` with {jobs} `--job-id`": [
            _ours(jobs, _named) for _ in range(how.rounds)
        ],
        "`remediate scan`": [_ours(jobs, _scan) for _ in range(how.rounds)],
    }
    return _page(jobs, by_hand, costs)


def _cloud(jobs: int) -> AbstractContextManager[SimulatorProcess]:
    return playing(estate(1, jobs), latency=LATENCY, https=True)


def _ours(jobs: int, words: Callable[[SimulatorProcess], list[str]]) -> Cost:
    with _cloud(jobs) as azure, TemporaryDirectory() as folder:
        return run(command(*words(azure)), pointed(azure, Path(folder) / "state"))


def _named(azure: SimulatorProcess) -> list[str]:
    ids = [job for found in azure.state()["failed_jobs"].values() for job in found]
    return [*(word for job in ids for word in ("--job-id", job)), "--dry-run"]


def _scan(_azure: SimulatorProcess) -> list[str]:
    return ["scan"]


def _page(jobs: int, by_hand: Cost, costs: dict[str, list[Cost]]) -> str:
    rows = [["azure-cli, `xargs -P 8`", f"{by_hand.wall:.1f}", "1", f"{by_hand.cpu:.1f}", "1"]]
    for name, done in costs.items():
        walls, cpus = [cost.wall for cost in done], [cost.cpu for cost in done]
        rows.append(
            [
                name,
                spread(walls, 2),
                f"1/{by_hand.wall / median(walls):.0f}",
                spread(cpus, 2),
                f"1/{by_hand.cpu / median(cpus):.0f}",
            ]
        )
    told = (
        f"{jobs} failed jobs of one vault. Each answer takes {LATENCY:g} s. "
        "`benchmarks/by_hand.sh` asks azure-cli for the job, the VM's instance view, the locks and "
        "the protected items, and decides nothing. It ran once. `remediate` reads the same and "
        "makes the plans. Each command has a cloud of its own. The backup service tells how many "
        "requests remain; when few do, the tool waits. "
        "Wanted: 1/50 of the time and 1/100 of the CPU."
    )
    return f"{told}\n\n{table(['', 'seconds', 'ratio', 'CPU seconds', 'ratio'], rows)}"


def _azure_cli(how: How) -> Path:
    if how.az is not None:
        return how.az
    try:
        return install.azure_cli()
    except install.NotInstalledError as error:
        raise NotMeasuredError(str(error)) from error


def _script(az: Path, azure: SimulatorProcess, folder: Path) -> Cost:
    env = _environment(az, azure, folder)
    for line in (
        f"cloud register -n simulated --endpoint-resource-manager {azure.url}",
        "cloud set -n simulated",
        (
            f"login --service-principal -u {azure.client_id} -p {azure.client_secret} "
            f"--tenant {azure.tenant_id}"
        ),
    ):
        run([str(az), *line.split()], env)
    jobs = folder / "jobs"
    jobs.write_text("".join(_lines(azure)), encoding="utf-8")
    script = folder / "by_hand.sh"
    script.write_bytes(_SCRIPT.read_bytes())
    script.chmod(stat.S_IRWXU)
    with jobs.open("rb") as given:
        return run([str(script)], env, given=given)


def _lines(azure: SimulatorProcess) -> list[str]:
    found = azure.state()
    groups = {vm["name"]: vm["id"].split("/")[4] for vm in found["vms"]}
    lines = []
    for vm, jobs in found["failed_jobs"].items():
        for job in jobs:
            parts = job.split("/")
            words = (parts[4], parts[8], parts[-1], groups[vm], vm, _POINTS)
            lines.append(" ".join(words) + "\n")
    return lines


def _environment(az: Path, azure: SimulatorProcess, folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not re.match("(?i)AZURE_|.*_proxy", k)}
    return kept | {
        "PATH": f"{az.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "AZURE_CONFIG_DIR": str(folder / "az"),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_CORE_OUTPUT": "json",
        "NO_PROXY": "localhost,127.0.0.1",
        "REQUESTS_CA_BUNDLE": azure.ca_file or "",
    }
