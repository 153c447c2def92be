"""A job that is pasted in a wrapping, or that comes from a file or from stdin."""

import json
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import NAME, SUBSCRIPTION, VAULT, WRAPPINGS, job_of
from tests.command import environment, remediate
from tests.complaints import complaint

VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute"
VM = f"{VM}/virtualMachines/web"


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS.keys())
@pytest.mark.parametrize("verb", ["run", "plan"])
def test_a_job_is_planned_from_its_wrapping(
    azure: SimulatorProcess, here: Run, verb: str, wrapping: str
) -> None:
    job = job_of(azure, "odd")
    typed = wrapping.format(id=job, name=job.rsplit("/", 1)[-1])
    dry = ["--dry-run"] if verb == "run" else []
    ended = here(verb, "--job-id", typed, *dry, "--format", "json").check(3)
    assert ended.json()["job"]["id"] == job


@pytest.mark.parametrize("verb", [["doctor"], ["record", "--output", "x.jsonl"]])
def test_the_other_commands_take_it_too(
    azure: SimulatorProcess, here: Run, tmp_path: Path, verb: list[str]
) -> None:
    (tmp_path / "job.json").write_text(json.dumps({"id": job_of(azure, "stuck")}, indent=2))
    assert here(*verb, "--job-id", "@job.json").code in (0, 3)
    assert azure.requests() != []


def test_the_url_of_the_endpoint_in_use_is_no_strangers(azure: SimulatorProcess, here: Run) -> None:
    here("--job-id", f"{azure.url}{job_of(azure, 'odd')}?x=1", "--dry-run").check(3)


@pytest.mark.parametrize("verb", [["run", "--dry-run"], ["plan"], ["doctor"], ["record"]])
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (f"https://evil.example{VAULT}/backupJobs/{NAME}", "no host of Azure"),
        (VM, f"remediate check --vm {VM}"),
        (VAULT, "--vault-name vault-main --status Failed"),
        (f"{VAULT}/backupJobs/{NAME} {VAULT}/backupJobs/{NAME[:-1]}1", "2 different jobs"),
        ('{"data": {"essentials": {}, "alertContext": {}}}', "the alert names no job"),
        ("@absent.txt", "absent.txt cannot be read: No such file or directory"),
        ("@.", ". cannot be read: Is a directory"),
        ("@empty.txt", "empty.txt names no job"),
        ("@odd.txt", "neither a job's ARM id nor its bare name"),
    ],
)
def test_what_names_no_job_is_refused_and_nothing_is_asked(
    azure: SimulatorProcess, here: Run, tmp_path: Path, verb: list[str], typed: str, says: str
) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n\n")
    (tmp_path / "odd.txt").write_text("../x\n")
    assert says in complaint(here(*verb, "--job-id", typed), 64)
    assert azure.requests() == []
    assert not list(tmp_path.glob("*.jsonl"))


def test_one_odd_text_among_several_refuses_all_before_anything_is_asked(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    (tmp_path / "jobs.txt").write_text(f"{job_of(azure, 'odd')}\n{VM}\n")
    assert "remediate check --vm" in complaint(here("--job-id", "@jobs.txt", "--dry-run"), 64)
    assert azure.requests() == []


def test_a_file_names_several_jobs_and_the_same_one_is_planned_once(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    odd, stuck = job_of(azure, "odd"), job_of(azure, "stuck")
    lines = f"Name  Status\n----  ----\n{odd}  Failed\n{stuck}  Failed\n# end\n"
    (tmp_path / "jobs.txt").write_text(lines, encoding="utf-16")
    typed = ("--job-id", "@jobs.txt", "--job-id", f"https://management.azure.com{odd}")
    ended = here(*typed, "--dry-run", "--format", "json")
    assert ended.code in (0, 3), ended.err
    assert [target["job"] for target in ended.json()["targets"]] == [odd, stuck]
    said = complaint(here("plan", "--job-id", "@jobs.txt"), 64)
    assert "names 2 jobs, but this command takes one" in said
    assert "remediate run --job-id @jobs.txt --dry-run" in said


def test_stdin_names_jobs(azure: SimulatorProcess, tmp_path: Path) -> None:
    env = environment(azure, tmp_path / "state")
    arguments = ("--job-id", "-", "--dry-run", "--format", "json")
    job = {"id": job_of(azure, "odd")}
    ended = remediate(*arguments, env=env, cwd=tmp_path, stdin=json.dumps(job, indent=2))
    assert ended.check(3).json()["job"]["id"] == job["id"]
    ended = remediate(*arguments, env=env, cwd=tmp_path)
    assert "stdin names no job" in complaint(ended, 64)


def test_a_job_that_cannot_be_read_is_told_by_its_id_and_not_by_its_page(
    azure: SimulatorProcess, here: Run
) -> None:
    shut = job_of(azure, "shut")
    page = json.dumps({"id": shut, "properties": {"long": "x" * 500}})
    arguments = ("--job-id", page, "--job-id", job_of(azure, "odd"), "--dry-run")
    ended = here(*arguments, "--format", "json")
    assert shut in [target["job"] for target in ended.json()["targets"]]
