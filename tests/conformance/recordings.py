"""Recorded traffic of real Azure, read by the tool's own code."""

import asyncio
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from remediator.azure.session import find_cloud, open_session
from remediator.catalogue import read_catalogue
from remediator.facts import AgentState, PowerState
from remediator.failure import classify
from remediator.follow import JobFollower, Trigger
from remediator.inspect import item, jobs, locks, policy, recovery_points, vm
from remediator.job import Job, JobRef
from remediator.operations import SHAPES, Operation
from remediator.patience import Patience
from remediator.reading import Answer
from remediator.step import Change, Impact, Request
from tests.conformance import install
from tests.conformance.cassette import Pair, read
from tests.conformance.replay import Replay
from tests.conformance.verdict import Verdict

SDISTS = (
    ("azure-mgmt-resource", "10.3.0"),
    ("azure-mgmt-resource", "15.0.0"),
    ("azure-mgmt-compute", "12.0.0"),
    ("azure-mgmt-compute", "17.0.0"),
    ("azure-mgmt-compute", "19.0.0"),
    ("azure-mgmt-compute", "23.0.0"),
    ("azure-mgmt-compute", "30.0.0"),
)
CASSETTE = install.ROOT.parent / "shared" / "recordings" / "test_backup_rp.yaml"

Read = Callable[[Pair], Iterator[str]]
"""What of a recorded answer the tool would miss."""


def judge() -> Verdict:
    """Parse every recorded answer that the tool could read, and relive the recorded backups."""
    verdict = Verdict("recordings", "every recorded answer of an operation that the tool reads", "")
    counts: dict[str, int] = {}
    for name, pair in _pairs():
        for kind, path, parse in KINDS:
            if (
                pair.method == "GET"
                and pair.status == 200
                and re.search(path, pair.path, re.IGNORECASE)
            ):
                counts[kind] = counts.get(kind, 0) + 1
                verdict.wrong += [f"{name}: {pair.path}: {loss}" for loss in parse(pair)]
    if CASSETTE.exists():
        verdict.wrong += list(_relive(list(read(CASSETTE))))
        counts["backups relived to their recorded end"] = 2
    else:
        verdict.details.append("- the cassette of a whole backup is not beside the project")
    verdict.said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return verdict


def _pairs() -> Iterator[tuple[str, Pair]]:
    if CASSETTE.exists():
        for pair in read(CASSETTE):
            yield CASSETTE.name, pair
    for package, version in SDISTS:
        for path in _recordings(package, version):
            for pair in read(path):
                yield f"{package} {version} {path.name}", pair


def _recordings(package: str, version: str) -> list[Path]:
    folder = install.sdist(package, version)
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        names = [n for n in archive.namelist() if "/tests/recordings/" in n and "." in n[-5:]]
        archive.extractall(folder, names)
    return [folder / name for name in names]


def _missing(what: object, *fields: str) -> Iterator[str]:
    for field in fields:
        value = getattr(what, field)
        if value is None or value in ("", (), frozenset()):
            yield f"{type(what).__name__}.{field} is lost"


def _vm(pair: Pair) -> Iterator[str]:
    found = vm.parse(pair.body)
    yield from _missing(found, "id", "name", "location", "os")
    view = pair.body["properties"].get("instanceView")
    if view is None:
        return
    if found.power is PowerState.OTHER and "PowerState" in str(view):
        yield "a recorded power state is not understood"
    spoken = (view.get("vmAgent") or {}).get("statuses") or []
    ready = any(status.get("displayStatus") == "Ready" for status in spoken)
    if spoken and (found.agent is AgentState.READY) != ready:
        yield f"agent recorded as {spoken[0].get('displayStatus')}, read as {found.agent}"
    if len(found.extensions) < len(pair.body.get("resources") or []):
        yield "an extension is lost"


def _job(pair: Pair) -> Iterator[str]:
    found = jobs.parse_row(pair.body)
    yield from _missing(found, "id", "name", "operation", "status", "start", "vm_name")
    if found.is_backup:
        yield from _missing(found, "container", "tasks")
    if not found.running:
        yield from _missing(found, "end")
    recorded = pair.body["properties"].get("errorDetails") or []
    read_back = _full(pair)
    if len(read_back.errors) != len(recorded):
        yield "an error is lost"
    for error in read_back.errors:
        yield from _missing(error, "code", "title", "text", "recommendations")
    if recorded and classify(read_back, read_catalogue()).code != recorded[0]["errorTitle"]:
        yield "the error is not classified by its title"


def _full(pair: Pair) -> Job:
    vault = JobRef.parse(pair.path).vault
    return jobs.parse_job(Answer(body=pair.body, at=datetime.now(UTC)), vault, pair.path)


def _rows(parse: Callable[[dict[str, Any]], object], *fields: str) -> Read:
    def check(pair: Pair) -> Iterator[str]:
        for row in pair.body["value"]:
            found = parse(row)
            if found is None:
                yield f"a row is lost: {row.get('id')}"
            else:
                yield from _missing(found, *fields)

    return check


def _one(parse: Callable[[dict[str, Any]], object], *fields: str) -> Read:
    return lambda pair: _missing(parse(pair.body), *fields)


KINDS: tuple[tuple[str, str, Read], ...] = (
    ("VMs", r"/virtualMachines/[^/]+$", _vm),
    ("jobs", r"/backupJobs/[^/]+$", _job),
    (
        "lists of protected items",
        r"/backupProtectedItems$",
        _rows(item.parse, "id", "name", "state", "vm_id", "policy_id"),
    ),
    (
        "lists of recovery points",
        r"/recoveryPoints$",
        _rows(recovery_points.parse, "time", "consistency", "valid"),
    ),
    ("policies", r"/backupPolicies/[^/]+$", _one(policy.parse, "id", "instant_retention_days")),
    (
        "lists of locks",
        r"/providers/Microsoft.Authorization/locks$",
        _rows(locks.parse, "id", "name", "scope", "level"),
    ),
)


def _relive(pairs: list[Pair]) -> Iterator[str]:
    """The recorded triggers, operations and jobs, driven by the tool's own writer and reader."""
    ended = [p for p in pairs if re.search("/backupJobs/[^/]+$", p.path)]
    finals = {
        p.body["name"]: _full(p) for p in ended if p.body["properties"]["operation"] == "Backup"
    }
    recorded = [job for job in finals.values() if not job.running]
    triggers = [p for p in pairs if p.method == "POST" and p.path.endswith("/backup")]
    if len(triggers) != len(recorded):
        yield f"{len(triggers)} triggers recorded, but {len(recorded)} ended backups"
    with Replay(pairs) as azure:
        seen = asyncio.run(_follow_all(azure.url, triggers, recorded))
        posts = [asked for asked in azure.asked if asked.startswith("POST")]
    for job, final in zip(seen, recorded, strict=True):
        if (job.name, job.status, job.errors) != (final.name, final.status, final.errors):
            yield f"followed {job.name} to {job.status}, recorded was {final.name} {final.status}"
    if len(posts) != len(triggers):
        yield f"{len(posts)} POSTs for {len(triggers)} triggers"


async def _follow_all(url: str, triggers: list[Pair], recorded: list[Job]) -> list[Job]:
    os.environ["AZURE_ACCESS_TOKEN"] = "recorded"
    found = []
    async with open_session(find_cloud(None, url, "token"), "token") as session:
        for trigger, final in zip(triggers, recorded, strict=True):
            patience = Patience(poll=0.001, timeout=300)
            follower = JobFollower(
                session.reader, patience, lambda _: None, lambda: datetime.now(UTC)
            )
            change = _trigger(trigger.path.removesuffix("/backup"), url)
            sent = Trigger(change, recorded[0], final.activity_id or "", frozenset())
            job, _ = await follower.trigger(session.writer(0.001), sent)
            found.append(await follower.to_the_end(job))
    return found


def _trigger(target: str, url: str) -> Change:
    shape = SHAPES[Operation.BACK_UP]
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    return Change(
        action="back-up-now",
        target=target,
        what="the recorded trigger",
        why=(),
        operation=Operation.BACK_UP,
        request=Request(method=shape.method, url=f"{url}{target}{shape.suffix}", body=body),
        before={},
        after={},
        impact=Impact.REVERSIBLE,
        permission=shape.permission,
        undo="",
    )
