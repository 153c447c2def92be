"""A cancelled backup has no error. The tool knows it by its status."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediator.inspect.jobs import parse_job
from remediator.job.failure import Confidence, classify
from remediator.job.job import Job, VaultRef
from remediator.reading import Answer
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.job.messages import CATALOGUE
from tests.places import RECORDINGS

RECORDED = RECORDINGS / "cases" / "04-cancelled-backup-without-error.json"
CODE = "UserErrorJobSuccessfullyCancelled"


def parsed(body: dict[str, Any]) -> Job:
    """Read a job from the vault's answer."""
    vault = VaultRef(subscription="s", group="g", name="v")
    return parse_job(Answer(body=body, at=datetime(2026, 1, 2, tzinfo=UTC)), vault, "GET j")


def job(status: str, *errors: dict[str, Any], dynamic: str = "") -> Job:
    return parsed(
        {
            "id": "j",
            "name": "j",
            "properties": {
                "backupManagementType": "AzureIaasVM",
                "operation": "Backup",
                "status": status,
                "errorDetails": list(errors),
                "extendedInfo": {"dynamicErrorMessage": dynamic},
            },
        }
    )


@pytest.mark.parametrize("status", ["Cancelled", "Canceled", "CANCELLED", "canceled"])
def test_the_status_is_the_code(status: str) -> None:
    found = classify(job(status), CATALOGUE)
    assert (found.code, found.confidence) == (CODE, Confidence.CERTAIN)
    assert found.evidence == f"status = {status} (GET j)"
    assert found.unconfirmed is None


@pytest.mark.parametrize("status", ["Failed", "Cancelling", "CompletedWithWarnings", ""])
def test_no_other_status_is(status: str) -> None:
    assert not classify(job(status), CATALOGUE).known


def test_the_recorded_job_is_known() -> None:
    if not RECORDED.is_file():
        pytest.skip(f"no recordings beside the project: {RECORDED}")
    found = classify(parsed(json.loads(RECORDED.read_text(encoding="utf-8"))), CATALOGUE)
    assert (found.code, found.confidence) == (CODE, Confidence.CERTAIN)


def test_an_error_that_a_cancelled_job_names_counts_more() -> None:
    named = {"errorCode": 400160, "errorTitle": "UserErrorVmProvisioningStateFailed"}
    assert classify(job("Cancelled", named), CATALOGUE).code == named["errorTitle"]


def test_prose_counts_less_than_the_status_and_so_does_a_catch_all() -> None:
    caught = {"errorTitle": "BackUpOperationFailed"}
    found = classify(job("Cancelled", caught, dynamic="See ScopeLocked."), CATALOGUE)
    assert (found.code, found.confidence) == (CODE, Confidence.CERTAIN)


def test_a_cancelled_backup_is_made_up_for(tmp_path: Path) -> None:
    scenario = {
        "vaults": [{"name": "vault-main"}],
        "vms": [
            {
                "name": "web",
                "protection": {"vault": "vault-main"},
                "collection": {"points": {"count": 2, "newest": "1d ago"}},
                "history": [{"at": "3h ago", "status": "Cancelled"}],
            }
        ],
    }
    path = tmp_path / "scenario.yaml"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    with SimulatorProcess(path, time="stepped", step=30) as azure:
        [cancelled] = azure.state()["jobs"]["web"]
        assert (cancelled["status"], cancelled["codes"]) == ("Cancelled", [])
        env = environment(azure, tmp_path)
        asked = ("--job-id", cancelled["id"], "--format", "json")
        plan = remediate(*asked, "--dry-run", env=env).check(0).json()
        assert (plan["failure"]["code"], plan["failure"]["confidence"]) == (CODE, "certain")
        assert "status = Cancelled" in plan["failure"]["evidence"]
        assert [step["action"] for step in plan["steps"]] == ["back-up-now"]
        assert azure.writes() == []

        done = remediate(*asked, "--yes", env=env).check(0).json()
        assert done["verdict"]["ending"] == "recovered"
        assert [w["method"] for w in azure.writes()] == ["POST"]
