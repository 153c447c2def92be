"""One failed job of one VM, and facts that rest on it."""

from datetime import UTC, datetime
from typing import Any

from remediator.facts import Facts
from remediator.inspect.jobs import parse_job
from remediator.job.dictionary import Dictionary
from remediator.job.failure import classify
from remediator.job.job import VaultRef
from remediator.reading import Answer

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
VM = f"{GROUPS}/rg-app/providers/Microsoft.Compute/virtualMachines/web"
VAULT = VaultRef(subscription=SUBSCRIPTION, group="rg-backup", name="vault-main")
JOB = parse_job(
    Answer(
        body={
            "id": f"{VAULT.id}/backupJobs/job-0001",
            "name": "job-0001",
            "properties": {
                "operation": "Backup",
                "status": "Failed",
                "startTime": "2026-01-01T10:00:00Z",
                "endTime": "2026-01-01T11:00:00Z",
                "containerName": "iaasvmcontainerv2;rg-app;web",
            },
        },
        at=NOW,
    ),
    VAULT,
    "GET job",
)


def facts(**read: Any) -> Facts:
    """The facts of the job's VM. Only the named sources were read."""
    return Facts(subject=JOB.subject, job=JOB, failure=classify(JOB, Dictionary()), **read)
