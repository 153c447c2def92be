"""What the tool's own parsers would miss in a recorded answer, by the kind of the answer."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from remediator.facts import AgentState, PowerState, Tier
from remediator.inspect import item, jobs, locks, policy, recovery_points, vm
from remediator.inspect.wire import moment
from remediator.job.failure import classify
from remediator.job.job import Job, JobRow, VaultRef
from remediator.playbook.catalogue import Catalogue, read_catalogue
from remediator.reading import Answer
from tests.conformance.cassette import Pair

Loss = Iterator[str]
Json = dict[str, Any]

_VAULT = VaultRef(subscription="S", group="G", name="V")
"""A vault for recordings whose ids are so scrubbed that they name no possible vault."""
VM_JOB, VM_ITEM = "AzureIaaSVMJob", "Microsoft.Compute/virtualMachines"
_TIERS = {1: Tier.INSTANT, 2: Tier.VAULT, 3: Tier.ARCHIVE}
_TIER_WORDS = {"InstantRP": Tier.INSTANT, "HardenedRP": Tier.VAULT, "ArchivedRP": Tier.ARCHIVE}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
_NEVER = ("0001-01-01T", "2001-01-01T00:00:00")
"""Azure's forms of "no time"."""


@cache
def _catalogue() -> Catalogue:
    return read_catalogue()


def _missing(what: object, *fields: str) -> Loss:
    for field in fields:
        value = getattr(what, field)
        if value is None or value in ("", (), frozenset()):
            yield f"{type(what).__name__}.{field} is lost"


def machine(body: Json, _: Pair) -> Loss:
    """A VM, with or without its instance view."""
    found = vm.parse(body)
    yield from _missing(found, "id", "name", "location")
    if "storageProfile" in body["properties"]:  # a list of states alone has no system
        yield from _missing(found, "os")
    view = body["properties"].get("instanceView")
    if view is None:
        return
    if found.power is PowerState.OTHER and "PowerState" in str(view):
        yield "a recorded power state is not understood"
    spoken = (view.get("vmAgent") or {}).get("statuses") or []
    ready = any(status.get("displayStatus") == "Ready" for status in spoken)
    if spoken and (found.agent is AgentState.READY) != ready:
        yield f"agent recorded as {spoken[0].get('displayStatus')}, read as {found.agent}"
    if len(found.extensions) < len(body.get("resources") or []):
        yield "an extension is lost"


def job(body: Json, pair: Pair) -> Loss:
    """A job in full, or as the row of a list. The row shows the same errors."""
    properties = body["properties"]
    row, found = jobs.parse_row(body), in_full(body, pair)
    yield from _missing(row, "id", "name", "operation", "status", "start", "vm_name")
    if properties["jobType"] == VM_JOB and properties.get("containerName"):
        yield from _missing(row, "container")
    if properties["status"] not in ("InProgress", "Cancelling"):
        yield from _missing(row, "end")
    if row.offers_cancel != bool(properties.get("actionsInfo")):
        yield f"actionsInfo {properties.get('actionsInfo')} is not understood"
    told = (properties.get("extendedInfo") or {}).get("tasksList") or []
    if [(task.name, task.status) for task in row.tasks] != [
        (task["taskId"], task["status"]) for task in told
    ]:
        yield "a task is lost"
    if properties.get("activityId"):
        yield from _missing(row, "activity_id")
    bag = (properties.get("extendedInfo") or {}).get("propertyBag") or {}
    if row.is_backup and bag and row.on_demand != ("Recovery Point Expiry Time in UTC" in bag):
        yield f"what began the backup is read as {row.on_demand}"
    if bag.get("VM Subscription ID"):
        yield from _missing(found, "vm_subscription")
    yield from _errors(row, found, properties.get("errorDetails") or [])


def _errors(row: JobRow, found: Job, recorded: list[Json]) -> Loss:
    if len(found.errors) != len(recorded) or row.errors != found.errors:
        yield "an error is lost"
    for error, each in zip(found.errors, recorded, strict=False):
        yield from _missing(error, "code", "title", "text")
        if each.get("recommendations"):
            yield from _missing(error, "recommendations")
    if recorded and found.status != "Completed":
        told = classify(found, _catalogue()).code
        if told != recorded[0]["errorTitle"]:
            yield f"classified as {told}, recorded {recorded[0]['errorTitle']}"


def in_full(body: Json, pair: Pair, vault: VaultRef = _VAULT) -> Job:
    """A recorded job, read by the tool's parser."""
    return jobs.parse_job(Answer(body=body, at=datetime.now(UTC)), vault, pair.path)


def protected(body: Json, _: Pair) -> Loss:
    """A protected item. The tool only handles those of VMs."""
    properties, found = body["properties"], item.parse(body)
    yield from _missing(found, "id", "name", "state")
    if properties.get("protectedItemType") == VM_ITEM:
        yield from _missing(found, "vm_id", *(["policy_id"] if properties.get("policyId") else []))
    if properties.get("lastBackupStatus"):
        yield from _missing(found, "last_backup_status")
    if properties.get("lastRecoveryPoint"):
        yield from _missing(found, "last_point")


def point(body: Json, _: Pair) -> Loss:
    """A recovery point of a VM. Its tiers are numbers or words."""
    properties = body["properties"]
    if properties["objectType"] != "IaasVMRecoveryPoint":
        return
    found = recovery_points.parse(body)
    if found is None:
        yield "a recovery point is lost"
        return
    yield from _missing(found, "time", "consistency")
    tiers = {
        _TIERS.get(tier["type"]) or _TIER_WORDS.get(tier["type"])
        for tier in properties["recoveryPointTierDetails"]
        if tier["status"] in (1, "Valid")
    }
    if found.valid != tiers:
        yield f"tiers {properties['recoveryPointTierDetails']} read as {sorted(found.valid)}"


def rule(body: Json, _: Pair) -> Loss:
    """A policy."""
    properties, found = body["properties"], policy.parse(body)
    yield from _missing(found, "id")
    if properties.get("instantRpRetentionRangeInDays"):
        yield from _missing(found, "instant_retention_days")
    if properties.get("schedulePolicy", {}).get("scheduleRunFrequency"):
        yield from _missing(found, "frequency")


def lock(body: Json, _: Pair) -> Loss:
    """A lock."""
    found = locks.parse(body)
    if found is None:
        yield f"a row is lost: {body.get('id')}"
        return
    yield from _missing(found, "id", "name", "scope", "level")
    if body["properties"].get("notes"):
        yield from _missing(found, "notes")


KINDS: tuple[tuple[str, str, Callable[[Json, Pair], Loss]], ...] = (
    ("VMs", r"/virtualMachines(/[^/]+)?$", machine),
    ("jobs", r"/backupJobs(/[^/]+)?$", job),
    ("protected items", r"/(backupProtectedItems/?|protectedItems/[^/]+)$", protected),
    ("recovery points", r"/recoveryPoints(/[^/]*)?$", point),
    ("policies", r"/backupPolicies(/[^/]+)?$", rule),
    ("locks", r"/providers/Microsoft.Authorization/locks(/[^/]+)?$", lock),
)
"""The name for the count, the paths, and the judge. Rows of lists count one by one."""


def told(pair: Pair) -> Iterator[tuple[str, str, list[str]]]:
    """For each thing in a pair: its kind, whether it was alone or in a list, and its losses."""
    if (pair.method, pair.status) != ("GET", 200) or not isinstance(pair.body, dict):
        return
    if not pair.is_json:
        return
    for kind, path, judge in KINDS:
        if re.search(path, pair.path, re.IGNORECASE):
            rows = pair.body.get("value") if isinstance(pair.body.get("value"), list) else None
            for body in [pair.body] if rows is None else rows:
                where = "alone" if rows is None else "in lists"
                yield kind, where, [*_judged(judge, body, pair), *_times(body)]


def _judged(judge: Callable[[Json, Pair], Loss], body: Json, pair: Pair) -> Loss:
    """Judge a thing. If a parser crashes on it, everything is lost."""
    try:
        yield from judge(body, pair)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield f"cannot be read: {type(error).__name__} {error}"


def _times(node: Any) -> Loss:
    """Recorded times in any form."""
    if isinstance(node, dict):
        for value in node.values():
            yield from _times(value)
    elif isinstance(node, list):
        for value in node:
            yield from _times(value)
    elif _is_time(node) and moment({"at": node}, "at") is None:
        yield f"the time {node} is not understood"


def _is_time(node: Any) -> bool:
    return isinstance(node, str) and not node.startswith(_NEVER) and bool(_TIME.fullmatch(node))
