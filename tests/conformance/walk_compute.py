"""Every long-running operation of Microsoft.Compute, from its 202 to its last state."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.conformance.shapes import COMPUTE, GROUP, GUID, LOCKS, SEVEN, Problems, collection
from tests.simulator.client import Answer, Client


@dataclass(frozen=True)
class Walk:
    """One operation: its request, its Retry-After, and the state that it must reach."""

    name: str
    method: str
    path: Callable[[Client], str]
    retry_after: bool
    """Whether the recorded 202 has a Retry-After. If that is unknown, it must have one."""
    done: Callable[[Client], Any]
    wanted: Any
    body: dict[str, Any] | None = None


def _point(client: Client) -> str:
    found = client.get(collection(client), COMPUTE, _expand="restorePoints").body
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
    found = client.get(collection(client), COMPUTE, _expand="restorePoints").body
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


def walked(client: Client, walk: Walk) -> Problems:
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


def delete_collection(client: Client) -> Problems:
    """Try to delete a locked collection, then delete it without the lock, in more than one try."""
    path = collection(client)
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
    walk = Walk("", "DELETE", collection, True, lambda _: None, None)
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
