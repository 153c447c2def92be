"""What `remediate` leaves behind when it runs: requests, records, processes."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.processes import Started, start

PATIENCE = 30.0
"""A process may take so many real seconds to reach a state."""

DAY = {"vaults": [{"name": "vault-main"}]}
FULL = {"group": "AzureBackupRG_westeurope_1", "points": {"count": 18, "newest": "1d ago"}}


def scenario(folder: Path, *vms: dict[str, Any], **rest: Any) -> Path:
    """A scenario file with one vault. Each VM is called `web` unless it names itself."""
    path = folder / "scenario.yaml"
    named = [{"name": "web", "protection": {"vault": "vault-main"}} | vm for vm in vms]
    path.write_text(json.dumps(DAY | {"vms": named} | rest), encoding="utf-8")
    return path


def fix(
    azure: SimulatorProcess, folder: Path, *options: str, vm: str = "web", job: int = -1
) -> Ended:
    """Run `remediate --job-id … --yes`."""
    chosen = azure.failed_jobs(vm)[job]
    return remediate("--job-id", chosen, "--yes", *options, env=environment(azure, folder))


def sent(azure: SimulatorProcess, method: str, tail: str) -> list[dict[str, Any]]:
    """The requests of a method whose path ends in a pattern, oldest first."""
    return [
        r
        for r in azure.requests()
        if r["method"] == method and re.search(tail + "$", r["path"], re.IGNORECASE)
    ]


def triggered(azure: SimulatorProcess, vm: str = "web") -> list[dict[str, Any]]:
    """The jobs of a VM that a user triggered."""
    return [job for job in azure.state()["jobs"][vm] if job["user_triggered"]]


def locks(azure: SimulatorProcess) -> list[str]:
    """The names of the locks that are on."""
    rows = azure.state()["locks"]
    return sorted(row["id"].rsplit("/", 1)[-1] for row in rows if not row["deleted"])


def records(folder: Path) -> list[list[dict[str, Any]]]:
    """The record of every run, oldest first. A line that is not whole JSON is an error."""
    paths = sorted((folder / "runs").glob("*.jsonl"))
    # The lines of a record end in \n. Other line-ending characters may stand inside a text.
    return [[json.loads(line) for line in path.read_bytes().splitlines()] for path in paths]


def record(folder: Path) -> list[dict[str, Any]]:
    """The record of the only run."""
    (found,) = records(folder)
    return found


def results(folder: Path) -> list[str]:
    """The result of each step, ordered by step number."""
    ended = [e["outcome"] for e in record(folder) if e["kind"] == "outcome"]
    return [outcome["result"] for outcome in sorted(ended, key=lambda o: o["step"])]


def power(azure: SimulatorProcess) -> str:
    """The power state of the only VM, after everything that was begun has ended."""
    azure.advance(3600)
    (vm,) = azure.state()["vms"]
    return str(vm["power"])


def verbs(azure: SimulatorProcess) -> list[str]:
    """The writes in order, each as `METHOD last-part-of-path`."""
    return [f"{w['method']} {path_of(w['url']).rsplit('/', 1)[-1]}" for w in azure.writes()]


def unfinished(azure: SimulatorProcess, folder: Path) -> list[dict[str, Any]]:
    """The runs that `resume` would take up, as `runs list` shows them."""
    env = environment(azure, folder)
    found = remediate("runs", "list", "--unfinished", "--format", "json", env=env)
    if "no runs in" in found.err:
        return []
    stories: list[dict[str, Any]] = json.loads(found.check(0).out)
    return stories


def triggers(azure: SimulatorProcess) -> int:
    """How many requests for a backup were sent, by any sender."""
    return sum(1 for w in azure.writes() if w["url"].split("?")[0].endswith("/backup"))


def path_of(url: str) -> str:
    """The path of a URL as Azure reads it: decoded, without doubled slashes, in lower case."""
    return "/" + "/".join(part for part in unquote(urlsplit(url).path).lower().split("/") if part)


def until(reached: Callable[[], Any], what: str) -> Any:
    """Wait until a condition is true, and return its value."""
    deadline = time.monotonic() + PATIENCE
    while not (found := reached()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not reached: {what}")
        time.sleep(0.01)
    return found


class Running:
    """A running `remediate`. Its output goes to files, so that a kill loses nothing."""

    def __init__(self, process: Started, folder: Path) -> None:
        self.process = process
        self._folder = folder

    @property
    def err(self) -> str:
        """Its stderr so far."""
        return (self._folder / "err").read_text("utf-8")

    @property
    def out(self) -> str:
        """Its stdout so far."""
        return (self._folder / "out").read_text("utf-8")

    def end(self) -> Ended:
        """Wait until it ends."""
        return Ended(self.process.wait(PATIENCE), self.out, self.err)


@contextmanager
def running(azure: SimulatorProcess, folder: Path, *arguments: str) -> Iterator[Running]:
    """Start `remediate`, and make sure that it does not outlive the block."""
    with (
        Path(os.devnull).open("rb") as nothing,
        (folder / "out").open("wb") as out,
        (folder / "err").open("wb") as err,
    ):
        env = environment(azure, folder)
        process = start("remediator", list(arguments), (nothing, out, err), env, None)
    try:
        yield Running(process, folder)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
