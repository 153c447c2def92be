"""A plain HTTP walk of every long-running operation, from its 202 to its last state.

No client stands between: status, headers, links and bodies are compared with what recorded traffic
shows, key by key and in order. The api-versions are those of the published specifications, so that
the same traffic can be judged against them as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.conformance.verdict import Verdict
from tests.simulator.client import Answer, Client

ESTATE = Path(__file__).with_name("estate.yaml")
COMPUTE, BACKUP, LOCKS, RESOURCES = "2021-03-01", "2021-06-01", "2016-09-01", "2021-01-01"
GUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
GROUP = "AzureBackupRG_westeurope_1"
SEVEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,7}"

Problems = Iterator[str]


@dataclass(frozen=True)
class Walk:
    """One operation: the request, how long it takes, and what is true before and after."""

    name: str
    method: str
    path: Callable[[Client], str]
    retry_after: bool
    """Whether the 202 was recorded with a Retry-After; where that is unknown it has one."""
    done: Callable[[Client], Any]
    wanted: Any
    body: dict[str, Any] | None = None


def _collection(client: Client) -> str:
    return next(
        str(each["id"])
        for each in client.cloud.state()["collections"]
        if each["source"].endswith("/web")
    )


def _point(client: Client) -> str:
    found = client.get(_collection(client), COMPUTE, _expand="restorePoints").body
    points = sorted(found["properties"]["restorePoints"], key=lambda point: point["name"])
    return str(points[0]["id"])


def _power(name: str) -> Callable[[Client], Any]:
    def look(client: Client) -> Any:
        return client.get(f"{client.vm(name)}/instanceView", COMPUTE).body["statuses"][1]["code"]

    return look


def _state(name: str) -> Callable[[Client], Any]:
    def look(client: Client) -> Any:
        return client.get(client.vm(name), COMPUTE).body["properties"]["provisioningState"]

    return look


def _vm(verb: str, name: str, done: Callable[[Client], Any], wanted: Any, body: Any = None) -> Walk:
    return Walk(f"vm {verb}", "POST", lambda c: f"{c.vm(name)}/{verb}", True, done, wanted, body)


def _points(client: Client) -> int:
    found = client.get(_collection(client), COMPUTE, _expand="restorePoints").body
    return len(found["properties"]["restorePoints"])


COMPUTE_WALKS = [
    Walk(
        "extension delete",
        "DELETE",
        lambda c: f"{c.vm('api', 'rg-shop')}/extensions/VMSnapshotLinux",
        False,
        lambda c: c.get(f"{c.vm('api', 'rg-shop')}/extensions/VMSnapshotLinux", COMPUTE).status,
        404,
    ),
    Walk("restore point delete", "DELETE", _point, True, _points, 17),
    _vm("reapply", "files", _state("files"), "Succeeded"),
    _vm("restart", "plain", _power("plain"), "PowerState/running"),
    _vm("redeploy", "plain", _power("plain"), "PowerState/running"),
    _vm("deallocate", "plain", _power("plain"), "PowerState/deallocated"),
    _vm("start", "plain", _power("plain"), "PowerState/running"),
    _vm("powerOff", "plain", _power("plain"), "PowerState/stopped"),
    _vm(
        "runCommand",
        "web1",
        _power("web1"),
        "PowerState/running",
        {"commandId": "RunPowerShellScript", "script": ["Get-Service"]},
    ),
]


def _accepted(answer: Answer, walk: Walk) -> Problems:
    """Compare the 202 of Microsoft.Compute with the recorded ones."""
    if answer.status != 202 or answer.body is not None:
        yield f"{answer.status} with {answer.body}, not an empty 202"
        return
    got = answer.headers
    signed = rf"\?p={GUID}&api-version={COMPUTE}&t=\d{{18}}&c=[\w-]+&s=[\w-]+&h=[\w-]+"
    place = (
        rf"https?://[^/]+/subscriptions/{GUID}/providers/Microsoft\.Compute"
        rf"/locations/westeurope/operations/{GUID}"
    )
    status, location = got.get("azure-asyncoperation", ""), got.get("location", "")
    if not re.fullmatch(place + signed, status):
        yield f"Azure-AsyncOperation is {status[:200]}"
    if not 2000 < len(status) < 3000:
        yield f"the signed link has {len(status)} characters, recorded ones have 2.5 thousand"
    if location.replace("&monitor=true", "") != status or "&monitor=true" not in location:
        yield "Location is not the status link with monitor=true"
    if got.get("azure-asyncnotification") != "Enabled":
        yield "Azure-AsyncNotification is not Enabled"
    if ("retry-after" in got) != walk.retry_after:
        yield f"Retry-After is {got.get('retry-after')}"
    if got.get("content-length") != "0":
        yield f"Content-Length is {got.get('content-length')}"
    kind = "deletes" if walk.method == "DELETE" else "writes"
    names = [
        "x-ms-request-id",
        "x-ms-correlation-request-id",
        "x-ms-routing-request-id",
        "strict-transport-security",
        "x-ms-ratelimit-remaining-resource",
        f"x-ms-ratelimit-remaining-subscription-{kind}",
        f"x-ms-ratelimit-remaining-subscription-global-{kind}",
    ]
    yield from (f"the header {name} is missing" for name in names if name not in got)


def _running(client: Client, links: dict[str, str]) -> Problems:
    poll = client.get(links["azure-asyncoperation"])
    number = links["azure-asyncoperation"].partition("?")[0].rpartition("/")[2]
    if poll.status != 200 or list(poll.body) != ["startTime", "status", "name"]:
        yield f"the poll is {poll.status} with {poll.body}"
    elif (poll.body["status"], poll.body["name"]) != ("InProgress", number):
        yield f"the poll says {poll.body}"
    elif not re.fullmatch(SEVEN + r"\+00:00", poll.body["startTime"]):
        yield f"startTime is {poll.body['startTime']}"
    monitor = client.get(links["location"])
    if monitor.status != 202 or monitor.body is not None or "location" not in monitor.headers:
        yield f"Location answers {monitor.status} while it runs"


def _ended(client: Client, links: dict[str, str], output: bool) -> Problems:
    poll = client.get(links["azure-asyncoperation"])
    keys = ["startTime", "endTime", "status", "name"] + (["properties"] if output else [])
    if poll.status != 200 or list(poll.body) != keys or poll.body["status"] != "Succeeded":
        yield f"the last poll is {poll.status} with {poll.body}"
    if "retry-after" in poll.headers:
        yield "the last poll has a Retry-After"
    monitor = client.get(links["location"])
    if monitor.status != 200 or (monitor.body is not None) != output:
        yield f"Location answers {monitor.status} with {monitor.body} at the end"


def _compute(client: Client, walk: Walk) -> Problems:
    answer = client.call(walk.method, walk.path(client), COMPUTE, body=walk.body)
    problems = list(_accepted(answer, walk))
    yield from problems
    if problems:
        return
    yield from _running(client, answer.headers)
    client.cloud.advance(3600)
    yield from _ended(client, answer.headers, output=walk.body is not None)
    if (found := walk.done(client)) != walk.wanted:
        yield f"at the end it is {found}, not {walk.wanted}"


def _delete_collection(client: Client) -> Problems:
    """Delete a locked collection, then one of 17 points, which takes more than one try."""
    path = _collection(client)
    locked = client.delete(path, COMPUTE)
    scope = f"/subscriptions/{client.subscription}/resourceGroups/{GROUP}"
    text = (
        f"The scope '{path}' cannot perform delete operation because following scope(s) are "
        f"locked: '{scope}'. Please remove the lock and try again."
    )
    if locked.status != 409 or locked.body != {"error": {"code": "ScopeLocked", "message": text}}:
        yield f"under a lock it answers {locked.status} {locked.body}"
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    if (gone := client.delete(lock, LOCKS)).status != 200 or gone.body is not None:
        yield f"the lock's delete answers {gone.status} {gone.body}"
    walk = Walk("", "DELETE", _collection, True, lambda _: None, None)
    for _ in range(3):
        answer = client.delete(path, COMPUTE)
        if answer.status == 204:
            return
        yield from _accepted(answer, walk)
        yield from _running(client, answer.headers)
        client.cloud.advance(600)
        poll = client.get(answer.headers["azure-asyncoperation"])
        if poll.body["status"] == "Failed" and list(poll.body["error"]) != ["code", "message"]:
            yield f"a failed operation says {poll.body}"
        if poll.body["status"] == "Succeeded":
            break
    after = client.get(path, COMPUTE)
    if after.status != 404 or after.code != "ResourceNotFound":
        yield f"after its delete it answers {after.status}"


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


def _back_up(client: Client) -> Problems:
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


def _cancel(client: Client) -> Problems:
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


def _protect(client: Client) -> Problems:
    """Enable, stop, delete and undelete: a lower-case item name is echoed in the links."""
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


def _reads(client: Client) -> Problems:
    """Read everything that the tool reads, so that the specifications judge it as it is sent."""
    vault, scope = client.vault(), client.scope
    item = client.item("web1")
    point = client.get(f"{item}/recoveryPoints", BACKUP).body["value"][0]["id"]
    job = client.get(f"{vault}/backupJobs", BACKUP).body["value"][0]["id"]
    running = "status eq 'InProgress' and backupManagementType eq 'AzureIaasVM'"
    reads: list[tuple[str, str, dict[str, str]]] = [
        ("/subscriptions", RESOURCES, {}),
        (
            f"{scope}/resources",
            RESOURCES,
            {"_filter": "resourceType eq 'Microsoft.RecoveryServices/vaults'"},
        ),
        (f"{scope}/resourcegroups", RESOURCES, {}),
        (f"{scope}/providers/Microsoft.Authorization/locks", LOCKS, {}),
        (f"{scope}/providers/Microsoft.Compute/restorePointCollections", COMPUTE, {}),
        (_collection(client), COMPUTE, {"_expand": "restorePoints"}),
        (client.vm(), COMPUTE, {"_expand": "instanceView"}),
        (f"{client.vm()}/extensions", COMPUTE, {}),
        (f"{vault}/backupJobs", BACKUP, {"_filter": running}),
        (job, BACKUP, {}),
        (f"{vault}/backupProtectedItems", BACKUP, {}),
        (f"{vault}/backupPolicies/DefaultPolicy", BACKUP, {}),
        (f"{vault}/backupProtectionContainers", BACKUP, {}),
        (f"{vault}/backupProtectableItems", BACKUP, {}),
        (item, BACKUP, {}),
        (point, BACKUP, {}),
    ]
    for path, version, query in reads:
        if (answer := client.get(path, version, **query)).status != 200:
            yield f"{path} answers {answer.status}"
    for path in ("backupJobs/nothing", "backupPolicies/nothing"):
        missing = client.get(f"{vault}/{path}", BACKUP)
        if missing.status != 404:
            yield f"{path} answers {missing.status}"


OTHERS: dict[str, Callable[[Client], Problems]] = {
    "everything the tool reads": _reads,
    "backup trigger and its job": _back_up,
    "job cancel": _cancel,
    "protection: enable, stop, delete, undelete": _protect,
    "collection delete, locked and then not": _delete_collection,
}


def judge() -> Verdict:
    """Walk them all."""
    wrong: list[str] = []
    walked: list[str] = []
    unlocked = {"restore point delete"}
    with SimulatorProcess(ESTATE, time="stepped") as cloud:
        client = Client(cloud)
        for name, look in OTHERS.items():
            walked.append(name)
            wrong += [f"{name}: {problem}" for problem in look(client)]
    with SimulatorProcess(ESTATE, time="stepped") as cloud:
        client = Client(cloud)
        lock = f"{client.group(GROUP)}/providers/Microsoft.Authorization/locks/keep"
        for walk in COMPUTE_WALKS:
            walked.append(walk.name)
            if walk.name in unlocked:
                client.delete(lock, LOCKS)
            wrong += [f"{walk.name}: {problem}" for problem in _compute(client, walk)]
    return Verdict(
        "plain HTTP",
        "every long-running operation from its 202 to its last state, against the recorded shapes",
        f"{len(walked)} walks",
        wrong,
        [f"- {name}" for name in walked],
    )
