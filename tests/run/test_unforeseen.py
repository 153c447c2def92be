"""After any error in a run, foreseen or not, each lock and power state is put back or named."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.ailing import AGENT_CERTIFICATE, OFF
from tests.command import Ended, completed, environment, remediate
from tests.cut_short import cloud, put_back_books
from tests.evidence import fix, locks, power, record, scenario, sent, unfinished, verbs

LAST = 10**6
DENIED: dict[str, Any] = {"kind": "error", "status": 403, "code": "AuthorizationFailed"}


def planted(
    azure: SimulatorProcess, folder: Path, source: str, first: int, last: int, *options: str
) -> Ended:
    """Run the command. Some of its reads of this source raise an error that nobody foresaw."""
    job = azure.failed_jobs("web")[-1]
    arguments = (source, str(first), str(last), "--job-id", job, "--yes", *options)
    env = environment(azure, folder)
    code, out, err = completed("tests.run.unforeseen", *arguments, env=env)
    ended = Ended(code, out.decode(), err.decode())
    assert "Traceback" not in ended.out + ended.err
    return ended


VMS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "off again": (OFF, "deallocated", "start", "deallocate"),
    "on again": (AGENT_CERTIFICATE, "running", "deallocate", "start"),
}


@pytest.mark.parametrize("number", range(3, 12))
@pytest.mark.parametrize("kind", VMS)
def test_one_unforeseen_fault_leaves_no_vm_on_or_off(
    kind: str, number: int, tmp_path: Path
) -> None:
    vm, before, _, back = VMS[kind]
    with cloud(scenario(tmp_path, vm)) as azure:
        options = ("--allow", "cost", "--allow", "downtime")
        ended = planted(azure, tmp_path, "vm", number, number, *options)
        assert ended.code in (0, 1, 3, 4), ended.err
        if verbs(azure) and verbs(azure) != [f"POST {back}"]:
            assert f"POST {back}" in verbs(azure)
        assert power(azure) == before
        assert unfinished(azure, tmp_path) == []


@pytest.mark.parametrize("kind", VMS)
def test_a_vm_whose_power_could_not_be_put_back_is_named_and_put_back_by_resume(
    kind: str, tmp_path: Path
) -> None:
    vm, before, _, back = VMS[kind]
    with cloud(scenario(tmp_path, vm)) as azure:
        azure.fault(method="POST", path=f"/{back}$", times=None, **DENIED)
        options = ("--allow", "cost", "--allow", "downtime", "--format", "json")
        report = fix(azure, tmp_path, *options).check(5).json()
        [owed] = report["power_owed"]
        assert owed["command"].startswith(f"az vm {back} --ids /subscriptions/")
        assert any(owed["command"] in line for line in report["next"])
        assert power(azure) != before
        [story] = unfinished(azure, tmp_path)
        assert story["state"] == "not put back"
        azure.clear_faults()
        env = environment(azure, tmp_path)
        resumed = remediate("resume", "--yes", "--format", "json", env=env)
        assert resumed.json()["power_owed"] == []
        assert power(azure) == before
        assert unfinished(azure, tmp_path) == []
        assert remediate("resume", "--yes", env=env).check(0).err.count("no run is unfinished") == 1


@pytest.mark.parametrize("kind", VMS)
def test_a_run_whose_every_look_fails_after_the_vm_was_changed_puts_its_power_back(
    kind: str, tmp_path: Path
) -> None:
    vm, before, change, _ = VMS[kind]
    with cloud(scenario(tmp_path, vm)) as azure:
        options = ("--allow", "cost", "--allow", "downtime", "--timeout", "20s")
        # The change was sent, but nobody saw its effect: every later look at the VM fails.
        ended = planted(azure, tmp_path, "vm", 5, LAST, *options)
        assert verbs(azure)[0] == f"POST {change}"
        assert ended.code == 5, ended.err + ended.out
        assert "PUT BACK the VM's power: az vm" in ended.out
        [story] = unfinished(azure, tmp_path)
        assert story["state"] == "not put back"
        env = environment(azure, tmp_path)
        remediate("resume", "--yes", env=env)
        assert power(azure) == before
        assert unfinished(azure, tmp_path) == []


@pytest.mark.parametrize("number", range(3, 15))
def test_one_unforeseen_fault_leaves_no_lock_off(number: int, tmp_path: Path) -> None:
    books = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        ended = planted(azure, tmp_path, "locks", number, number, *books)
        assert ended.code in (0, 1, 3, 4), ended.err
        assert locks(azure) == before
        assert unfinished(azure, tmp_path) == []
        if sent(azure, "DELETE", "/locks/keep"):
            told = [e["outcome"]["text"] for e in record(tmp_path) if e["kind"] == "outcome"]
            assert not any("\n" in text for text in told)


def test_a_lock_that_nobody_can_see_is_named_and_put_back_by_resume(tmp_path: Path) -> None:
    books = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        azure.fault(method="PUT", path="/locks/", times=None, **DENIED)
        fix(azure, tmp_path, *books).check(5)
        azure.clear_faults()
        [story] = unfinished(azure, tmp_path)
        assert (story["state"], len(story["report"]["locks_owed"])) == ("not put back", 1)
        env = environment(azure, tmp_path)
        listed = remediate("resume", "--yes", "--format", "json", *books, env=env)
        assert json.loads(listed.out)["locks_owed"] == []
        assert locks(azure) == before
        assert unfinished(azure, tmp_path) == []


def test_a_lock_whose_every_look_fails_after_it_was_taken_off_is_on_again_or_named(
    tmp_path: Path,
) -> None:
    books = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        ended = planted(azure, tmp_path, "locks", 5, LAST, *books, "--timeout", "20s")
        assert sent(azure, "DELETE", "/locks/keep")
        env = environment(azure, tmp_path)
        if unfinished(azure, tmp_path):
            assert ended.code == 5, ended.err
            assert "NOT KNOWN WHETHER IT IS ON: lock keep (CanNotDelete) on /sub" in ended.out
            assert "az lock show --ids /subscriptions/" in ended.out
            assert "az lock create --name=keep --lock-type CanNotDelete" in ended.out
            told = ended.out + ended.err
            for wrong in ("Left off on purpose", "THAT SHOULD BE ON", "PUT BACK lock"):
                assert wrong not in told
            remediate("resume", "--yes", *books, env=env)
        assert locks(azure) == before
        assert unfinished(azure, tmp_path) == []
