"""What can go wrong between us and Azure, and what `remediate` makes of it.

Judged from outside: by the server's log, the state of its cloud, exit codes and records.
"""

import socket
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import pytest

from remediator.proving.by_hand import call
from remediator.simulator.process import SimulatorProcess
from tests.ailing import WORN
from tests.command import SPEED
from tests.evidence import (
    FULL,
    fix,
    locks,
    record,
    results,
    running,
    scenario,
    sent,
    triggered,
    until,
)

BACKUP = {"method": "POST", "path": "/backup$"}
QUIET = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "on_demand_backup": "2h ago",
    "scheduled_backup": "1h ago",
}
"""A VM whose agent is silent, and whose first remedy has been tried: a restart is next."""

TRIED = 3
"""So many backups that a user triggered are in that history."""


def start(scenario: str | Path = "limit-reached", speed: float = SPEED) -> SimulatorProcess:
    return SimulatorProcess(scenario, time="fast", speed=speed)


# --- reads --------------------------------------------------------------------------------------


def test_a_throttled_read_is_waited_for_and_asked_once_more(tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("throttle-arm", method="GET", path="/locks$", retry_after=1.2 * SPEED)
        fix(azure, tmp_path).check(0)
        asked = sent(azure, "GET", "/locks")
        assert [r["status"] for r in asked].count(429) == 1
        first = next(r for r in asked if r["status"] == 429)
        after = [r for r in asked if r["arrived"] > first["answered"]]
        assert min(r["arrived"] for r in after) - first["answered"] >= 1.0
        assert not [
            r
            for r in azure.requests()
            if r["method"] == "GET"
            and first["answered"] + 0.1 < r["arrived"] < first["answered"] + 0.95
            and r["path"].startswith("/subscriptions/")
        ]
        # Once to plan, once before applying, once before each of two steps, twice after the lock.
        assert len(asked) <= 7
        assert len(triggered(azure)) == 1


@pytest.mark.parametrize("path", ["/locks$", "/restorePointCollections$", "/backupJobs$"])
def test_what_may_not_be_read_is_unknown_and_holds_everything(path: str, tmp_path: Path) -> None:
    with start() as azure:
        azure.fault(
            "error", status=403, code="AuthorizationFailed", method="GET", path=path, times=None
        )
        ended = fix(azure, tmp_path, "--format", "json").check(3)
        assert azure.writes() == []
        plan = ended.json()
        assert not plan["summary"]["has_changes"]
        assert "held" in {step["kind"] for step in plan["steps"]}
        assert "AuthorizationFailed" in ended.out
        assert not (tmp_path / "runs").exists()


def locked_twice(folder: Path, second: str) -> Path:
    """A full VM with a lock on its restore points' group, and another one."""
    vm = {"collection": FULL, "scheduled_backup": "3h ago"}
    first = {"name": "first", "scope": "group:AzureBackupRG_westeurope_1"}
    return scenario(folder, vm, locks=[first, {"name": "second", "scope": second}])


def test_a_list_in_two_pages_is_read_to_its_end(tmp_path: Path) -> None:
    with start(locked_twice(tmp_path, "group:AzureBackupRG_westeurope_1")) as azure:
        azure.fault("half-page", method="GET", path="/locks$", times=None)
        fix(azure, tmp_path).check(0)
        assert locks(azure) == []
        assert len(sent(azure, "DELETE", "/locks/.*")) == 2


@pytest.mark.parametrize(
    "second", [{"kind": "error", "status": 404, "code": "Gone"}, {"kind": "error", "status": 403}]
)
def test_half_a_list_is_never_taken_for_the_whole(second: dict[str, Any], tmp_path: Path) -> None:
    with start(locked_twice(tmp_path, "subscription")) as azure:
        azure.fault("half-page", method="GET", path="/locks$", times=None)
        azure.fault(method="GET", path="/locks$", after=1, times=None, **second)
        ended = fix(azure, tmp_path, "--format", "json").check(3)
        assert len(sent(azure, "GET", "/locks")) >= 2
        assert azure.writes() == []
        assert not ended.json()["summary"]["has_changes"]


# --- the trigger --------------------------------------------------------------------------------


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
    with start() as azure:
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
    with start() as azure:
        azure.fault("cut-after", **BACKUP)
        azure.fault("job-late", **BACKUP, seconds=late)
        fix(azure, tmp_path).check(0)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(triggered(azure)) == 1


def test_a_job_that_shows_late_is_found_by_its_operation(tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("job-late", **BACKUP, seconds=600)
        ended = fix(azure, tmp_path)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(triggered(azure)) == 1
        assert ended.code in (0, 3)
        if ended.code == 3:
            assert results(tmp_path) == ["applied", "uncertain"]


def test_a_trigger_is_not_sent_again_while_the_jobs_cannot_be_read(tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("cut-after", **BACKUP)
        # Read once each to plan, for the guards, before applying, before the lock goes and before
        # the trigger; refused from then on.
        azure.fault("error", status=403, path="/backupJobs$", method="GET", after=5, times=None)
        ended = fix(azure, tmp_path, "--timeout", "4s").check(3)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(triggered(azure)) == 1
        assert results(tmp_path) == ["applied", "uncertain"]
        assert "Traceback" not in ended.err


def test_a_trigger_that_azure_keeps_refusing_ends_with_its_words(tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("error", **BACKUP, status=409, code="Busy", message="Not now.", times=None)
        ended = fix(azure, tmp_path).check(3)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert results(tmp_path) == ["applied", "failed"]
        assert "Busy (409)" in ended.out
        assert "Not now" in ended.out


def test_an_operation_that_refuses_the_backup_is_a_failure(tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("lro-fails", **BACKUP, code="NotToday", message="No.", times=None)
        ended = fix(azure, tmp_path).check(3)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert triggered(azure) == []
        assert results(tmp_path)[0] == "applied"
        assert results(tmp_path)[1] != "applied"
        assert "NotToday" in ended.out


# --- what restarts a VM -------------------------------------------------------------------------


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
    with start(scenario(tmp_path, QUIET), speed=2 * SPEED) as azure:
        azure.fault(**({"method": "POST", "path": "/restart$"} | fault))
        ended = fix(azure, tmp_path, "--allow", "downtime")
        posts = sent(azure, "POST", "/restart")
        # Throttled it was certainly not carried out; in doubt it stays at one.
        assert len(posts) == (2 if fault["kind"] == "throttle-compute" else 1)
        assert results(tmp_path)[0] == outcome
        if outcome == "applied":
            ended.check(0)
            return
        ended.check(3)
        assert results(tmp_path)[1] == "not-reached"
        assert sent(azure, "POST", "/backup") == []


def test_a_reapply_is_never_repeated_blindly(tmp_path: Path) -> None:
    with start("agent-unavailable", speed=2 * SPEED) as azure:
        azure.fault("error", method="POST", path="/reapply$", status=500)
        fix(azure, tmp_path, "--allow", "downtime").check(3)
        assert len(azure.writes()) == 1
        assert results(tmp_path) == ["uncertain", "not-reached"]


# --- deletions ----------------------------------------------------------------------------------


def test_a_failed_operation_ends_the_run_before_the_next_step(tmp_path: Path) -> None:
    with start("extension-stuck", speed=2 * SPEED) as azure:
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
    with start(scenario(tmp_path, WORN), speed=4 * SPEED) as azure:
        azure.fault("lro-fails", method="DELETE", path="/restorePointCollections/", times=fails)
        fix(azure, tmp_path, "--allow", "destructive").check(code)
        assert len(sent(azure, "DELETE", "/restorePointCollections/[^/]*")) == 3
        assert len(triggered(azure)) == TRIED + (0 if code else 1)


def test_a_lock_that_is_gone_but_still_refuses_is_waited_out(tmp_path: Path) -> None:
    refusals = 9
    with start(scenario(tmp_path, WORN)) as azure:
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
        # The locks are looked at again before each new try.
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
    with start() as azure:
        path = {"method": "DELETE", "path": "/locks/"}
        azure.fault("cut-after", **path)
        azure.fault("error", **path, status=status, code="Refused", after=1, times=None)
        ended = fix(azure, tmp_path, "--format", "json").check(0)
        assert locks(azure) == []
        assert [lock["name"] for lock in ended.json()["locks_left_off"]] == ["keep"]
        assert [r["status"] for r in sent(azure, "DELETE", "/locks/.*")] == [None, status]


def test_a_lock_that_is_there_is_not_waited_out(tmp_path: Path) -> None:
    """A lock put on between planning and deleting: one refusal, no second try."""
    vm = WORN | {"name": "web"}
    with start(scenario(tmp_path, vm)) as azure:
        name = azure.state()["collections"][0]["id"]
        azure.fault(
            "error",
            method="DELETE",
            path="/restorePointCollections/",
            status=409,
            code="ScopeLocked",
            times=None,
        )
        # The deletion is answered late enough for a lock to be put on meanwhile.
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
    """Reads stop showing a deleted lock at once; what it held stays held for a while."""
    with start() as azure:
        azure.fault("lock-propagation", method="DELETE", path="/locks/", seconds=60)
        ended = fix(azure, tmp_path)
        assert len(triggered(azure)) == 1
        assert ended.code in (0, 3)


# --- permissions and sign-in --------------------------------------------------------------------


def test_a_refused_deletion_is_told_in_one_line_and_ends_the_run(tmp_path: Path) -> None:
    with start("permission-denied") as azure:
        # A deny assignment would do the same: the preflight does not see it.
        ended = fix(azure, tmp_path, "--no-preflight").check(3)
        (refused,) = azure.writes()
        assert refused["status"] == 403
        assert results(tmp_path) == ["failed", "not-reached"]
        correlation = refused["response_headers"]["x-ms-correlation-request-id"]
        told = next(e for e in record(tmp_path) if e["kind"] == "outcome")["outcome"]["text"]
        for part in ("Microsoft.Authorization/locks/delete", refused["path"], correlation):
            assert part in told
        assert "\n" not in told
        assert any(
            "AuthorizationFailed" in line and correlation in line for line in ended.err.splitlines()
        )
        assert locks(azure) == ["keep"]
        assert not [e for e in record(tmp_path) if e["kind"] == "lease-returned"]


@pytest.mark.parametrize("after", [26, 29, 38])
def test_a_token_that_expires_on_the_way_leaves_a_true_record(after: int, tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("token-expired", after=after, times=None)
        ended = fix(azure, tmp_path).check(3)
        assert any(
            "the token has expired: sign in again" in line for line in ended.err.splitlines()
        )
        kinds = [entry["kind"] for entry in record(tmp_path)]
        assert kinds[-1] == "concluded"
        posts = sent(azure, "POST", "/backup")
        assert len(triggered(azure)) == len([p for p in posts if p["status"] == 202])
        if posts:
            # It runs, and nobody may look: that is what must be said.
            assert results(tmp_path) == ["applied", "uncertain"]
            assert triggered(azure)[0]["name"] in ended.out
        else:
            first = results(tmp_path)[0]
            assert results(tmp_path)[1] == ("failed" if first == "applied" else "not-reached")
            assert first == ("unsettled" if after == 26 else "applied")
        assert "Left off" in ended.out


def test_a_token_that_expires_while_planning_is_one_line(tmp_path: Path) -> None:
    with start() as azure:
        azure.fault("token-expired", times=None)
        ended = fix(azure, tmp_path).check(1)
        (line,) = ended.err.splitlines()
        assert "the token has expired: sign in again" in line
        assert azure.writes() == []


# --- addresses that lead elsewhere --------------------------------------------------------------


class Elsewhere:
    """A server of somebody else, which takes note of all that it is sent."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.received: list[bytes] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                caller, _ = self._socket.accept()
            except TimeoutError:
                continue
            with caller:
                caller.settimeout(0.5)
                try:
                    self.received.append(caller.recv(65536))
                except OSError:
                    self.received.append(b"")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        yield server


def test_the_other_server_would_notice_a_visit(elsewhere: Elsewhere) -> None:
    with socket.create_connection(("127.0.0.1", int(elsewhere.url.rsplit(":", 1)[1]))) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert caller.recv(1) == b""
    assert elsewhere.received == [b"GET / HTTP/1.1\r\n\r\n"]


def test_a_next_page_elsewhere_is_not_fetched(elsewhere: Elsewhere, tmp_path: Path) -> None:
    with start(locked_twice(tmp_path, "subscription")) as azure:
        azure.fault("half-page", method="GET", path="/locks$", times=None)
        azure.fault("foreign-link", path="/locks$", times=None, host=elsewhere.url)
        ended = fix(azure, tmp_path).check(3)
        assert azure.writes() == []
        assert "refused to follow an address outside" in " ".join(ended.out.split())
    assert elsewhere.received == []


@pytest.mark.parametrize(
    ("name", "write", "outcomes"),
    [
        ("extension-stuck", "DELETE", ["applied", "applied"]),
        ("limit-reached", "POST", ["applied", "uncertain"]),
    ],
    ids=["an effect can be seen without it", "the backup cannot be told from others"],
)
def test_an_operation_elsewhere_is_not_followed(
    name: str, write: str, outcomes: list[str], elsewhere: Elsewhere, tmp_path: Path
) -> None:
    with start(name) as azure:
        path = "/backup$" if write == "POST" else "/extensions/"
        azure.fault("foreign-link", method=write, path=path, times=None, host=elsewhere.url)
        ended = fix(azure, tmp_path, "--timeout", "1h")
        ended.check(3 if "uncertain" in outcomes else 0)
        assert len(sent(azure, write, path.rstrip("$") + ".*")) == 1
        # It was accepted; that nobody could follow it does not undo it.
        assert results(tmp_path) == outcomes
        assert any("refused to follow an address outside" in s for s in ended.err.splitlines())
    assert elsewhere.received == []


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
