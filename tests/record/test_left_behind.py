"""Files that earlier runs left behind, even if damaged: they forge, hide and block nothing."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediator.json_text import json_of
from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate
from tests.complaints import complaint
from tests.controls import controls
from tests.cut_short import cloud, hold, killed_during, put_back_books, unanswered
from tests.evidence import fix, locks, running, scenario, until

DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
ODD = "web \x9b2J \u202e \u200b \u00ad \u2028 x"
KEY = {"REMEDIATE_STATE_KEY": "another"}


class Left:
    """A run that was killed while its lock was off, and the files in its folder."""

    def __init__(self, azure: SimulatorProcess, folder: Path) -> None:
        self.azure, self.folder = azure, folder
        self.before = locks(azure)
        self.books = put_back_books(folder)
        killed_during(azure, folder, *self.books, method="POST", path="/backup$")
        (self.record,) = (folder / "runs").glob("*.jsonl")
        self.run = self.record.stem

    def call(self, *arguments: str, **more: str) -> Ended:
        return remediate(*arguments, env=environment(self.azure, self.folder) | more)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.record.read_bytes().splitlines()]

    def write(self, rows: list[dict[str, Any]]) -> None:
        self.record.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")

    def lock_back(self) -> None:
        self.azure.clear_log()
        self.call("restore-locks", self.run, "--yes").check(0)
        assert locks(self.azure) == self.before


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Left]:
    with cloud("limit-reached") as azure:
        yield Left(azure, tmp_path)


# --- restore-locks --------------------------------------------------------------------------------


def test_only_a_lock_that_the_plan_takes_off_is_put_back(left: Left) -> None:
    rows = left.lines()
    (lease,) = [row for row in rows if row["kind"] == "lease"]
    scope = lease["lock"]["scope"].replace("AzureBackupRG_westeurope_1", "rg-app")
    forged = [
        lease["lock"] | {"id": lease["lock"]["id"].replace("/keep", "/theirs"), "name": "theirs"},
        lease["lock"] | {"id": f"{scope}/providers/Microsoft.Authorization/locks/keep"}
        | {"scope": scope},
    ]  # fmt: skip
    left.write([*rows, *(lease | {"lock": lock} for lock in forged)])
    ended = left.call("restore-locks", left.run, "--yes").check(0)
    assert ended.err.count("left alone, because the run's plan does not take this lock off") == 2
    assert locks(left.azure) == left.before


def test_a_lock_of_another_level_than_the_plans_is_not_put_back(left: Left) -> None:
    rows = left.lines()
    for row in rows:
        if row["kind"] == "lease":
            row["lock"]["level"] = "ReadOnly"
    left.write(rows)
    writes = len(left.azure.writes())
    left.call("restore-locks", left.run, "--yes").check(0)
    assert len(left.azure.writes()) == writes


def test_a_record_whose_plan_was_altered_puts_nothing_back(left: Left) -> None:
    rows = left.lines()
    rows[0]["plan"]["endpoint"] = "https://example.invalid"
    left.write(rows)
    said = complaint(left.call("restore-locks", left.run, "--yes"), 64)
    assert said.startswith(f"{left.record}: the plan was altered after it was made")


@pytest.mark.parametrize("content", [b"", DEEP, b"\x00\xff", b"[]\n", b"null\n"])
def test_a_file_that_is_no_record_gives_one_line_and_blocks_nobody(
    left: Left, content: bytes
) -> None:
    kept = left.record.read_bytes()
    left.record.write_bytes(content)
    said = complaint(left.call("restore-locks", left.run, "--yes"), 64)
    assert said.startswith(f"{left.record}: no record of a run that began")
    ended = fix(left.azure, left.folder, vm="web")
    assert "A LOCK MAY BE OFF" in ended.err
    assert "internal error" not in ended.err
    left.record.write_bytes(kept)
    left.lock_back()


def test_a_line_that_nests_too_deeply_hides_no_lock(left: Left) -> None:
    left.record.write_bytes(left.record.read_bytes() + DEEP + b"\n")
    left.lock_back()


def test_a_record_that_is_a_pipe_is_not_waited_for(left: Left) -> None:
    kept = left.record.read_bytes()
    left.record.unlink()
    os.mkfifo(left.record)
    assert "no ordinary file" in complaint(left.call("restore-locks", left.run, "--yes"), 64)
    left.record.unlink()
    left.record.write_bytes(kept)
    left.lock_back()


# --- a state that cannot be read ------------------------------------------------------------------


@pytest.mark.parametrize("verb", [("runs", "list"), ("resume", "--yes"), ("runs", "show", "RUN")])
def test_another_key_is_one_line_that_names_restore_locks(
    left: Left, verb: tuple[str, ...]
) -> None:
    ended = left.call(*(left.run if word == "RUN" else word for word in verb), **KEY).check(1)
    (line, *rest) = ended.err.splitlines()
    assert f"remediate restore-locks {left.run}" in line
    assert "REMEDIATE_STATE_KEY" in line
    assert rest in ([], ["remediate: nothing was resumed"])
    left.lock_back()


@pytest.mark.parametrize("verb", [("runs", "list"), ("resume", "--yes"), ("runs", "prune")])
def test_a_broken_state_is_one_line_that_names_restore_locks(
    left: Left, verb: tuple[str, ...]
) -> None:
    for path in left.folder.glob("state.sqlite*"):
        path.write_bytes(b"no database at all" * 100)
    said = complaint(left.call(*verb), 1)
    assert "remediate restore-locks RUN" in said
    left.lock_back()


def test_nothing_is_begun_on_a_broken_state(tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        (tmp_path / "state.sqlite").write_bytes(b"no database at all" * 100)
        ended = fix(azure, tmp_path).check(1)
        (line,) = ended.err.splitlines()
        assert "remediate restore-locks RUN" in line
        assert azure.writes() == []


def test_a_run_that_cannot_be_read_keeps_no_other_from_beginning(tmp_path: Path) -> None:
    vm = {"copies": 2, "extensions": [{"name": "VMSnapshot", "state": "failed"}]}
    with cloud(scenario(tmp_path, vm | {"scheduled_backup": "3h ago"})) as azure:
        first, second = (each["name"] for each in azure.state()["vms"])
        job = azure.failed_jobs(first)[-1]
        hold(azure, method="DELETE", path="/extensions/")
        with running(azure, tmp_path, "--job-id", job, "--yes") as tool:
            until(lambda: unanswered(azure), "the removal is sent")
            tool.process.kill()
            tool.process.wait()
        azure.clear_faults()
        env = environment(azure, tmp_path) | KEY
        sent = len(azure.writes())
        # The run's state does not tell its VM, but its record does.
        busy = remediate("--job-id", job, "--yes", env=env).check(4)
        assert "of this VM has not ended" in busy.err
        assert len(azure.writes()) == sent
        other = azure.failed_jobs(second)[-1]
        remediate("--job-id", other, "--yes", env=env).check(0)
        listed = remediate("runs", "list", "--format", "json", env=env).check(1)
        assert [run["state"] for run in json.loads(listed.out)] == ["ended"]


# --- many old records -----------------------------------------------------------------------------


def test_records_that_owe_nothing_are_not_read_again_at_every_start(left: Left) -> None:
    left.lock_back()
    old = left.folder / "runs" / "run-20200101-000000-000000.jsonl"
    shutil.copy(left.record, old)
    shutil.rmtree(left.folder / "owed")  # as an older version left it, which knew no marks
    begun = ("--job-id", left.azure.failed_jobs("web")[-1], "--yes", "--max-targets", "0")
    left.call(*begun)
    assert min(path.name for path in (left.folder / "owed").iterdir()) == ".all"
    # A record that owes nothing is not read any more, even if somebody changes the file.
    shutil.rmtree(left.folder / "owed")
    old.write_text("{}\n", "utf-8")
    left.call(*begun)
    old.write_text('{"kind":"lease"}\n', "utf-8")
    assert str(old) not in left.call(*begun).err
    # A person put the lock back by hand, so the run has not ended: it keeps its mark.
    assert (left.folder / "owed" / left.run).exists()


def test_a_lock_is_found_where_the_marks_are_gone(left: Left) -> None:
    shutil.rmtree(left.folder / "owed")
    begun = ("--job-id", left.azure.failed_jobs("web")[-1], "--yes", "--max-targets", "0")
    for _ in range(2):
        assert f"remediate restore-locks {left.run}" in left.call(*begun).err
    left.lock_back()
    assert "A LOCK IS OFF" not in left.call(*begun).err


def test_a_run_that_has_ended_and_owes_nothing_leaves_no_mark(tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        fix(azure, tmp_path, *put_back_books(tmp_path)).check(0)
        marks = tmp_path / "owed"
        assert len(list(marks.iterdir())) >= 1
        fix(azure, tmp_path, "--max-targets", "0")
        assert [path.name for path in marks.iterdir()] == [".all"]


# --- what is shown --------------------------------------------------------------------------------


def test_no_list_of_runs_shows_control_characters(tmp_path: Path) -> None:
    failed = {"at": "1h ago", "code": "UserErrorVmProvisioningStateFailed", "message": ODD}
    vm = {"provisioning": "failed", "history": [failed]}
    with cloud(scenario(tmp_path, vm)) as azure:
        fix(azure, tmp_path, "--allow", "downtime").check(3)
        env = environment(azure, tmp_path)
        for verb in (("runs", "list"), ("audit", "show"), ("runs", "show", one(tmp_path))):
            for form in ("json", "text"):
                shown = remediate(*verb, "--format", form, env=env).check(0)
                assert controls(shown.out) | controls(shown.err) == set(), (verb, form)
        listed = remediate("runs", "list", "--format", "json", env=env).out
        assert json.loads(listed)[0]["plan"]["failure"]["message"] == ODD


def test_signs_of_every_plane_are_shown_as_json_or_escaped() -> None:
    text = "".join(chr(code) for code in range(0xD800)) + "\ufeff\U0001f600\U000e0041"
    shown = json_of({"text": text})
    assert controls(shown) == set()
    assert json.loads(shown) == {"text": text}
    assert "\U0001f600" in shown


def one(folder: Path) -> str:
    (path,) = (folder / "runs").glob("*.jsonl")
    return path.stem
