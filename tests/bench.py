"""`make bench`: start-up time and requests as ratios to baselines of the same run.

Absolute times differ from machine to machine and from minute to minute, so only the ratios count.
Each row is the median of interleaved rounds. It measures whole processes, in wall time.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from remediator.simulator.process import SimulatorProcess
from tests.command import command, environment

ROUNDS = 7

BASELINES = {
    "python -c pass": ["-c", "pass"],
    "import typer, rich": ["-c", "import typer, rich.console, rich.table"],
    "import async SDK pipeline, aiohttp, identity": [
        "-c",
        (
            "import typer, aiohttp, azure.identity.aio, azure.mgmt.core; "
            "from azure.core.pipeline.transport import AioHttpTransport"
        ),
    ],
    "import three management clients besides": [
        "-c",
        (
            "import typer, aiohttp, azure.identity.aio, azure.mgmt.compute.aio, "
            "azure.mgmt.recoveryservicesbackup.aio, azure.mgmt.resource.locks.aio"
        ),
    ],
}


def timed(arguments: list[str], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(arguments, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> None:
    with (
        SimulatorProcess("limit-reached", time="stepped") as azure,
        tempfile.TemporaryDirectory() as state,
    ):
        env = environment(azure, Path(state))
        job = azure.failed_jobs("web")[-1]
        rows = {name: [sys.executable, *rest] for name, rest in BASELINES.items()}
        rows["remediate --help"] = command("--help")
        rows["remediate --version"] = command("--version")
        rows["remediate --job-id … --dry-run"] = command("--job-id", job, "--dry-run")
        took: dict[str, list[float]] = {name: [] for name in rows}
        for number in range(ROUNDS + 1):
            for name, arguments in rows.items():
                seconds = timed(arguments, os.environ | env)
                if number:  # the first round only warms the caches
                    took[name].append(seconds)
        azure.clear_log()
        timed(rows["remediate --job-id … --dry-run"], os.environ | env)
        requests = len(azure.requests())

    medians = {name: statistics.median(values) for name, values in took.items()}
    floor = medians["python -c pass"]
    screen = medians["import typer, rich"]
    lean = medians["import async SDK pipeline, aiohttp, identity"]
    print("| command | median ms | × python | × typer + rich | × lean async SDK |")
    print("|---|---:|---:|---:|---:|")
    for name, median in medians.items():
        print(
            f"| {name} | {median * 1000:.0f} | {median / floor:.1f} | {median / screen:.2f} "
            f"| {median / lean:.2f} |"
        )
    print(f"\nA dry run of one job, full id: {requests} requests, plan included.")


if __name__ == "__main__":
    main()
