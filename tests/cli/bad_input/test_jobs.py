"""A text that is no job id, a job that does not exist, or a job that needs no remedy."""

from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import NAME, SUBSCRIPTION, VAULT, job_of
from tests.cli.bad_input.stranger import server
from tests.complaints import complaint

BAD_IDS = {
    "nothing": "",
    "blank": "   ",
    "a slash": "/",
    "too short a name": "abc",
    "a path for a name": f"../{NAME}",
    "another type": f"{VAULT}/backupPolicies/{NAME}",
    "a vault": VAULT,
    "below a job": f"{VAULT}/backupJobs/{NAME}/operations/x",
    "another provider": f"{VAULT}/backupJobs/{NAME}".replace("RecoveryServices", "Compute"),
    "a step upwards": f"{VAULT}/backupJobs/../{NAME}",
    "a group called ..": f"{VAULT}/backupJobs/{NAME}".replace("rg-backup", ".."),
    "a subscription called .": f"{VAULT}/backupJobs/{NAME}".replace(SUBSCRIPTION, "."),
    "an escaped slash": f"{VAULT}/backupJobs/x%2F..%2F{NAME}",
    "an escaped group": f"{VAULT}/backupJobs/{NAME}".replace("rg-backup", "rg%2Fbackup"),
    "a query": f"{VAULT}/backupJobs/{NAME}?api-version=2000-01-01",
    "a fragment": f"{VAULT}/backupJobs/{NAME}#top",
    "a line break": f"{VAULT}/backupJobs/{NAME}\nX-Evil: 1",
    "a line break in the group": f"{VAULT}/backupJobs/{NAME}".replace("rg-", "rg\r\n"),
    "a terminal escape": f"{VAULT}/backupJobs/{NAME}\x1b[2J",
    "letters that look alike": f"{VAULT}/backupJobs/{NAME}".replace("0b5c", "0Ь5с"),
    "reversed writing": f"{VAULT}/backupJobs/{NAME}\u202e",
    "a very long name": f"{VAULT}/backupJobs/{'a' * 5000}",
    "a stranger's URL": f"https://management.azure.example{VAULT}/backupJobs/{NAME}",
}


@pytest.mark.parametrize("typed", BAD_IDS.values(), ids=BAD_IDS.keys())
def test_what_is_no_job_id_is_refused_before_anything_is_asked(
    azure: SimulatorProcess, here: Run, typed: str
) -> None:
    said = complaint(here("--job-id", typed, "--dry-run"), 64)
    assert "bare" in said
    assert "/subscriptions/" in said
    assert azure.requests() == []


def test_a_nul_can_come_from_a_file_and_is_refused(
    azure: SimulatorProcess, here: Run, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(f'job-id = "{VAULT}/backupJobs/{NAME}\\u0000"')
    assert r"\x00" in complaint(here("--dry-run", "--config", "own.toml"), 64)
    assert azure.requests() == []


def test_an_absurdly_long_group_is_azures_to_refuse(here: Run) -> None:
    typed = f"{VAULT}/backupJobs/{NAME}".replace("rg-backup", "g" * 9000)
    assert "(400)" in complaint(here("--job-id", typed, "--dry-run"), 1)


def test_an_id_in_any_casing_and_with_blanks_around_it_is_taken(
    azure: SimulatorProcess, run: Run
) -> None:
    typed = f"  {job_of(azure, 'odd').upper()}/\n"
    run("--job-id", typed, "--dry-run").check(3)


def test_an_unknown_job(here: Run) -> None:
    said = complaint(here("--job-id", f"{VAULT}/backupJobs/{NAME}", "--dry-run"), 1)
    assert said.startswith(f"no such job: {VAULT}/backupJobs/{NAME}")


@pytest.mark.parametrize(
    ("vm", "says"),
    [
        ("moving", "has not ended (InProgress"),
        ("fine", "did not fail: it ended Completed"),
        ("sql", "not of an Azure VM, and is not treated; to see its error: az backup job show"),
    ],
)
def test_a_job_that_did_not_fail_or_is_of_no_vm(
    azure: SimulatorProcess, here: Run, vm: str, says: str
) -> None:
    said = complaint(here("--job-id", job_of(azure, vm), "--yes"), 1)
    assert says in said
    assert len(azure.requests()) == 1


def test_a_job_that_may_not_be_read_names_action_scope_and_correlation_id(
    azure: SimulatorProcess, run: Run
) -> None:
    said = complaint(run("--job-id", job_of(azure, "shut"), "--yes"), 1)
    answer = azure.requests()[-1]
    assert "Microsoft.RecoveryServices/vaults/backupJobs/read" in said
    assert "over scope '/" in said
    assert "vault-closed" in said
    assert answer["response_headers"]["x-ms-correlation-request-id"] in said


def test_an_unknown_code_shows_azures_own_recommendations(
    azure: SimulatorProcess, run: Run
) -> None:
    for how in ("--dry-run", "--yes"):
        ended = run("--job-id", job_of(azure, "odd"), how, COLUMNS="300").check(3)
        assert ended.err == ""
        assert "no playbook has the code UserErrorQuantumFluxMisaligned" in ended.out
        assert "Azure recommends: Align the flux." in ended.out
        assert "Azure recommends: Then back up again." in ended.out


def test_a_vm_that_is_gone_and_protection_that_is_stopped_are_for_a_human(
    azure: SimulatorProcess, run: Run
) -> None:
    for vm, code in (("gone", ()), ("gone", ("--error-code", "ExtensionStuckInDeletionState"))):
        run("--job-id", job_of(azure, vm), "--yes", *code).check(3)
    left = run("--job-id", job_of(azure, "left"), "--yes", "--format", "json").check(3).json()
    assert [step["kind"] for step in left["steps"]] != []
    assert all(step["kind"] != "change" for step in left["steps"])


def bare(azure: SimulatorProcess, vm: str) -> str:
    return job_of(azure, vm).rsplit("/", 1)[-1]


@pytest.mark.parametrize(
    "where",
    [
        [],
        ["--vault", VAULT],
        ["--vault", VAULT.upper()],
        ["--vault", "VAULT-MAIN"],
        ["--vault", "vault-main", "--resource-group", "rg-backup", "--subscription", SUBSCRIPTION],
        ["--resource-group", "RG-Backup"],
        ["--subscription", SUBSCRIPTION],
    ],
)
def test_a_bare_name_is_found_where_it_may_be(
    azure: SimulatorProcess, here: Run, where: list[str]
) -> None:
    name = bare(azure, "odd")
    ended = here("--job-id", name, *where, "--dry-run", "--format", "json").check(3)
    assert ended.json()["job"]["name"] == name


@pytest.mark.parametrize(
    ("where", "code", "says"),
    [
        ([], 1, f"no job {NAME} in 3 vaults"),
        ([], 1, "not all could be read: AuthorizationFailed (403)"),
        (["--resource-group", "rg-other"], 64, f"no job {NAME} in 1 vaults"),
        (["--vault", "vault-nowhere"], 64, f"no job {NAME} in 0 vaults"),
        (["--vault", VAULT], 1, "no such job"),
        (["--vault", f"{VAULT}/backupJobs/x"], 64, "is not a vault id"),
        (["--vault", "a/../b"], 64, "--vault 'a/../b' is not a name"),
        (["--vault", "v", "-g", "..", "--subscription", "s"], 64, "--resource-group '..'"),
        (["--subscription", f"x/../{SUBSCRIPTION}"], 64, "is not a name"),
        (["--subscription", "no-such-subscription"], 1, "SubscriptionNotFound (404)"),
    ],
)
def test_a_bare_name_that_is_not_found(here: Run, where: list[str], code: int, says: str) -> None:
    assert says in complaint(here("--job-id", NAME, *where, "--yes"), code)


def test_a_bare_name_in_several_vaults_is_not_guessed_at(run: Run) -> None:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    vaults = [f"{group}/{g}/providers/Microsoft.RecoveryServices/vaults/v" for g in ("a", "b")]

    def answer(path: str) -> Any:
        if path == "/subscriptions":
            return {"value": [{"subscriptionId": SUBSCRIPTION}]}
        if path.endswith("/resources"):
            return {"value": [{"id": vault} for vault in vaults]}
        return {"id": path, "name": NAME, "properties": {}}

    with server(answer) as (url, asked):
        said = complaint(run("--job-id", NAME, "--yes", REMEDIATE_ARM_ENDPOINT=url), 64)
    assert all(f"{vault}/backupJobs/{NAME}" in said for vault in vaults)
    assert {method for method, _, _ in asked} == {"GET"}
