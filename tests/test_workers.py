"""Several workers on one PostgreSQL: one dies, the others go on, and nothing is done twice."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, environment, remediate
from tests.evidence import until
from tests.postgres import Postgres
from tests.processes import Started, start

STUCK: dict[str, Any] = {
    "vaults": [{"name": "vault-main"}],
    "vms": [
        {
            "name": "web",
            "copies": 4,
            "protection": {"vault": "vault-main"},
            "extensions": [{"name": "VMSnapshot", "state": "failed"}],
            "collection": {"points": {"count": 2, "newest": "1d ago"}},
            "scheduled_backup": "3h ago",
        }
    ],
}


class Fleet:
    """A cloud with several ill VMs, a shared state, and workers."""

    def __init__(self, azure: SimulatorProcess, folder: Path, url: str) -> None:
        self.azure = azure
        self._folder = folder
        self.env = environment(azure, folder) | {
            "REMEDIATE_STATE": url,
            "XDG_STATE_HOME": str(folder),
        }
        self.vms = [vm["name"] for vm in azure.state()["vms"]]

    def enqueue(self) -> list[str]:
        """Leave every VM's remedy to the workers; the runs' ids."""
        found = []
        for vm in self.vms:
            job = self.azure.failed_jobs(vm)[-1]
            options = ("--yes", "--enqueue", "--format", "json")
            ended = remediate("--job-id", job, *options, env=self.env).check(0)
            found.append(ended.json()["run_id"])
        return found

    @contextmanager
    def worker(self, name: str, *options: str) -> Iterator[Started]:
        """A worker, gone in the end."""
        arguments = ["worker", "--name", name, "--parallelism", "2", *options]
        with (
            Path(os.devnull).open("r+b") as nothing,
            (self._folder / f"{name}.err").open("ab") as err,
        ):
            process = start("remediator", arguments, (nothing, nothing, err), self.env, None)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def said(self, name: str) -> str:
        """What a worker has said so far."""
        return (self._folder / f"{name}.err").read_text("utf-8")

    def triggered(self) -> list[str]:
        """The VM of each trigger that was sent, sorted."""
        urls = [w["url"].split("?")[0] for w in self.azure.writes()]
        return sorted(u.rsplit(";", 1)[-1].split("/")[0] for u in urls if u.endswith("/backup"))

    def states(self) -> list[str]:
        """Where each run is."""
        ended = remediate("runs", "list", "--format", "json", env=self.env).check(0)
        return [run["state"] for run in json.loads(ended.out)]


@pytest.fixture
def fleet(tmp_path: Path, postgres: Postgres) -> Iterator[Fleet]:
    path = tmp_path / "scenario.yaml"
    path.write_text(json.dumps(STUCK), "utf-8")
    with SimulatorProcess(path, time="fast", speed=SPEED / 2) as azure:
        yield Fleet(azure, tmp_path, postgres.database())


def test_the_living_take_over_from_a_worker_that_died(fleet: Fleet) -> None:
    fleet.enqueue()
    with fleet.worker("one") as one:
        until(fleet.azure.writes, "the first write")
        one.send_signal(signal.SIGKILL)
        one.wait()
    with fleet.worker("two", "--until-empty") as two:
        assert two.wait(90) == 0, fleet.said("two")
    assert "taken over from one" in fleet.said("two")
    assert fleet.triggered() == fleet.vms
    assert fleet.states() == ["ended"] * len(fleet.vms)


def test_a_worker_comes_back_under_its_own_name(fleet: Fleet) -> None:
    fleet.enqueue()
    with fleet.worker("one") as one:
        until(fleet.azure.writes, "the first write")
        one.send_signal(signal.SIGKILL)
        one.wait()
    with fleet.worker("one", "--until-empty") as one:
        assert one.wait(90) == 0, fleet.said("one")
    assert fleet.triggered() == fleet.vms
    assert fleet.states() == ["ended"] * len(fleet.vms)


def test_a_second_worker_of_one_name_is_refused(fleet: Fleet) -> None:
    with fleet.worker("one"):
        until(lambda: "serves" in fleet.said("one"), "the worker serves")
        ended = remediate("worker", "--name", "one", "--until-empty", env=fleet.env)
        assert "a worker named one is at work" in ended.check(1).err


def test_a_queue_needs_a_shared_state(tmp_path: Path) -> None:
    with SimulatorProcess("extension-stuck") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        ended = remediate("--job-id", job, "--yes", "--enqueue", env=env).check(64)
        assert "postgresql://" in ended.err
        assert azure.writes() == []
