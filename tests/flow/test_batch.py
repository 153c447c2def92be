"""Several jobs by one command: VM after VM, within its limits. Each job has its own standing."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from remediator.plan.plan import read_plan
from remediator.report.batch import Batch, no_more
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment, remediate
from tests.evidence import FULL, records, running, scenario, sent, triggered, until
from tests.processes import start
from tests.terminal import Terminal

OTHER: Final = "22222222-2222-2222-2222-222222222222"
STUCK: Final[dict[str, Any]] = {
    "extensions": [{"name": "VMSnapshot", "state": "failed"}],
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "scheduled_backup": "3h ago",
}
VMS: Final = ("a", "b", "c")


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """Three VMs whose backup extension has failed."""
    path = scenario(tmp_path, *(STUCK | {"name": name} for name in VMS))
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        yield azure


def jobs(azure: SimulatorProcess, *vms: str) -> list[str]:
    """`--job-id` for each failed job of these VMs."""
    found = [job for vm in vms or VMS for job in azure.failed_jobs(vm)]
    return [word for job in found for word in ("--job-id", job)]


def batch(azure: SimulatorProcess, folder: Path, *options: str) -> Ended:
    return remediate(*jobs(azure), "--format", "json", *options, env=environment(azure, folder))


def standings(ended: Ended) -> dict[str, str]:
    """The standing of each job, by its VM."""
    return {target["vm"]: target["standing"] for target in ended.json()["targets"]}


def broken(azure: SimulatorProcess, vm: str) -> None:
    """Let Azure refuse to remove this VM's extension."""
    path = f"/virtualMachines/{vm}/extensions/"
    azure.fault("error", method="DELETE", path=path, code="Broken", status=409, times=None)


def touched(azure: SimulatorProcess) -> set[str]:
    """The VMs that got a write."""
    urls = [write["url"].split("?")[0].lower() for write in azure.writes()]
    return {vm for vm in VMS for url in urls if f"/{vm}/" in url or f";{vm}/" in url}


def test_all_are_fixed_and_reported(azure: SimulatorProcess, tmp_path: Path) -> None:
    ended = batch(azure, tmp_path, "--yes").check(0)
    assert standings(ended) == dict.fromkeys(VMS, "fixed")
    assert [len(triggered(azure, vm)) for vm in VMS] == [1, 1, 1]
    assert len(records(tmp_path)) == len(VMS)
    assert len(Batch.model_validate_json(ended.out).reports) == len(VMS)


def test_t3_where_a_step_fails_that_vm_is_left_and_the_others_are_fixed(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    broken(azure, "a")
    ended = batch(azure, tmp_path, "--yes").check(3)
    assert standings(ended) == {"a": "not-fixed", "b": "fixed", "c": "fixed"}
    assert [len(triggered(azure, vm)) for vm in VMS] == [0, 1, 1]
    first = ended.json()["targets"][0]["report"]
    assert [outcome["result"] for outcome in first["outcomes"]] == ["failed", "not-reached"]


def test_after_too_many_errors_the_rest_is_left_alone_and_listed(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    broken(azure, "a")
    ended = batch(azure, tmp_path, "--yes", "--max-errors", "0").check(3)
    assert standings(ended) == {"a": "not-fixed", "b": "not-reached", "c": "not-reached"}
    assert touched(azure) == {"a"}
    for target in ended.json()["targets"][1:]:
        assert "--max-errors is 0" in target["text"]
        held = [step for step in target["plan"]["steps"] if step["kind"] == "held"]
        assert [step["change"]["action"] for step in held] == [
            "uninstall-extension",
            "back-up-now",
        ]


def test_an_error_within_the_limit_stops_nothing(azure: SimulatorProcess, tmp_path: Path) -> None:
    broken(azure, "a")
    ended = batch(azure, tmp_path, "--yes", "--max-errors", "1").check(3)
    assert standings(ended) == {"a": "not-fixed", "b": "fixed", "c": "fixed"}


def test_no_more_vms_are_changed_than_allowed(azure: SimulatorProcess, tmp_path: Path) -> None:
    wanted = {"a": "pending", "b": "not-reached", "c": "not-reached"}
    listed = batch(azure, tmp_path, "--dry-run", "--max-targets", "1").check(0)
    assert standings(listed) == wanted
    assert all(target["plan"]["steps"] for target in listed.json()["targets"])
    assert azure.writes() == []
    ended = batch(azure, tmp_path, "--yes", "--max-targets", "1").check(4)
    assert standings(ended) == wanted | {"a": "fixed"}
    assert touched(azure) == {"a"}


def test_where_nothing_may_be_changed_it_is_refused_and_each_refusal_is_on_record(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    ended = batch(azure, tmp_path, "--yes", "--max-targets", "0").check(4)
    assert standings(ended) == dict.fromkeys(VMS, "not-reached")
    trail = (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()
    assert sum('"refused"' in line for line in trail) == len(VMS)
    assert azure.writes() == []


def test_without_consent_nothing_is_applied(azure: SimulatorProcess, tmp_path: Path) -> None:
    for options, code in ((("--dry-run", "--yes"), 0), ((), 4)):
        ended = batch(azure, tmp_path, *options).check(code)
        assert standings(ended) == dict.fromkeys(VMS, "pending")
    batch(azure, tmp_path, "--dry-run", "--detailed-exitcode").check(2)
    assert {request["method"] for request in azure.requests()} == {"GET"}
    assert not (tmp_path / "runs").exists()


def test_one_invalid_id_refuses_all_jobs(azure: SimulatorProcess, tmp_path: Path) -> None:
    assert (
        "neither a job's ARM id" in batch(azure, tmp_path, "--yes", "--job-id", "a b").check(64).err
    )
    assert azure.writes() == []


def test_ctrl_c_ends_the_vm_under_way_and_begins_no_other(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    azure.fault("slow", method="DELETE", path="/extensions/", seconds=2.0)
    arguments = (*jobs(azure), "--yes", "--format", "json", "--parallelism", "1")
    with running(azure, tmp_path, *arguments) as tool:
        until(lambda: any(r["answered"] is None for r in azure.requests()), "a change is sent")
        tool.process.send_signal(signal.SIGINT)
        ended = tool.end().check(130)
    told = standings(ended)
    assert (told["b"], told["c"]) == ("not-reached", "not-reached")
    assert ended.json()["interrupted"] is True
    assert ended.json()["targets"][0]["report"]["interrupted"] is True
    assert touched(azure) <= {"a"}


def test_every_vm_is_fixed_although_nobody_reads_the_output_any_more(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with (tmp_path / "err").open("wb") as err, Path(os.devnull).open("rb") as nothing:
        arguments = [*jobs(azure), "--yes"]
        env = environment(azure, tmp_path)
        with os.fdopen(theirs, "wb") as out:
            process = start("remediator", arguments, (nothing, out, err), env, None)
        assert process.wait(60) == 0
    assert [len(triggered(azure, vm)) for vm in VMS] == [1, 1, 1]
    assert (tmp_path / "err").read_text("utf-8").count("remediate runs list") == 1


def test_for_a_person_each_job_has_a_line(azure: SimulatorProcess, tmp_path: Path) -> None:
    broken(azure, "a")
    ended = remediate(*jobs(azure), "--yes", env=environment(azure, tmp_path)).check(3)
    lines = ended.out.splitlines()
    assert lines[-1] == "3 failed: 2 fixed, 1 not fixed"
    assert lines.count(lines[-1]) == 2
    assert [line.split()[:2] for line in lines if line.startswith(("fixed", "not-fixed"))] == [
        ["not-fixed", "a"],
        ["fixed", "b"],
        ["fixed", "c"],
    ]


def test_t13_a_vm_with_several_failed_jobs_is_treated_once(tmp_path: Path) -> None:
    history = [{"at": f"{n}h ago", "code": "ExtensionFailedVmSnapshotLinux"} for n in (50, 26)]
    path = scenario(tmp_path, STUCK | {"name": "a", "history": history})
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        arguments = (*jobs(azure, "a"), "--yes", "--format", "json")
        ended = remediate(*arguments, env=environment(azure, tmp_path)).check(0)
        told = ended.json()["targets"]
        assert [target["standing"] for target in told] == ["fixed", "same-vm", "same-vm"]
        assert told[0]["job"] == azure.failed_jobs("a")[-1]
        assert len(triggered(azure, "a")) == 1


def test_t8_a_refused_read_in_one_subscription_does_not_stop_the_fix_in_the_other(
    tmp_path: Path,
) -> None:
    main = "11111111-1111-1111-1111-111111111111"
    theirs = {"vault": "vault-other"}
    path = scenario(
        tmp_path,
        STUCK | {"name": "a"},
        STUCK | {"name": "b", "subscription": "other", "protection": theirs},
        subscriptions={"main": main, "other": OTHER},
        vaults=[
            {"name": "vault-main"},
            {"name": "vault-other", "subscription": "other", "group": "rg-other"},
        ],
    )
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        azure.fault(
            "error",
            status=403,
            code="AuthorizationFailed",
            path=f"^/subscriptions/{OTHER}/",
            times=None,
        )
        both = jobs(azure, "a", "b")
        env = environment(azure, tmp_path)
        arguments = (*both, "--yes", "--format", "json")
        ended = remediate(*arguments, env=env).check(3)
        assert [target["standing"] for target in ended.json()["targets"]] == [
            "fixed",
            "could-not-check",
        ]
        assert "AuthorizationFailed" in ended.json()["targets"][1]["text"]
        # The tool finds a job by its bare name, but only in the places that it may read.
        name = both[1].rsplit("/", 1)[-1]
        found = remediate("--job-id", name, "--dry-run", "--format", "json", env=env).check(0)
        assert found.json()["job"]["id"] == both[1]
        name = both[3].rsplit("/", 1)[-1]
        lost = remediate("--job-id", name, "--dry-run", env=env).check(1)
        assert "not all could be read: AuthorizationFailed" in lost.err


FULL_UNDER_ONE_LOCK: Final[dict[str, Any]] = {"collection": FULL, "scheduled_backup": "3h ago"}
LOCK: Final = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """Three VMs whose restore points are all under one lock."""
    path = scenario(tmp_path, *(FULL_UNDER_ONE_LOCK | {"name": name} for name in VMS), locks=[LOCK])
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        yield azure


def test_a_lock_that_is_in_the_way_of_several_vms_goes_once(
    locked: SimulatorProcess, tmp_path: Path
) -> None:
    ended = batch(locked, tmp_path, "--yes").check(0)
    assert standings(ended) == dict.fromkeys(VMS, "fixed")
    assert len(sent(locked, "DELETE", "/locks/keep")) == 1
    assert [len(triggered(locked, vm)) for vm in VMS] == [1, 1, 1]


def test_a_plan_with_less_than_was_approved_at_the_terminal_needs_no_second_approval(
    locked: SimulatorProcess, tmp_path: Path
) -> None:
    with Terminal(locked, tmp_path, *jobs(locked)) as terminal:
        until(terminal.asked, "the question")
        assert "3 failed: 3 will be fixed" in terminal.said
        terminal.type(b"y\n")
        assert terminal.end() == 0
    assert [len(triggered(locked, vm)) for vm in VMS] == [1, 1, 1]


def test_a_plan_that_changes_anything_else_is_more(tmp_path: Path) -> None:
    with SimulatorProcess("agent-unavailable", time="stepped") as azure:
        job = azure.failed_jobs("web")[-1]
        plans = []
        for consent in ((), ("--allow", "downtime")):
            path = tmp_path / f"{len(consent)}.json"
            arguments = ("plan", "--job-id", job, "--out", str(path), *consent)
            remediate(*arguments, env=environment(azure, tmp_path)).check(0)
            plans.append(read_plan(path))
    less, more = plans
    assert more.changes
    assert no_more(less, more)
    assert no_more(more, more)
    assert not no_more(more, less)


def saved(azure: SimulatorProcess, folder: Path) -> list[str]:
    """A plan for each VM."""
    paths = [str(folder / f"{vm}.json") for vm in VMS]
    for vm, path in zip(VMS, paths, strict=True):
        arguments = ("plan", *jobs(azure, vm), "--out", path)
        remediate(*arguments, env=environment(azure, folder)).check(0)
    return paths


def test_saved_plans_are_applied_each_as_far_as_it_still_fits(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    paths = saved(azure, tmp_path)
    env = environment(azure, tmp_path)
    remediate("apply", paths[0], "--yes", env=env).check(0)
    ended = remediate("apply", *paths, "--yes", "--format", "json", env=env).check(4)
    assert standings(ended) == {"a": "refused", "b": "fixed", "c": "fixed"}
    assert "is stale" in ended.json()["targets"][0]["text"]
    assert [len(triggered(azure, vm)) for vm in VMS] == [1, 1, 1]


def test_saved_plans_that_nobody_consents_to_are_listed_and_left(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    paths, env = saved(azure, tmp_path), environment(azure, tmp_path)
    ended = remediate("apply", *paths, "--format", "json", env=env).check(4)
    assert standings(ended) == dict.fromkeys(VMS, "pending")
    assert azure.writes() == []


def test_a_job_that_cannot_be_read_at_its_turn_is_not_begun_and_counts_as_an_error(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    job = azure.failed_jobs("b")[-1].rsplit("/", 1)[-1]
    # Azure answers the read for the plan, and refuses every later read.
    azure.fault("error", status=403, code="Gone", method="GET", path=job, after=1, times=None)
    ended = batch(azure, tmp_path, "--yes", "--max-errors", "0").check(3)
    assert standings(ended) == {"a": "fixed", "b": "could-not-check", "c": "not-reached"}
    assert touched(azure) == {"a"}


def test_one_plan_that_was_altered_refuses_them_all(
    azure: SimulatorProcess, tmp_path: Path
) -> None:
    paths = saved(azure, tmp_path)
    altered = Path(paths[1])
    altered.write_text(altered.read_text("utf-8").replace("VMSnapshot", "VMSnapshots"), "utf-8")
    env = environment(azure, tmp_path)
    assert "altered" in remediate("apply", *paths, "--yes", env=env).check(4).err
    assert azure.writes() == []
