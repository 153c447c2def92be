"""Run the simulator in the foreground until it is told to stop."""

import argparse
import asyncio
import json
import re
import shlex
import signal
import sys
from pathlib import Path

from remediator.simulator.scenario.load import ScenarioError, names
from remediator.simulator.server import Ready, Simulator

_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m remediator.simulator",
        description="A stateful look-alike of Azure Resource Manager on loopback.",
        epilog=f"Scenarios: {', '.join(names())}",
    )
    parser.add_argument("--scenario", default="demo", metavar="NAME_OR_PATH")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--https", action="store_true")
    parser.add_argument("--time", choices=("real", "fast", "stepped"), default="real")
    parser.add_argument("--speed", type=float, default=600.0, help="for --time fast")
    parser.add_argument(
        "--step",
        type=float,
        default=0.0,
        help="for --time stepped: seconds that each request takes",
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument(
        "--throttling",
        action="store_true",
        help="refuse requests when ARM's documented buckets are empty",
    )
    parser.add_argument(
        "--brief-log",
        action="store_true",
        help="log no headers and no bodies, so that many requests fit into memory",
    )
    parser.add_argument("--ready-file", type=Path, metavar="PATH")
    parser.add_argument("--ca-file", type=Path, metavar="PATH")
    return parser.parse_args(argv)


def _write_ready(path: Path, ready: Ready) -> None:
    """Write the file in one go, so that nobody reads half of it.

    Only its owner can read it, because it holds a token.
    """
    temporary = path.with_name(path.name + ".tmp")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(ready.as_json(), indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def _environment(ready: Ready, simulator: Simulator) -> str:
    """Return the variables to paste into a shell, and the failed jobs to try them on."""
    variables = {
        "AZURE_ACCESS_TOKEN": ready.token,
        "REMEDIATE_ARM_ENDPOINT": ready.url,
        "REMEDIATE_AUTH": "token",
    }
    if ready.ca_file:
        variables["REQUESTS_CA_BUNDLE"] = ready.ca_file
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    failed = [job for job in simulator.world.jobs if job.status == "Failed"]
    if failed:
        lines.append("# Failed jobs, to try: remediate --job-id ID --dry-run")
    # A scenario's texts may contain anything. Only ids and plain characters of names are printed.
    lines += [f"#   {_PLAIN.sub('?', job.machine)}: {job.arm_id}" for job in failed]
    return "\n".join(lines) + "\n"


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = Simulator(
        options.scenario,
        time=options.time,
        speed=options.speed,
        step=options.step,
        latency=options.latency,
        throttling=options.throttling,
        brief_log=options.brief_log,
        port=options.port,
        https=options.https,
        ca_file=options.ca_file,
    )
    ready = await simulator.start()
    sys.stdout.write(_environment(ready, simulator))
    sys.stdout.flush()
    if options.ready_file:
        _write_ready(options.ready_file, ready)
    await stop.wait()
    await simulator.stop()


def main(argv: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; return the exit code."""
    options = _arguments(argv)
    try:
        asyncio.run(_run(options))
    except (ScenarioError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
