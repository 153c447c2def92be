"""Every long-running operation of the vault, from its 202 to its last state."""

import re
from collections.abc import Iterator
from typing import Any

from tests.conformance.shapes import BACKUP, GUID, SEVEN, Problems
from tests.simulator.client import Answer, Client


def _links(answer: Answer, below: str, status: str, result: str) -> Problems:
    """Compare the 202 of the backup service with the recorded ones."""
    if answer.status != 202 or answer.body is not None:
        yield f"{answer.status} with {answer.body}, not an empty 202"
        return
    got = answer.headers
    for name, tail in (("azure-asyncoperation", status), ("location", result)):
        pattern = rf"https?://[^/]+{re.escape(below)}/{tail}/{GUID}\?api-version={BACKUP}"
        if not re.fullmatch(pattern, got.get(name, "")):
            yield f"{name} is {got.get(name)}"
    if "retry-after" not in got or got.get("content-length") != "0":
        yield "the 202 lacks Retry-After or its Content-Length is not 0"


def _vault_poll(client: Client, link: str, ended: bool) -> Problems:
    number = link.partition("?")[0].rpartition("/")[2]
    for url in (link, f"{client.vault()}/backupOperations/{number}"):
        poll = client.get(url, BACKUP)
        keys = ["id", "name", "status", "startTime", "endTime"] + ["properties"] * ended
        if poll.status != 200 or list(poll.body) != keys:
            yield f"the poll of {url} is {poll.status} with {poll.body}"
            continue
        wanted = ("Succeeded", SEVEN + "Z") if ended else ("InProgress", "0001-01-01T00:00:00")
        if poll.body["status"] != wanted[0] or not re.fullmatch(wanted[1], poll.body["endTime"]):
            yield f"the poll says {poll.body}"
        if {poll.body["id"], poll.body["name"]} != {number}:
            yield f"the poll names {poll.body['id']}"
        if ended and list(poll.body["properties"]) != ["objectType", "jobId"]:
            yield f"the operation's properties are {poll.body['properties']}"


def _vault_walk(
    client: Client, answer: Answer, below: str, status: str, result: str
) -> Iterator[str]:
    problems = list(_links(answer, below, status, result))
    yield from problems
    if problems:
        return
    link, location = answer.headers["azure-asyncoperation"], answer.headers["location"]
    yield from _vault_poll(client, link, ended=False)
    if (early := client.get(location, BACKUP)).status != 202 or early.body is not None:
        yield f"Location answers {early.status} while it runs"
    client.cloud.advance(120)
    yield from _vault_poll(client, link, ended=True)
    if (late := client.get(location, BACKUP)).status not in {200, 204}:
        yield f"Location answers {late.status} at the end"


def _job(client: Client, answer: Answer) -> dict[str, Any]:
    operation = client.get(answer.headers["azure-asyncoperation"], BACKUP).body
    job = operation["properties"]["jobId"]
    found: dict[str, Any] = client.get(f"{client.vault()}/backupJobs/{job}", BACKUP).body
    return found


def back_up(client: Client) -> Problems:
    """Trigger a backup and follow its job through the recorded course of its two tasks."""
    item = client.item("web1")
    body = {
        "properties": {
            "objectType": "IaasVMBackupRequest",
            "recoveryPointExpiryTimeInUTC": "2027-06-12T00:00:00.000Z",
        }
    }
    answer = client.call("POST", f"{item}/backup", BACKUP, body=body)
    links = list(_links(answer, item, "operationsStatus", "operationResults"))
    yield from links
    if links:
        return
    yield from _vault_poll(client, answer.headers["azure-asyncoperation"], ended=False)
    client.cloud.advance(11)
    yield from _vault_poll(client, answer.headers["azure-asyncoperation"], ended=True)
    course: list[list[str]] = []
    while True:
        job = _job(client, answer)["properties"]
        tasks = [task["status"] for task in job["extendedInfo"]["tasksList"]]
        course += [tasks] if not course or course[-1] != tasks else []
        if ("endTime" in job) != (job["status"] != "InProgress"):
            yield f"a job that is {job['status']} has endTime {job.get('endTime')}"
        if job["status"] != "InProgress":
            break
        client.cloud.advance(5)
    wanted = [["InProgress", "NotStarted"], ["Completed", "NotStarted"]]
    wanted += [["Completed", "InProgress"], ["Completed", "Completed"]]
    if course != wanted or job["status"] != "Completed":
        yield f"the job went {course} to {job['status']}"
    if job["actionsInfo"] != [1]:
        yield f"actionsInfo of a job that ended is {job['actionsInfo']}"
    points = client.get(f"{item}/recoveryPoints", BACKUP).body["value"]
    tiers = points[0]["properties"]["recoveryPointTierDetails"]
    if tiers != [{"type": 1, "status": 1}, {"type": 2, "status": 1}]:
        yield f"the new point's tiers are {tiers}"


def cancel(client: Client) -> Problems:
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    begun = client.call("POST", f"{client.item('slow')}/backup", BACKUP, body=body)
    client.cloud.advance(60)
    job = _job(client, begun)
    answer = client.call("POST", f"{job['id']}/cancel", BACKUP)
    if answer.status != 202:
        yield f"the cancellation answers {answer.status}"
        return
    if (early := client.get(answer.headers["location"], BACKUP)).status != 202:
        yield f"Location answers {early.status} while it runs"
    client.cloud.advance(120)
    if (late := client.get(answer.headers["location"], BACKUP)).status not in {200, 204}:
        yield f"Location answers {late.status} at the end"
    status = client.get(job["id"], BACKUP).body["properties"]["status"]
    if status != "Cancelled":
        yield f"the job is {status}"
    again = client.call("POST", f"{job['id']}/cancel", BACKUP)
    if again.status != 400:
        yield f"cancelling what is cancelled answers {again.status}"


def protect(client: Client) -> Problems:
    """Enable, stop, delete and undelete. The links repeat the lower-case name of the item."""
    native = "iaasvmcontainerv2;rg-app;plain"
    vault = "/S" + client.vault()[2:]
    item = (
        f"{vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;{native}"
        f"/protectedItems/vm;{native}"
    )
    vm = {"protectedItemType": "Microsoft.Compute/virtualMachines"}
    source = {"sourceResourceId": client.vm("plain")}
    policy = {"policyId": f"{vault}/backupPolicies/DefaultPolicy"}
    links = (item, "operationsStatus", "operationResults")
    stopped = {"policyId": "", "protectionState": "ProtectionStopped"}
    for wish in (vm | source | policy, vm | source | stopped):
        answer = client.call("PUT", item, BACKUP, body={"properties": wish})
        yield from _vault_walk(client, answer, *links)
    deleted = client.delete(item, BACKUP)
    yield from _vault_walk(client, deleted, vault, "backupOperations", "backupOperationResults")
    shown = client.get(item, BACKUP).body["properties"]
    if shown.get("isScheduledForDeferredDelete") is not True:
        yield "a deleted item does not say that it is scheduled for deletion"
    back = {"properties": vm | source | {"policyId": "", "isRehydrate": True}}
    answer = client.call("PUT", item, BACKUP, body=back)
    yield from _vault_walk(client, answer, *links)
    jobs = client.get(f"{client.vault()}/backupJobs", BACKUP).body["value"][:4]
    kinds = [job["properties"]["operation"] for job in reversed(jobs)]
    if kinds != ["ConfigureBackup", "DisableBackup", "DeleteBackupData", "Undelete"]:
        yield f"the jobs are {kinds}"
