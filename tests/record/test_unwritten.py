"""A run that cannot write its record changes nothing more. Once there is room, it goes on."""

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import environment, remediate
from tests.cut_short import cloud, put_back_books, unanswered
from tests.evidence import FULL, locks, running, scenario, triggers, unfinished, until

Fill = Callable[[int, Path], None]


def everything(process: int, folder: Path) -> None:
    """Let no file grow any more. The record is the smallest of the files."""
    (path,) = (folder / "runs").glob("*.jsonl")
    limit(process, path.stat().st_size)


def the_state(process: int, folder: Path) -> None:
    """Let the state of runs grow no more. Smaller files still grow."""
    limit(process, (folder / "state.sqlite").stat().st_size)


def the_trail(_process: int, folder: Path) -> None:
    """Put the audit trail on a full device."""
    (folder / "audit.jsonl").rename(folder / "aside")
    (folder / "audit.jsonl").symlink_to("/dev/full")


def limit(process: int, size: int) -> None:
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(
    ("fill", "told"),
    [
        (everything, "the run's record"),
        (the_state, "the state of runs"),
        (the_trail, "the audit trail"),
    ],
)
def test_a_run_that_cannot_write_stops_before_its_next_change_and_is_resumed(
    fill: Fill, told: str, tmp_path: Path
) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached") as azure:
        before = locks(azure)
        # The moment between two changes: the lock is off, but the backup is not triggered yet.
        azure.fault("slow", after=4, path="/backupProtectedItems$", seconds=2.0)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes", *mine) as tool:
            until(lambda: unanswered(azure), "the moment between two changes")
            assert locks(azure) != before
            fill(tool.process.pid, tmp_path)
            ended = tool.end().check(5)
        assert triggers(azure) <= (fill is the_state)  # the intent is in the record
        (story,) = unfinished(azure, tmp_path)
        off, why = ended.err.splitlines()[-2:]
        assert off.startswith("remediate: A LOCK IS OFF THAT SHOULD BE ON: lock keep")
        assert why.startswith(f"remediate: cannot write {told} {tmp_path}")
        assert why.endswith(f"remediate resume {story['run_id']}")
        assert locks(azure) != before
        env = environment(azure, tmp_path)
        if fill is the_trail:
            assert "A LOCK IS OFF" in remediate("resume", "--yes", *mine, env=env).check(5).err
            (tmp_path / "aside").rename(tmp_path / "audit.jsonl")
        remediate("resume", "--yes", *mine, env=env).check(0)
        assert locks(azure) == before
        assert triggers(azure) == 1
        assert unfinished(azure, tmp_path) == []
        remediate("audit", "verify", env=env).check(0)


def test_of_several_jobs_none_is_begun_after_one_that_cannot_be_written_down(
    tmp_path: Path,
) -> None:
    mine = put_back_books(tmp_path)
    vm = {"copies": 2, "collection": FULL, "scheduled_backup": "3h ago"}
    lock = {"name": "keep", "scope": f"group:{FULL['group']}"}
    with cloud(scenario(tmp_path, vm, locks=[lock])) as azure:
        azure.fault("slow", method="POST", path="/backup$", seconds=2.0)
        vms = [each["name"] for each in azure.state()["vms"]]
        jobs = [part for each in vms for part in ("--job-id", azure.failed_jobs(each)[-1])]
        with running(azure, tmp_path, *jobs, "--yes", "--format", "json", *mine) as tool:
            until(lambda: unanswered(azure), "the trigger")
            the_trail(tool.process.pid, tmp_path)
            batch = tool.end().check(5).json()
        assert [each["standing"] for each in batch["targets"]] == ["lock-off", "not-reached"]
        assert triggers(azure) == 1
        assert locks(azure) == []
        (tmp_path / "aside").rename(tmp_path / "audit.jsonl")
        remediate("resume", "--yes", *mine, env=environment(azure, tmp_path)).check(0)
        assert locks(azure) == ["keep"]
        assert triggers(azure) == 1
