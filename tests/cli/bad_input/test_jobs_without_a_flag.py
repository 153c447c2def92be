"""Jobs without the flag `--job-id`, and words that are no jobs."""

from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB, NAME, VAULT, WRAPPINGS, job_of
from tests.command import environment, remediate
from tests.complaints import complaint

JSON = ("--format", "json")


@pytest.mark.parametrize("verb", [[], ["run"], ["plan"]], ids=["no verb", "run", "plan"])
@pytest.mark.parametrize("wrapping", ["{id}", "{name}", *WRAPPINGS.values()])
def test_a_job_needs_no_flag(
    azure: SimulatorProcess, here: Run, verb: list[str], wrapping: str
) -> None:
    job = job_of(azure, "odd")
    typed = wrapping.format(id=job, name=job.rsplit("/", 1)[-1])
    dry = () if verb == ["plan"] else ("--dry-run",)
    assert here(*verb, typed, *dry, *JSON).check(3).json()["job"]["id"] == job


@pytest.mark.parametrize("place", ["first", "last", "beside"])
def test_several_jobs_stand_wherever_the_options_do(
    azure: SimulatorProcess, here: Run, place: str
) -> None:
    one, other = job_of(azure, "odd"), job_of(azure, "stuck")
    arguments = {
        "first": ("run", one, other, "--dry-run", *JSON),
        "last": ("--dry-run", *JSON, one, other),
        "beside": (one, "--dry-run", "--job-id", other, *JSON),
    }
    told = here(*arguments[place]).json()
    assert {each["vm"] for each in told["targets"]} == {"odd", "stuck"}


def test_a_list_is_read_from_a_file_and_from_stdin(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    both = [job_of(azure, "odd"), job_of(azure, "stuck")]
    listed = "\n".join(both)
    (tmp_path / "jobs.txt").write_text(listed)
    env = environment(azure, tmp_path / "state")
    for told in (
        here("@jobs.txt", "--dry-run", *JSON).json(),
        remediate("-", "--dry-run", *JSON, env=env, stdin=listed).json(),
        remediate("run", "--dry-run", *JSON, "-", env=env, stdin=listed).json(),
    ):
        assert {each["vm"] for each in told["targets"]} == {"odd", "stuck"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["hepl"], "No such command 'hepl'. Did you mean 'help'"),
        (["rnu", JOB], "No such command 'rnu'"),
        (["400196"], "No such command '400196'"),
        (["UserErrorGuestAgentStatusUnavailable"], "No such command"),
        (["run", "help"], "'help' is neither an option nor a job's id"),
        (["plan", "stuck"], "--job-id stuck"),
        (["--dry-run", "resume"], "'resume' is neither an option nor a job's id"),
        (["--job-id", JOB, "Backup", "Failed"], "'Backup' is neither an option nor a job's id"),
        ([JOB, "odd"], "'odd' is neither an option nor a job's id"),
        (["run"], "no job is given; to look at one: remediate --job-id ID"),
        (["--dry-run"], "no job is given"),
        (["plan"], "no job is given"),
        (["plan", JOB, NAME], f"for several: remediate run --job-id {JOB} --job-id {NAME}"),
        (["plan", JOB, "--job-id", NAME], "2 jobs are given, but this command takes one"),
        (["plan", "--job-id", JOB, "--job-id", NAME], "this command takes one"),
        ([VAULT], "is a vault, not a job"),
        (["./plan.json"], "is neither a job's ARM id nor its bare name"),
        (["@absent.txt"], "absent.txt cannot be read"),
    ],
)
def test_a_word_that_is_no_job_is_refused_before_anything_is_asked(
    azure: SimulatorProcess, here: Run, arguments: list[str], says: str
) -> None:
    assert says in complaint(here(*arguments), 64)
    assert azure.requests() == []


def test_a_job_without_a_flag_wins_over_the_one_of_a_configuration_file(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    odd, stuck = job_of(azure, "odd"), job_of(azure, "stuck")
    (tmp_path / "own.toml").write_text(f"job-id = '{stuck}'\n")
    look = ("--dry-run", *JSON, "--config", "own.toml")
    assert here("run", *look).json()["job"]["id"] == stuck
    assert here(odd, *look).json()["job"]["id"] == odd
    assert here("--job-id", odd, *look).json()["job"]["id"] == odd
