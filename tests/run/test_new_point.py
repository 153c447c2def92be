"""The verdict says how consistent the new recovery point is, and warns where it should be more."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediator.facts import Facts, Known, RecoveryPoint
from remediator.inspect.jobs import parse_job
from remediator.job.dictionary import Dictionary
from remediator.job.failure import classify
from remediator.job.job import VaultRef
from remediator.reading import Answer
from remediator.run.new_point import describe
from tests.clouds import fast
from tests.command import SPEED
from tests.evidence import fix, scenario

WORSE = "WARNING"


def told(folder: Path, vm: dict[str, Any], policy: dict[str, Any], *denied: str) -> str:
    """The verdict of a run that only backs up."""
    failed = {
        "collection": {"points": {"count": 2, "newest": "1d ago"}},
        "history": [{"at": "3h ago", "code": "UserErrorRpCollectionLimitReached"}],
    }
    vaults = [{"name": "vault-main", "policies": [{"name": "DefaultPolicy"} | policy]}]
    path = scenario(folder, failed | vm, vaults=vaults, principal={"denied": list(denied)})
    with fast(path, speed=2 * SPEED) as azure:
        ended = fix(azure, folder, "--format", "json").check(0).json()
    assert ended["verdict"]["ending"] == "recovered"
    return str(ended["verdict"]["text"])


CRASH: dict[str, Any] = {"backup": {"crash_consistent": True}}
ASKED = {"enhanced": True, "crash_consistent": True}


@pytest.mark.parametrize(
    ("vm", "policy", "says", "warns"),
    [
        ({}, {}, "its recovery point is application-consistent", False),
        ({"os": "linux"}, {}, "its recovery point is file-system consistent", False),
        (CRASH, {}, "crash-consistent; WARNING: the one before was application-consistent", True),
        ({}, ASKED, "crash-consistent, as the policy asks", False),
        ({"power": "deallocated"}, {}, "crash-consistent, because the VM is off", False),
        ({"backup": {"snapshot_only": True}}, {"enhanced": True}, "application-consistent", False),
    ],
    ids=["Windows", "Linux", "fall-back", "as asked", "off", "snapshot only"],
)
def test_the_verdict_tells_the_consistency(
    vm: dict[str, Any], policy: dict[str, Any], says: str, warns: bool, tmp_path: Path
) -> None:
    verdict = told(tmp_path, vm, policy)
    assert says in verdict
    assert (WORSE in verdict) is warns


def test_where_the_point_before_was_no_better_nothing_is_warned_of(tmp_path: Path) -> None:
    points = [{"at": "1d ago", "consistency": "CrashConsistent"}, {"at": "2d ago"}]
    verdict = told(tmp_path, CRASH | {"collection": {"points": points}}, {})
    assert "its recovery point is crash-consistent" in verdict
    assert WORSE not in verdict


def test_with_an_unread_policy_nothing_is_warned_of(tmp_path: Path) -> None:
    verdict = told(tmp_path, CRASH, {}, "Microsoft.RecoveryServices/Vaults/backupPolicies/read")
    assert verdict.endswith("its recovery point is crash-consistent")


def test_a_point_without_a_known_kind_is_not_told(tmp_path: Path) -> None:
    vm: dict[str, Any] = {"collection": {"points": {"count": 2, "newest": "1d ago"}}}
    denied = "Microsoft.RecoveryServices/Vaults/*/recoveryPoints/read"
    assert "recovery point" not in told(tmp_path, vm, {}, denied)


@pytest.mark.parametrize("kind", ["unknown consistency", "Invalid", "snapshot"])
def test_a_word_that_is_not_known_says_nothing(kind: str) -> None:
    at = datetime(2026, 1, 2, 12, tzinfo=UTC)
    answer = Answer(
        body={
            "id": "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"
            "/backupJobs/job-0001",
            "properties": {"operation": "Backup", "startTime": "2026-01-02T12:00:00Z"},
        },
        at=at,
    )
    job = parse_job(answer, VaultRef(subscription="S", group="G", name="V"), "GET job")
    point = RecoveryPoint(time=at, consistency=kind, valid=frozenset(), in_use=False)
    facts = Facts.of(job, classify(job, Dictionary()))
    assert describe(replace(facts, recovery_points=Known((point,), "GET", at)), job) is None
    known = point.model_copy(update={"consistency": "AppConsistent"})
    assert describe(replace(facts, recovery_points=Known((known,), "GET", at)), job)
