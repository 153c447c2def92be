"""Faults, and their traces in the log."""

import http.client
import threading
import urllib.error

import pytest

from .client import BACKUP, LOCKS, Client
from .conftest import Start


def test_throttles_and_errors(start: Start) -> None:
    client = start("healthy", time="real")
    cloud = client.cloud
    cloud.fault("throttle-arm", method="GET", path="/virtualMachines/web$", retry_after=7)
    answer = client.get(client.vm())
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert "x-ms-ratelimit-remaining-subscription-reads" not in answer.headers
    assert client.get(client.vm()).status == 200
    cloud.fault("throttle-compute", path="instanceView", after=1, times=2)
    statuses = [client.get(f"{client.vm()}/instanceView").status for _ in range(4)]
    assert statuses == [200, 429, 429, 200]
    cloud.fault("error", status=503, times=None)
    assert client.get(client.vm()).code == "ServerTimeout"
    cloud.clear_faults()
    cloud.fault("token-expired")
    assert client.get(client.vm()).code == "ExpiredAuthenticationToken"


def test_a_connection_that_is_cut_before_or_after(start: Start) -> None:
    client = start("healthy")
    path = f"{client.scope}/providers/Microsoft.Authorization/locks/mine"
    body = {"properties": {"level": "CanNotDelete"}}
    for kind, carried_out in [("cut-before", False), ("cut-after", True)]:
        client.cloud.fault(kind, method="PUT")
        with pytest.raises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
            client.call("PUT", path, LOCKS, body=body)
        assert (client.get(path, LOCKS).status == 200) is carried_out
    cut = [entry for entry in client.cloud.requests() if entry["status"] is None]
    assert [entry["response"] is not None for entry in cut] == [False, True]


def test_an_operation_that_fails(start: Start) -> None:
    client = start("healthy")
    client.cloud.fault("lro-fails", method="POST", path="/restart$", code="Nope", message="No.")
    accepted = client.call("POST", f"{client.vm()}/restart")
    client.cloud.advance(60)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert status["error"] == {"code": "Nope", "message": "No."}
    assert client.get(accepted.headers["location"]).status == 409
    assert client.get(client.vm()).body["properties"]["provisioningState"] == "Succeeded"
    client.cloud.fault("lro-fails", path="/backup$")
    accepted = client.trigger()
    client.cloud.advance(10)
    assert client.get(accepted.headers["azure-asyncoperation"]).body["status"] == "Failed"


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_deletion_that_times_out_may_be_carried_out(start: Start, carried_out: bool) -> None:
    client = start("limit-reached-slow-cleanup")
    client.cloud.fault(
        "lro-fails", method="DELETE", code="OperationTimedOut", carried_out=carried_out
    )
    [collection] = client.cloud.state()["collections"]
    path = f"{collection['id']}/restorePoints/{collection['points'][0]}"
    accepted = client.call("DELETE", path)
    client.cloud.advance(60)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    assert (status["status"], status["error"]["code"]) == ("Failed", "OperationTimedOut")
    assert client.get(path).status == (404 if carried_out else 200)


def test_links_to_somewhere_else(start: Start) -> None:
    client = start("agent-unavailable")
    client.cloud.fault("foreign-link", host="https://thief.invalid")
    accepted = client.call("POST", f"{client.vm()}/restart")
    assert accepted.headers["location"].startswith("https://thief.invalid/")
    client.cloud.fault("half-page", path="/virtualMachines$")
    client.cloud.fault("foreign-link", path="/virtualMachines$", host="https://thief.invalid")
    machines = client.get(f"{client.scope}/providers/Microsoft.Compute/virtualMachines").body
    assert machines["nextLink"].startswith("https://thief.invalid/")


def test_pages(start: Start) -> None:
    client = start("backup-in-progress")
    client.cloud.fault("half-page", path="/backupJobs$")
    first = client.get(f"{client.vault()}/backupJobs", BACKUP, _filter="operation eq 'Backup'").body
    assert len(first["value"]) == 1
    second = client.get(first["nextLink"]).body
    assert len(second["value"]) == 1
    assert "nextLink" not in second
    assert first["value"][0]["name"] != second["value"][0]["name"]
    bad = client.get(f"{client.vault()}/backupJobs", BACKUP, _skipToken="!")
    assert bad.status == 400


def test_a_job_that_appears_late(start: Start) -> None:
    client = start("healthy")
    client.cloud.fault("job-late", path="/backup$", seconds=300)
    accepted = client.trigger()
    client.cloud.advance(20)
    status = client.get(accepted.headers["azure-asyncoperation"]).body
    job = f"{client.vault()}/backupJobs/{status['properties']['jobId']}"
    assert client.get(job, BACKUP).status == 404
    client.cloud.advance(300)
    assert client.get(job, BACKUP).status == 200


def test_propagation_of_one_deletion(start: Start) -> None:
    client = start("limit-reached")
    client.cloud.fault("lock-propagation", seconds=45)
    group = client.group("AzureBackupRG_westeurope_1")
    client.delete(f"{group}/providers/Microsoft.Authorization/locks/keep", LOCKS)
    assert client.delete(client.collection()).code == "ScopeLocked"
    client.cloud.advance(45)
    assert client.delete(client.collection()).status == 202


def test_the_log_counts_round_trips(start: Start) -> None:
    client = start("healthy", latency=0.2)
    threads = [
        threading.Thread(target=client.get, args=(client.vm(),), name=str(n)) for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.call(
        "POST", f"{client.vm()}/restart", headers={"User-Agent": "tester", "Accept-Language": "zh"}
    )
    log = client.cloud.requests()
    assert [entry["method"] for entry in log] == ["GET", "GET", "GET", "POST"]
    assert max(entry["arrived_order"] for entry in log[:3]) < min(
        entry["answered_order"] for entry in log[:3]
    )
    last = log[-1]
    assert last["headers"] == {
        "user-agent": "tester",
        "accept-language": "zh",
        "authorization": "Bearer",
    }
    assert last["path"] == f"{client.vm()}/restart"
    assert last["api_version"] == "2024-11-01"
    assert last["status"] == 202
    assert client.cloud.token not in str(log)
    assert [entry["n"] for entry in client.cloud.writes()] == [last["n"]]
    client.cloud.clear_log()
    assert client.cloud.requests() == []


def test_a_slow_answer(start: Start) -> None:
    client = start("healthy")
    client.cloud.fault("slow", seconds=0.3)
    client.get(client.vm())
    entry = client.cloud.requests()[0]
    assert entry["answered"] - entry["arrived"] >= 0.3


def test_a_fault_nobody_knows_is_refused(demo: Client) -> None:
    with pytest.raises(Exception, match="400"):
        demo.cloud.fault("earthquake")
    with pytest.raises(Exception, match="not a regular expression"):
        demo.cloud.fault("slow", path="(")
