"""The kind of an answer: the thing that it shows, and the situation of that thing.

Recorded and simulated answers are sorted by the same rules, so that like is compared with like.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.conformance.backwards.forms import as_asked
from tests.conformance.cassette import Pair

OLD, NEW, NEAREST = "before 2024-04-01", "since 2024-04-01", "any"
_NEW_SINCE = "2024-04-01"
_BACKUP = r"/Microsoft\.RecoveryServices/vaults/[^/]+/backup|/backupFabrics/"

_THINGS: tuple[tuple[str, str], ...] = (
    ("job", r"/backupJobs/[^/]+$"),
    ("job", r"/backupJobs$"),
    ("cancel of a job", r"/backupJobs/[^/]+/cancel$"),
    ("result of a cancel", r"/backupJobs/[^/]+/operationResults/[^/]+$"),
    ("vault operation", r"/backupOperations/[^/]+$"),
    ("item", r"/protectedItems/[^/]+$"),
    ("item", r"/backupProtectedItems/?$"),
    ("backup of an item", r"/protectedItems/[^/]+/backup$"),
    ("item operation", r"/protectedItems/[^/]+/operationsStatus/[^/]+$"),
    ("item result", r"/protectedItems/[^/]+/operationResults/[^/]+$"),
    ("container result", r"/protectionContainers/[^/]+/operationResults/[^/]+$"),
    ("discovery result", r"/backupFabrics/[^/]+/operationResults/[^/]+$"),
    ("discovery", r"/refreshContainers$"),
    ("recovery point", r"/recoveryPoints/[^/]+$"),
    ("recovery point", r"/recoveryPoints/?$"),
    ("action on a recovery point", r"/recoveryPoints/[^/]+/\w+$"),
    ("policy", r"/backupPolicies/[^/]+$"),
    ("policy", r"/backupPolicies$"),
    ("container", r"/backupProtectionContainers$"),
    ("container", r"/protectionContainers/[^/]+$"),
    ("protectable item", r"/backupProtectableItems$"),
    ("vault", r"/Microsoft\.RecoveryServices/vaults(/[^/]+)?$"),
    ("lock", r"/Microsoft\.Authorization/locks(/[^/]+)?$"),
    ("VM", r"/Microsoft\.Compute/virtualMachines(/[^/]+)?$"),
    ("extension", r"/virtualMachines/[^/]+/extensions(/[^/]+)?$"),
    ("disk", r"/Microsoft\.Compute/disks/[^/]+$"),
    ("compute operation", r"/Microsoft\.Compute/locations/[^/]+/operations/[^/]+$"),
    ("group", r"/resourcegroups/[^/]+$"),
)


@dataclass(frozen=True)
class Sample:
    """An answer, or a row of a list, with the properties that are compared."""

    kind: str
    broad: str
    """The thing and its type, in any situation, in a list or alone."""
    family: str
    """For the backup service: before or since 2024-04-01. For everything else: any."""
    version: str
    path: str
    body: Any
    """The body. Its ids mark the words that echo the casing of the request: see `as_asked`."""
    headers: dict[str, str] | None
    """None for a row, because the headers belong to its list."""
    origin: str


def samples(pair: Pair) -> Iterator[Sample]:
    """An answer. If it is a list, the list and each of its rows."""
    thing = next(
        (name for name, form in _THINGS if re.search(form, pair.path, re.IGNORECASE)),
        f"something of {_provider(pair.path)}",
    )
    family = NEAREST
    if re.search(_BACKUP, pair.path, re.IGNORECASE):
        family = NEW if pair.version >= _NEW_SINCE else OLD

    def sample(kind: str, body: Any, headers: dict[str, str] | None) -> Sample:
        broad = f"{thing} of type {typed}" if (typed := _type(thing, body)) else kind
        told = as_asked(body, pair.path)
        return Sample(kind, broad, family, pair.version, pair.path, told, headers, pair.origin)

    if not pair.is_json:
        return
    if pair.status >= 400:
        yield sample(_refusal(pair), pair.body, pair.headers)
        return
    rows = pair.body.get("value") if isinstance(pair.body, dict) else None
    if not isinstance(rows, list):
        yield sample(_one(pair, thing), pair.body, pair.headers)
        return
    envelope = {key: value for key, value in pair.body.items() if key != "value"}
    yield sample(f"list of each {thing}", envelope | {"value": []}, pair.headers)
    for row in rows:
        yield sample(_named(f"{thing} in a list", situation(thing, row)), row, None)


def _one(pair: Pair, thing: str) -> str:
    name = (
        thing
        if (pair.method, pair.status) == ("GET", 200)
        else (f"{pair.method} {thing} {pair.status}")
    )
    return _named(name, situation(thing, pair.body))


def _named(name: str, told: str) -> str:
    return f"{name}: {told}" if told else name


def _refusal(pair: Pair) -> str:
    """The refusing service and the code: two services may word the same code differently."""
    error = pair.body.get("error") if isinstance(pair.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else "no code"
    gateway = pair.headers.get("x-ms-failure-cause") == "gateway"
    who = "the gateway" if gateway else _provider(pair.path)
    if code in _OF_THE_GATEWAY:
        who = "the gateway"
    return f"error {pair.status} {code} of {who}"


_OF_THE_GATEWAY = {
    "GatewayTimeout",
    "InvalidGatewayHost",
    "ResourceNotFound",
    "ResourceGroupNotFound",
    "ScopeLocked",
    "SubscriptionRequestsThrottled",
}
"""Codes that Resource Manager itself sends, even if a recording lacks its header."""


def _provider(path: str) -> str:
    found = re.findall(r"/providers/([\w.]+)", path, re.IGNORECASE)
    return found[-1] if found else "Microsoft.Resources"


def situation(thing: str, body: Any) -> str:
    """The situation of a thing, in the API's own words. Empty if there is only one situation."""
    if not isinstance(body, dict):
        return "no body" if body is None else ""
    properties = body.get("properties") or {}
    match thing:
        case "job":
            return _words(properties, "jobType", "operation", "status")
        case "item":
            told = _words(properties, "protectedItemType", "protectionState", "lastBackupStatus")
            return told + (" deleted" if properties.get("isScheduledForDeferredDelete") else "")
        case "policy":
            schedule = properties.get("schedulePolicy") or {}
            return _words(properties | schedule, "backupManagementType", "schedulePolicyType")
        case "vault operation" | "item operation" | "compute operation":
            told = _words(body, "status")
            return f"{told} with {properties['objectType']}" if "objectType" in properties else told
        case "item result" | "container result" | "discovery result":
            return _words(body, "type") or "an empty object"
        case "VM":
            return _machine(properties)
        case "disk":
            made = properties.get("creationData") or {}
            return _words(properties | made, "createOption", "diskState")
        case "lock":
            return _held(body, properties)
        case _:
            return _words(properties, *_TYPES.get(thing, ()))


_TYPES = {
    "job": ("jobType",),
    "item": ("protectedItemType",),
    "recovery point": ("objectType",),
    "container": ("containerType",),
    "protectable item": ("protectableItemType",),
}


def _type(thing: str, body: Any) -> str:
    """The type of a thing in any situation, in the API's own words. Empty if it has no type."""
    properties = body.get("properties") if isinstance(body, dict) else None
    if thing == "policy":
        return situation(thing, body)
    return _words(properties, *_TYPES.get(thing, ())) if isinstance(properties, dict) else ""


def _words(body: dict[str, Any], *keys: str) -> str:
    return " ".join(str(body[key]) for key in keys if body.get(key))


def _held(body: dict[str, Any], properties: dict[str, Any]) -> str:
    """What a lock is on, and whether it has notes. The form of its id depends on the former."""
    held = str(body.get("id", "")).partition("/providers/Microsoft.Authorization/")[0]
    place = "a group" if "/resourcegroups/" in held.lower() else "a subscription"
    place = "a resource" if "/providers/" in held else place
    return f"of {place}{' with notes' if 'notes' in properties else ''}"


def _machine(properties: dict[str, Any]) -> str:
    system = properties.get("storageProfile", {}).get("osDisk", {}).get("osType", "")
    view = properties.get("instanceView")
    if view is None:
        return str(system)
    agent = (view.get("vmAgent") or {}).get("statuses") or [{"displayStatus": "absent"}]
    return f"{system} seen, agent {agent[0].get('displayStatus')}"
