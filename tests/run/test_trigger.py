"""The request id finds the trigger's own job, even if another backup begins at the same moment."""

import json
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from remediator.job.request_ids import is_ours
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.evidence import record, results, running, sent, until

BACKUP = {"method": "POST", "path": "/backup$"}
SOMEBODY = "7d0cd0d3-0000-4000-8000-0000000000aa"
"""The request id of somebody else's backup."""


def somebody_backs_up(azure: SimulatorProcess, path: str) -> None:
    """Trigger a backup of the same VM as another person."""
    body = {
        "properties": {
            "objectType": "IaasVMBackupRequest",
            "recoveryPointExpiryTimeInUTC": "2030-01-01T00:00:00Z",
        }
    }
    request = urllib.request.Request(  # noqa: S310 - our own child process
        f"{azure.url}{path}?api-version=2024-10-01",
        method="POST",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {azure.token}",
            "Content-Type": "application/json",
            "x-ms-client-request-id": SOMEBODY,
        },
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass


def to_its_end(azure: SimulatorProcess, running_process: Any) -> None:
    """Let simulated time pass until the command has ended."""

    def ended() -> bool:
        azure.advance(30)
        return running_process.poll() is not None

    until(ended, "the end of the run")


def ours(azure: SimulatorProcess) -> list[dict[str, Any]]:
    return [job for job in azure.state()["jobs"]["web"] if is_ours(job["activity_id"])]


@pytest.mark.parametrize("first", ["the tool", "somebody else"])
def test_of_two_backups_begun_at_the_same_second_the_own_one_is_followed(
    first: str, tmp_path: Path
) -> None:
    """The answer to the trigger is lost, and another user's backup begins at the same moment."""
    with SimulatorProcess("limit-reached", time="stepped") as azure:
        if first == "somebody else":
            azure.fault("lands-late", **BACKUP, seconds=2)
        azure.fault("cut-after", **BACKUP)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes") as tool:
            until(lambda: sent(azure, "POST", "/backup"), "the trigger")
            [post] = sent(azure, "POST", "/backup")
            if first == "the tool":
                until(lambda: ours(azure), "the backup of the tool")
            somebody_backs_up(azure, post["path"])
            until(lambda: ours(azure), "the backup of the tool")
            to_its_end(azure, tool.process)
            ended = tool.end()
        posts = [r for r in sent(azure, "POST", "/backup") if r["n"] != post["n"]]
        assert len(posts) == 1, "somebody's, and none of the tool's besides its first"
        [own] = ours(azure)
        begun = {j["activity_id"]: j["started"] for j in azure.state()["jobs"]["web"]}
        assert begun[SOMEBODY] == own["started"]
    followed = {e["job_id"].rsplit("/", 1)[-1] for e in record(tmp_path) if e["kind"] == "job"}
    assert followed == {own["name"]}
    if first == "the tool":
        assert ended.code == 0
        assert "RECOVERED" in ended.out
    else:
        assert ended.code == 3
        assert "UserErrorBackupOperationInProgress" in ended.out


def test_while_somebody_elses_backup_runs_a_lost_trigger_is_not_sent_again(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped") as azure:
        azure.fault("cut-before", **BACKUP)
        job = azure.failed_jobs("web")[-1]
        with running(azure, tmp_path, "--job-id", job, "--yes") as tool:
            until(lambda: sent(azure, "POST", "/backup"), "the trigger")
            [post] = sent(azure, "POST", "/backup")
            somebody_backs_up(azure, post["path"])
            to_its_end(azure, tool.process)
            ended = tool.end().check(3)
        assert ours(azure) == []
        assert len(sent(azure, "POST", "/backup")) == 2
    assert "is not triggered again" in ended.out


def test_the_trigger_says_how_long_its_point_is_kept(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="fast") as azure:
        options = ("--yes", "--retain-days", "7", "--format", "json")
        job = azure.failed_jobs("web")[-1]
        env = environment(azure, tmp_path)
        remediate("--job-id", job, *options, env=env).check(0)
        [post] = sent(azure, "POST", "/backup")
    told = post["body"]["properties"]["recoveryPointExpiryTimeInUTC"]
    seen = record(tmp_path)[0]["plan"]["job"]["seen"]
    kept = datetime.fromisoformat(told) - datetime.fromisoformat(seen)
    # The days count from the tool's clock. The simulator's runs fast, and may be in the next day.
    ahead = timedelta(hours=1)
    assert timedelta(days=7) - ahead < kept <= timedelta(days=8), "up to the end of a day"


def test_every_request_id_of_the_tool_is_a_uuid_of_version_8(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="fast") as azure:
        job = azure.failed_jobs("web")[-1]
        remediate("--job-id", job, "--yes", env=environment(azure, tmp_path)).check(0)
        [own] = ours(azure)
    [intent] = [e for e in record(tmp_path) if e["kind"] == "intent" and e["request_id"]]
    assert own["activity_id"] == intent["request_id"]
    assert UUID(own["activity_id"]).version == 8


@pytest.mark.parametrize(
    "answer",
    [{"status": 403, "code": "AuthorizationFailed"}, {"status": 404, "code": "Gone"}],
    ids=lambda answer: str(answer["status"]),
)
def test_an_operation_that_cannot_be_read_leads_to_the_job_list_at_once(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    """Azure has accepted the trigger. A failed read of the operation says nothing of the job."""
    with SimulatorProcess("limit-reached", time="stepped", step=30) as azure:
        azure.fault("error", method="GET", path="/operationsStatus/", times=None, **answer)
        job = azure.failed_jobs("web")[-1]
        ended = remediate("--job-id", job, "--yes", env=environment(azure, tmp_path))
        ended.check(0)
        assert len(sent(azure, "POST", "/backup")) == 1
        assert len(sent(azure, "GET", "/protectedItems/[^/]+/operationsStatus/[^/]*")) == 1
        assert len(ours(azure)) == 1


def test_a_new_job_that_cannot_be_read_is_no_refusal_of_the_backup(tmp_path: Path) -> None:
    """Azure has accepted the trigger. So the tool may not say that the backup had no effect."""
    with SimulatorProcess("limit-reached", time="stepped", step=30) as azure:
        job = azure.failed_jobs("web")[-1]
        known = "|".join(each["name"] for each in azure.state()["jobs"]["web"])
        new = f"/backupJobs/(?!{known})[^/]+$"
        azure.fault("error", method="GET", path=new, times=None, status=403)
        ended = remediate("--job-id", job, "--yes", env=environment(azure, tmp_path)).check(3)
        assert len(ours(azure)) == 1
    assert results(tmp_path) == ["applied", "uncertain"]
    assert "was triggered but cannot be followed" in " ".join(ended.out.split())
