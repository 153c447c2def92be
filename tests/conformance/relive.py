"""Drive recorded backups again with the tool's own writer and reader."""

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from remediator.azure.session import find_cloud, open_session
from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change, Impact, Request
from remediator.job.job import Job, JobRef
from remediator.patience import Patience
from remediator.run.follow import JobFollower, Trigger
from tests.conformance.cassette import Pair
from tests.conformance.losses import in_full
from tests.conformance.replay import Replay


def relive(pairs: list[Pair]) -> Iterator[str]:
    """Repeat the recorded triggers, and follow operations and jobs, with the tool's own code."""
    backups = [
        p
        for p in pairs
        if re.search("/backupJobs/[^/]+$", p.path) and p.body["properties"]["operation"] == "Backup"
    ]
    finals = {p.body["name"]: in_full(p.body, p, JobRef.parse(p.path).vault) for p in backups}
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
