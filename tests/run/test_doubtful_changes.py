"""Restarts and deletions that fail, that are refused, or that get no answer.

The tests judge from outside: by the server's log, the state of its cloud, exit codes and records.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from remediator.proving.by_hand import call
from remediator.simulator.process import SimulatorProcess
from tests.ailing import CRAMPED, QUIET, TRIED, WORN
from tests.clouds import fast
from tests.command import SPEED
from tests.evidence import FULL, fix, locks, results, running, scenario, sent, triggered, until


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "error", "status": 500}, "uncertain"),
        ({"kind": "error", "status": 503}, "uncertain"),
        ({"kind": "cut-before"}, "uncertain"),
        ({"kind": "cut-after"}, "applied"),
        ({"kind": "throttle-compute", "retry_after": 0.3 * SPEED}, "applied"),
        ({"kind": "lro-fails", "code": "Nope"}, "failed"),
        ({"kind": "token-expired", "method": "GET", "path": "/operations/"}, "applied"),
    ],
    ids=["500", "503", "cut before", "cut after", "429", "operation fails", "poll refused"],
)
def test_a_restart_is_never_repeated_blindly(
    fault: dict[str, Any], outcome: str, tmp_path: Path
) -> None:
    with fast(scenario(tmp_path, QUIET), speed=2 * SPEED) as azure:
        azure.fault(**({"method": "POST", "path": "/restart$"} | fault))
        ended = fix(azure, tmp_path, "--allow", "downtime")
        posts = sent(azure, "POST", "/restart")
        # A throttled request was certainly not carried out, so it is sent again. In doubt it is
        # sent only once.
        assert len(posts) == (2 if fault["kind"] == "throttle-compute" else 1)
        assert results(tmp_path)[0] == outcome
        if outcome == "applied":
            ended.check(0)
            return
        ended.check(3)
        assert results(tmp_path)[1] == "not-reached"
        assert sent(azure, "POST", "/backup") == []


def test_a_reapply_is_never_repeated_blindly(tmp_path: Path) -> None:
    with fast("agent-unavailable", speed=2 * SPEED) as azure:
        azure.fault("error", method="POST", path="/reapply$", status=500)
        fix(azure, tmp_path, "--allow", "downtime").check(3)
        assert len(azure.writes()) == 1
        assert results(tmp_path) == ["uncertain", "not-reached"]


def test_a_failed_operation_ends_the_run_before_the_next_step(tmp_path: Path) -> None:
    with fast("extension-stuck", speed=2 * SPEED) as azure:
        azure.fault("lro-fails", method="DELETE", path="/extensions/", code="Nope", message="No.")
        ended = fix(azure, tmp_path).check(3)
        assert [w["method"] for w in azure.writes()] == ["DELETE"]
        assert results(tmp_path) == ["failed", "not-reached"]
        assert "Nope" in ended.out
        assert len(azure.state()["jobs"]["web"]) == 1


@pytest.mark.parametrize(("fails", "code"), [(2, 0), (9, 3)])
def test_a_collection_is_tried_three_times_and_no_more(
    fails: int, code: int, tmp_path: Path
) -> None:
    with fast(scenario(tmp_path, WORN), speed=4 * SPEED) as azure:
        azure.fault("lro-fails", method="DELETE", path="/restorePointCollections/", times=fails)
        fix(azure, tmp_path, "--allow", "destructive").check(code)
        assert len(sent(azure, "DELETE", "/restorePointCollections/[^/]*")) == 3
        assert len(triggered(azure)) == TRIED + (0 if code else 1)


POINT = "/restorePoints/[^/]*"
TIMED_OUT = {"kind": "lro-fails", "code": "OperationTimedOut", "method": "DELETE"}


@pytest.mark.parametrize(("times", "code"), [(1, 0), (2, 0), (9, 3)])
def test_a_point_whose_deletion_times_out_is_looked_at_and_tried_three_times(
    times: int, code: int, tmp_path: Path
) -> None:
    with fast(scenario(tmp_path, CRAMPED), speed=4 * SPEED) as azure:
        azure.fault(**TIMED_OUT, path="/restorePoints/", times=times)
        fix(azure, tmp_path, "--allow", "destructive").check(code)
        deletes = sent(azure, "DELETE", POINT)
        assert len(deletes) == min(times, 2) + 1
        assert len({request["path"] for request in deletes}) == 1
        for one, after in pairwise(deletes):
            assert [
                r
                for r in sent(azure, "GET", "/restorePointCollections/[^/]*")
                if one["answered_order"] < r["arrived_order"] < after["arrived_order"]
            ]
        assert len(triggered(azure)) == 1 + (0 if code else 1)


@pytest.mark.parametrize(
    ("vm", "path", "tries"),
    [("points", "/restorePoints/", 1), ("collection", "/restorePointCollections/", 3)],
)
def test_a_deletion_that_was_carried_out_although_it_timed_out_is_not_repeated(
    vm: str, path: str, tries: int, tmp_path: Path
) -> None:
    made = {"points": CRAMPED, "collection": WORN}[vm]
    with fast(scenario(tmp_path, made), speed=4 * SPEED) as azure:
        azure.fault(**TIMED_OUT, path=path, carried_out=True)
        fix(azure, tmp_path, "--allow", "destructive").check(0)
        assert len(sent(azure, "DELETE", ".*")) == 1
        assert len(triggered(azure)) == tries + 1


def test_a_point_that_somebody_reads_is_not_deleted_again_and_again(tmp_path: Path) -> None:
    group = CRAMPED["collection"] | {"points": {"count": 18, "newest": "2h ago", "sas": 18}}
    with fast(scenario(tmp_path, CRAMPED | {"collection": group}), speed=4 * SPEED) as azure:
        fix(azure, tmp_path, "--allow", "destructive").check(3)
        assert len(sent(azure, "DELETE", POINT)) == 1


def test_a_lock_that_is_gone_but_still_refuses_is_waited_out(tmp_path: Path) -> None:
    refusals = 9
    with fast(scenario(tmp_path, WORN)) as azure:
        azure.fault(
            "error",
            method="DELETE",
            path="/restorePointCollections/",
            status=409,
            code="ScopeLocked",
            times=refusals,
        )
        fix(azure, tmp_path, "--allow", "destructive").check(0)
        deletes = sent(azure, "DELETE", "/restorePointCollections/[^/]*")
        assert len(deletes) == refusals + 1
        # The tool reads the locks again before each new try.
        for one, after in pairwise(deletes):
            assert [
                r
                for r in sent(azure, "GET", "/locks")
                if one["answered_order"] < r["arrived_order"] < after["arrived_order"]
            ]


@pytest.mark.parametrize("status", [401, 403, 409])
def test_a_lock_that_went_with_a_lost_answer_is_named_though_the_next_attempt_is_refused(
    status: int, tmp_path: Path
) -> None:
    with fast() as azure:
        path = {"method": "DELETE", "path": "/locks/"}
        azure.fault("cut-after", **path)
        azure.fault("error", **path, status=status, code="Refused", after=1, times=None)
        ended = fix(azure, tmp_path, "--format", "json").check(0)
        assert locks(azure) == []
        assert [lock["name"] for lock in ended.json()["locks_left_off"]] == ["keep"]
        assert [r["status"] for r in sent(azure, "DELETE", "/locks/.*")] == [None, status]


def test_a_lock_that_is_there_is_not_waited_out(tmp_path: Path) -> None:
    """Somebody adds a lock between planning and deleting: one refusal, no second try."""
    vm = WORN | {"name": "web"}
    with fast(scenario(tmp_path, vm)) as azure:
        name = azure.state()["collections"][0]["id"]
        azure.fault(
            "error",
            method="DELETE",
            path="/restorePointCollections/",
            status=409,
            code="ScopeLocked",
            times=None,
        )
        # The deletion's answer comes late enough for somebody to add a lock meanwhile.
        azure.fault("slow", method="DELETE", path="/restorePointCollections/", seconds=1)
        with running(
            azure,
            tmp_path,
            "--job-id",
            azure.failed_jobs("web")[-1],
            "--yes",
            "--allow",
            "destructive",
        ) as tool:
            until(lambda: sent(azure, "DELETE", "/restorePointCollections/[^/]*"), "the deletion")
            call(
                azure,
                "PUT",
                f"{name}/providers/Microsoft.Authorization/locks/new?api-version=2020-05-01",
                {"properties": {"level": "CanNotDelete"}},
            )
            tool.end().check(3)
        assert len(sent(azure, "DELETE", "/restorePointCollections/[^/]*")) == 1
        assert len(triggered(azure)) == TRIED
        assert results(tmp_path) == ["failed", "not-reached"]


def test_the_backup_waits_for_a_lock_to_be_really_off(tmp_path: Path) -> None:
    """A deleted lock leaves the list at once, but it has an effect for a while longer."""
    with fast() as azure:
        azure.fault("lock-propagation", method="DELETE", path="/locks/", seconds=60)
        ended = fix(azure, tmp_path)
        assert len(triggered(azure)) == 1
        assert ended.code in (0, 3)


def test_an_operation_that_never_ends_is_left_when_the_time_is_up(tmp_path: Path) -> None:
    vm = {
        "provisioning": {"state": "failed", "cured_by": "reapply"},
        "collection": FULL,
        "scheduled_backup": "3h ago",
    }
    with SimulatorProcess(scenario(tmp_path, vm), time="stepped") as azure:
        options = ("--allow", "downtime", "--timeout", "3s")
        ended = fix(azure, tmp_path, *options).check(3)
        assert "had not ended when the time was up" in " ".join(ended.out.split())
        assert results(tmp_path)[0] == "uncertain"
        assert triggered(azure) == []


def test_a_discovery_that_never_ends_is_left_when_the_time_is_up(tmp_path: Path) -> None:
    failed = {"at": "3h ago", "vault": "vault-main", "operation": "Register", "code": ""}
    failed["message"] = "Failed to discover new items - Microsoft Azure Backup encountered an "
    failed["message"] += "internal error. Wait for a few minutes and then try the operation again."
    vm = {"protection": None, "discovered": False, "history": [failed]}
    with SimulatorProcess(scenario(tmp_path, vm), time="stepped") as azure:  # time stands still
        ended = fix(azure, tmp_path, "--timeout", "2s").check(3)
        assert len(sent(azure, "POST", "/refreshContainers")) == 1
        assert results(tmp_path) == ["uncertain"]
        assert "it had not ended when the time was up" in " ".join(ended.out.split())
