"""Several VMs at a time: each has its own run, all share the limits, and all stop together."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from remediator.flow.overlap import overlap
from remediator.plan.plan import Plan, read_plan
from remediator.simulator.process import SimulatorProcess
from tests.ailing import STUCK
from tests.command import SPEED, environment, remediate
from tests.cut_short import cloud, put_back_books
from tests.evidence import FULL, Running, locks, running, scenario, sent, triggered, until
from tests.postgres import Postgres

VMS: Final = ("a", "b", "c", "d")


def group(vm: str) -> str:
    return f"AzureBackupRG_westeurope_{1 + VMS.index(vm)}"


def locked(vm: str, where: str) -> dict[str, Any]:
    """A VM whose restore points are under a lock on this group."""
    points = {"points": FULL["points"], "group": where}
    return {"name": vm, "collection": points, "scheduled_backup": "3h ago"}


def each_locked(folder: Path, **others: Any) -> Path:
    """Four VMs, each behind a lock of its own."""
    return scenario(
        folder,
        *(locked(vm, group(vm)) for vm in VMS),
        locks=[{"name": f"keep-{vm}", "scope": f"group:{group(vm)}"} for vm in VMS],
        **others,
    )


def jobs(azure: SimulatorProcess, *vms: str) -> list[str]:
    return [word for vm in vms or VMS for word in ("--job-id", azure.failed_jobs(vm)[-1])]


def under_way(azure: SimulatorProcess) -> int:
    """The largest number of triggered backups that were running at the same moment."""
    spans: list[tuple[str, str | None]] = [
        (job["started"], job["ended"])
        for rows in azure.state()["jobs"].values()
        for job in rows
        if job["user_triggered"]
    ]
    return max(sum(a <= start < (b or "9") for a, b in spans) for start, _ in spans)


@contextmanager
def fixing(azure: SimulatorProcess, folder: Path, *options: str) -> Iterator[Running]:
    with running(azure, folder, *jobs(azure), "--yes", "--format", "json", *options) as tool:
        yield tool


def test_four_are_fixed_at_a_time(tmp_path: Path) -> None:
    path = scenario(tmp_path, *(STUCK | {"name": vm} for vm in VMS))
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        with fixing(azure, tmp_path) as tool:
            ended = tool.end().check(0)
        assert [len(triggered(azure, vm)) for vm in VMS] == [1, 1, 1, 1]
        assert under_way(azure) > 1
        runs = {target["run_id"] for target in ended.json()["targets"]}
    assert len(runs) == len(VMS)
    assert len(list((tmp_path / "runs").iterdir())) == len(VMS)


def test_one_at_a_time_where_that_is_wanted(tmp_path: Path) -> None:
    path = scenario(tmp_path, *(STUCK | {"name": vm} for vm in VMS))
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        with fixing(azure, tmp_path, "--parallelism", "1") as tool:
            tool.end().check(0)
        assert under_way(azure) == 1


def test_where_no_error_is_allowed_none_is_begun_before_the_last_one_is_known(
    tmp_path: Path,
) -> None:
    path = scenario(tmp_path, *(STUCK | {"name": vm} for vm in VMS))
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        with fixing(azure, tmp_path, "--max-errors", "0") as tool:
            tool.end().check(0)
        assert under_way(azure) == 1


def test_vms_behind_one_lock_wait_for_each_other(tmp_path: Path) -> None:
    where = "AzureBackupRG_westeurope_1"
    path = scenario(
        tmp_path,
        *(locked(vm, where) for vm in ("a", "b")),
        locks=[{"name": "keep", "scope": f"group:{where}"}],
    )
    books = put_back_books(tmp_path)
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        remediate(*jobs(azure, "a", "b"), "--yes", *books, env=environment(azure, tmp_path)).check(
            0
        )
        changes = [write["method"] for write in azure.writes()]
        assert changes == ["DELETE", "POST", "PUT", "DELETE", "POST", "PUT"]
        assert locks(azure) == ["keep"]


def on_group(plan: Plan, name: str) -> Plan:
    """The same plan, but its lock is on this resource group."""
    scope = f"/subscriptions/{plan.job.vault.subscription}/resourceGroups/{name}"
    target = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    is_lock = "/locks/"
    steps = tuple(
        step.model_copy(update={"target": target}) if is_lock in step.target else step
        for step in plan.changes
    )
    return plan.model_copy(update={"steps": steps})


def test_plans_overlap_where_one_unlocks_what_the_other_changes(tmp_path: Path) -> None:
    path = scenario(
        tmp_path,
        locked("a", "AzureBackupRG_westeurope_1"),
        STUCK | {"name": "b"},
        locks=[{"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}],
    )
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        env = environment(azure, tmp_path)
        plans = {}
        for vm in ("a", "b"):
            file = tmp_path / f"{vm}.json"
            remediate("plan", *jobs(azure, vm), "--out", str(file), env=env).check(0)
            plans[vm] = read_plan(file)
    unlocking, other = plans["a"], plans["b"]
    assert not overlap(unlocking, other)
    for one in (on_group(unlocking, "RG-APP"), on_group(unlocking, "rg-backup")):
        assert overlap(one, other)
        assert overlap(other, one)
    assert not overlap(on_group(unlocking, "rg-ap"), other)


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "sqlite":
        return []
    server: Postgres = request.getfixturevalue("postgres")
    return ["--state", server.database()]


def killed(azure: SimulatorProcess, folder: Path, *options: str) -> None:
    """Kill a run of four while all of their backups are under way."""
    with fixing(azure, folder, *options) as tool:
        until(lambda: all(triggered(azure, vm) for vm in VMS), "four backups are triggered")
        tool.process.send_signal(signal.SIGKILL)
        tool.process.wait()


def stories(env: dict[str, str], *options: str) -> list[dict[str, Any]]:
    ended = remediate("runs", "list", "--format", "json", *options, env=env).check(0)
    found: list[dict[str, Any]] = json.loads(ended.out)
    return found


def test_killed_and_resumed_nothing_is_done_twice_and_every_lock_is_back(
    tmp_path: Path, state: list[str]
) -> None:
    books = put_back_books(tmp_path)
    with cloud(each_locked(tmp_path), speed=60) as azure:
        killed(azure, tmp_path, *books, *state)
        env = environment(azure, tmp_path)
        begun = {
            story["plan"]["job"]["vm_name"]: story["run_id"]
            for story in stories(env, "--unfinished", *state)
        }
        assert set(begun) == set(VMS)
        azure.advance(7200)
        remediate("resume", begun["b"], "--yes", *books, *state, env=env).check(0)
        left = {story["run_id"] for story in stories(env, "--unfinished", *state)}
        assert left == set(begun.values()) - {begun["b"]}
        remediate("resume", "--all", "--yes", *books, *state, env=env).check(0)
        assert [len(triggered(azure, vm)) for vm in VMS] == [1, 1, 1, 1]
        assert len(sent(azure, "DELETE", "/locks/[^/]+")) == len(VMS)
        assert locks(azure) == [f"keep-{vm}" for vm in VMS]
        told = stories(env, *state)
        assert {story["state"] for story in told} == {"ended"}
        endings = [story["report"]["verdict"]["ending"] for story in told]
        assert endings == ["recovered"] * len(VMS)


def test_ctrl_c_stops_all_of_them_and_every_lock_is_put_back(tmp_path: Path) -> None:
    books = put_back_books(tmp_path)
    with SimulatorProcess(each_locked(tmp_path), time="fast", speed=60) as azure:
        with fixing(azure, tmp_path, *books) as tool:
            until(lambda: all(triggered(azure, vm) for vm in VMS), "four backups are triggered")
            tool.process.send_signal(signal.SIGINT)
            ended = tool.end().check(130)
        assert locks(azure) == [f"keep-{vm}" for vm in VMS]
    assert ended.json()["interrupted"] is True
    reports = [target["report"]["interrupted"] for target in ended.json()["targets"]]
    assert reports == [True] * len(VMS)
    assert ended.err.count("stopping:") == 1
