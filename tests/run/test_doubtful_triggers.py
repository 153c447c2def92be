"""A trigger whose answer is lost, late or a refusal: there is one backup, never two."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.clouds import fast
from tests.command import SPEED
from tests.evidence import fix, results, sent, triggered

BACKUP = {"method": "POST", "path": "/backup$"}


@pytest.mark.parametrize(
    ("fault", "sends"),
    [
        ({"kind": "throttle-arm", "retry_after": 0.6 * SPEED}, 2),
        ({"kind": "error", "status": 503}, 2),
        ({"kind": "error", "status": 500, "times": 2}, 3),
        ({"kind": "cut-before"}, 2),
        ({"kind": "cut-after"}, 1),
    ],
    ids=["429", "503", "500 twice", "cut before", "cut after"],
)
def test_a_trigger_that_got_no_answer_is_looked_for_before_it_is_sent_again(
    fault: dict[str, Any], sends: int, tmp_path: Path
) -> None:
    with fast() as azure:
        azure.fault(**BACKUP, **fault)
        fix(azure, tmp_path).check(0)
        posts = sent(azure, "POST", "/backup")
        assert len(posts) == sends
        assert len(triggered(azure)) == 1
        looks = sent(azure, "GET", "/backupJobs")
        for one, next_one in pairwise(posts):
            between = [
                r
                for r in looks
                if one["answered_order"] < r["arrived_order"] < next_one["arrived_order"]
            ]
            assert between
            if fault["kind"] == "throttle-arm":
                assert next_one["arrived"] - one["answered"] >= 0.6
        assert results(tmp_path) == ["applied", "applied"]


@pytest.mark.parametrize("late", [60, 240])
def test_a_job_that_shows_late_is_not_triggered_twice(late: int, tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("cut-after", **BACKUP)
        azure.fault("job-late", **BACKUP, seconds=late)
        fix(azure, tmp_path).check(0)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(triggered(azure)) == 1


def test_a_job_that_shows_late_is_found_by_its_operation(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("job-late", **BACKUP, seconds=600)
        ended = fix(azure, tmp_path)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(triggered(azure)) == 1
        assert ended.code in (0, 3)
        if ended.code == 3:
            assert results(tmp_path) == ["applied", "uncertain"]


def test_a_trigger_is_not_sent_again_while_the_jobs_cannot_be_read(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("cut-after", **BACKUP)
        # The jobs are read once each to plan, for the guards, before applying, before the lock's
        # removal and before the trigger. Azure refuses every later read.
        azure.fault("error", status=403, path="/backupJobs$", method="GET", after=5, times=None)
        ended = fix(azure, tmp_path, "--timeout", "4s").check(3)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(triggered(azure)) == 1
        assert results(tmp_path) == ["applied", "uncertain"]
        assert "Traceback" not in ended.err


def test_a_trigger_that_azure_keeps_refusing_ends_with_its_words(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("error", **BACKUP, status=409, code="Busy", message="Not now.", times=None)
        ended = fix(azure, tmp_path).check(3)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert results(tmp_path) == ["applied", "failed"]
        assert "Busy (409)" in ended.out
        assert "Not now" in ended.out


def test_an_operation_that_refuses_the_backup_is_a_failure(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("lro-fails", **BACKUP, code="NotToday", message="No.", times=None)
        ended = fix(azure, tmp_path).check(3)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert triggered(azure) == []
        assert results(tmp_path)[0] == "applied"
        assert results(tmp_path)[1] != "applied"
        assert "NotToday" in ended.out
