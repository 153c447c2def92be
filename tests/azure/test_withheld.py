"""What `remediate` does if Azure throttles, pages or refuses a read, or if the token expires."""

from pathlib import Path
from typing import Any

import pytest

from tests.ailing import locked_twice
from tests.clouds import fast
from tests.command import SPEED
from tests.evidence import fix, locks, record, results, sent, triggered


def test_a_throttled_read_is_waited_for_and_asked_once_more(tmp_path: Path) -> None:
    with fast() as azure:
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
        # The locks are read once to plan, once before applying, once before each of two steps, and
        # twice after the lock's removal.
        assert len(asked) <= 7
        assert len(triggered(azure)) == 1


@pytest.mark.parametrize("path", ["/locks$", "/restorePointCollections$", "/backupJobs$"])
def test_what_may_not_be_read_is_unknown_and_holds_everything(path: str, tmp_path: Path) -> None:
    with fast() as azure:
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


def test_a_list_in_two_pages_is_read_to_its_end(tmp_path: Path) -> None:
    with fast(locked_twice(tmp_path, "group:AzureBackupRG_westeurope_1")) as azure:
        azure.fault("half-page", method="GET", path="/locks$", times=None)
        fix(azure, tmp_path).check(0)
        assert locks(azure) == []
        assert len(sent(azure, "DELETE", "/locks/.*")) == 2


@pytest.mark.parametrize(
    "second", [{"kind": "error", "status": 404, "code": "Gone"}, {"kind": "error", "status": 403}]
)
def test_half_a_list_is_never_taken_for_the_whole(second: dict[str, Any], tmp_path: Path) -> None:
    with fast(locked_twice(tmp_path, "subscription")) as azure:
        azure.fault("half-page", method="GET", path="/locks$", times=None)
        azure.fault(method="GET", path="/locks$", after=1, times=None, **second)
        ended = fix(azure, tmp_path, "--format", "json").check(3)
        assert len(sent(azure, "GET", "/locks")) >= 2
        assert azure.writes() == []
        assert not ended.json()["summary"]["has_changes"]


def test_a_refused_deletion_is_told_in_one_line_and_ends_the_run(tmp_path: Path) -> None:
    with fast("permission-denied") as azure:
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


@pytest.mark.parametrize("after", [23, 26, 35])
def test_a_token_that_expires_on_the_way_leaves_a_true_record(after: int, tmp_path: Path) -> None:
    with fast() as azure:
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
            # The backup runs, but nobody may read its job. The run must say so.
            assert results(tmp_path) == ["applied", "uncertain"]
            assert triggered(azure)[0]["name"] in ended.out
        else:
            first = results(tmp_path)[0]
            assert results(tmp_path)[1] == ("failed" if first == "applied" else "not-reached")
            assert first == ("unsettled" if after == 23 else "applied")
        assert ("Not known whether it is off" if after == 23 else "Left off") in ended.out


def test_a_token_that_expires_while_planning_is_one_line(tmp_path: Path) -> None:
    with fast() as azure:
        azure.fault("token-expired", times=None)
        ended = fix(azure, tmp_path).check(1)
        (line,) = ended.err.splitlines()
        assert "the token has expired: sign in again" in line
        assert azure.writes() == []
