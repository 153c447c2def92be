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
from tests.command import SPEED, STEP, environment, remediate
from tests.cut_short import cloud, put_back_books, unanswered
from tests.evidence import locks, scenario, sent, until
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
        self.env = environment(azure, folder) | {"REMEDIATE_STATE": url}
        self.vms = [vm["name"] for vm in azure.state()["vms"]]

    def enqueue(self) -> list[str]:
        """Leave every VM's remedy to the workers. Return the ids of the runs."""
        return [self.queued(vm) for vm in self.vms]

    @contextmanager
    def worker(self, name: str, *options: str) -> Iterator[Started]:
        """A worker, which is killed at the end if it still runs."""
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

    def lose(self, name: str) -> None:
        """Start a worker, and kill it once it has begun to change something."""
        with self.worker(name) as worker:
            until(self.azure.writes, "the first write")
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    def queued(self, vm: str, *options: str) -> str:
        """Leave one VM's remedy to the workers. Return the id of the run."""
        job = self.azure.failed_jobs(vm)[-1]
        options = ("--yes", "--enqueue", "--format", "json", *options)
        run_id: str = remediate("--job-id", job, *options, env=self.env).check(0).json()["run_id"]
        return run_id

    def emptied(self, *options: str) -> None:
        """Let one worker do everything that is in the queue."""
        with self.worker("last", "--until-empty", *options) as worker:
            assert worker.wait(90) == 0, self.said("last")

    def story(self, run_id: str) -> dict[str, Any]:
        """Everything that `runs show` tells about a run."""
        return remediate("runs", "show", run_id, "--format", "json", env=self.env).check(0).json()

    def trail(self, run_id: str) -> list[dict[str, Any]]:
        """The lines of the audit trail about a run."""
        (path,) = self._folder.glob("**/audit.jsonl")
        lines = map(json.loads, path.read_bytes().splitlines())
        return [line for line in lines if line.get("run") == run_id]

    def said(self, name: str) -> str:
        """What a worker has printed on stderr so far."""
        return (self._folder / f"{name}.err").read_text("utf-8")

    def triggered(self) -> list[str]:
        """The VM of each trigger that was sent, sorted."""
        urls = [w["url"].split("?")[0] for w in self.azure.writes()]
        return sorted(u.rsplit(";", 1)[-1].split("/")[0] for u in urls if u.endswith("/backup"))

    def states(self) -> list[str]:
        """The state of each run."""
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
    fleet.lose("one")
    with fleet.worker("two", "--until-empty") as two:
        assert two.wait(90) == 0, fleet.said("two")
    assert "taken over from one" in fleet.said("two")
    assert fleet.triggered() == fleet.vms
    assert fleet.states() == ["ended"] * len(fleet.vms)


def test_a_worker_comes_back_under_its_own_name(fleet: Fleet) -> None:
    fleet.enqueue()
    fleet.lose("one")
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


def test_a_guard_whose_worker_died_is_finished_by_another(
    postgres: Postgres, tmp_path: Path
) -> None:
    mine = put_back_books(tmp_path)
    denied: dict[str, Any] = {"kind": "error", "status": 403, "code": "AuthorizationFailed"}
    with cloud("limit-reached", SPEED / 2) as azure:
        before = locks(azure)
        fleet = Fleet(azure, tmp_path, postgres.database())
        run_id = fleet.queued("web", *mine)
        # The run may neither back up nor put its lock back. Its worker is killed while the guard
        # tries to put the lock back.
        azure.fault(method="POST", path="/backup$", **denied)
        azure.fault(method="PUT", path="/locks/", **denied)
        azure.fault("error", status=503, after=1, times=None, method="PUT", path="/locks/")
        with fleet.worker("one", *mine) as one:
            until(lambda: len(sent(azure, "PUT", "/locks/keep")) > 1, "the guard is at work")
            one.send_signal(signal.SIGKILL)
            one.wait()
        azure.clear_faults()
        assert fleet.story(run_id)["state"] == "not put back"
        fleet.emptied(*mine)
        assert locks(azure) == before
        assert fleet.states() == ["ended"]


def test_a_worker_carries_out_only_what_its_key_signed(fleet: Fleet, tmp_path: Path) -> None:
    key, plan = tmp_path / "key", tmp_path / "plan.json"
    remediate("keys", "new", str(key), env=fleet.env).check(0)
    first, second, *_ = fleet.vms
    saved = ("plan", "--job-id", fleet.azure.failed_jobs(first)[-1], "--out", str(plan))
    remediate(*saved, "--sign", str(key), env=fleet.env).check(0)
    options = ("--yes", "--enqueue", "--format", "json")
    signed = remediate("apply", str(plan), *options, env=fleet.env).check(0).json()["run_id"]
    unsigned = fleet.queued(second)
    fleet.emptied("--verify", str(tmp_path / "key.pub"))
    assert fleet.triggered() == [first]
    assert fleet.story(signed)["report"]["verdict"]["ending"] == "recovered"
    assert {line["approval"]["signed_by"] for line in fleet.trail(signed)} != {None}
    assert "is not signed; nothing was changed" in fleet.story(unsigned)["error"]
    (line,) = fleet.trail(unsigned)
    assert (line["event"], line["text"]) == ("refused", fleet.story(unsigned)["error"])


def test_a_worker_keeps_to_the_limits_of_whoever_queued_the_plan(
    postgres: Postgres, tmp_path: Path
) -> None:
    vm = {
        "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
        "collection": {"points": {"count": 2, "newest": "1d ago"}},
        "on_demand_backup": "2h ago",
        "scheduled_backup": "1h ago",
    }
    path = scenario(tmp_path, vm, clock="2026-03-07T22:30:00Z")
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        fleet = Fleet(azure, tmp_path, postgres.database())
        plan = tmp_path / "plan.json"
        saved = ("plan", "--job-id", azure.failed_jobs("web")[-1], "--out", str(plan))
        remediate(*saved, "--allow", "downtime", env=fleet.env).check(0)
        allowed = ("--allow", "downtime")
        limits = ("--window", "Sat 22:00-04:00")
        options = (*allowed, *limits, "--yes", "--enqueue", "--format", "json")
        run_id = remediate("apply", str(plan), *options, env=fleet.env).check(0).json()["run_id"]
        azure.advance(12 * 3600)
        fleet.emptied()
        assert azure.writes() == []
        assert "outside the maintenance window" in fleet.story(run_id)["error"]


@pytest.mark.parametrize("looks", [True, False])
def test_a_worker_looks_for_permissions_as_whoever_queued_the_plan_said(
    looks: bool, postgres: Postgres, tmp_path: Path
) -> None:
    with SimulatorProcess("extension-stuck", time="fast", speed=SPEED / 2) as azure:
        fleet = Fleet(azure, tmp_path, postgres.database())
        run_id = fleet.queued("web", *(() if looks else ("--no-preflight",)))
        azure.clear_log()
        fleet.emptied()
        assert fleet.story(run_id)["report"]["verdict"]["ending"] == "recovered"
        assert (sent(azure, "GET", "/permissions") != []) == looks


def test_a_worker_that_cannot_write_ends_and_goes_on_when_it_is_started_again(
    postgres: Postgres, tmp_path: Path
) -> None:
    with cloud("extension-stuck", SPEED / 2) as azure:
        fleet = Fleet(azure, tmp_path, postgres.database())
        run_id = fleet.queued("web")
        azure.fault("slow", method="DELETE", path="/extensions/", seconds=2.0)
        with fleet.worker("one") as one:
            until(lambda: unanswered(azure), "the removal is sent")
            (trail,) = tmp_path.glob("**/audit.jsonl")
            aside = trail.rename(tmp_path / "aside")
            trail.symlink_to("/dev/full")
            assert one.wait(60) == 1
        assert "No space left on device" in fleet.said("one").splitlines()[-1]
        assert fleet.triggered() == []
        assert fleet.states() == ["unfinished"]
        aside.rename(trail)
        with fleet.worker("one", "--until-empty") as one:
            assert one.wait(90) == 0, fleet.said("one")
        assert fleet.story(run_id)["report"]["verdict"]["ending"] == "recovered"
        assert fleet.triggered() == ["web"]


def test_one_command_leaves_many_runs_to_the_workers(fleet: Fleet) -> None:
    options = ("--apply", "--yes", "--enqueue", "--allow", "guest", "--format", "json")
    found = remediate("scan", *options, env=fleet.env).json()["targets"]
    assert [each["standing"] for each in found] == ["queued"] * len(fleet.vms)
    fleet.emptied()
    assert fleet.triggered() == fleet.vms
