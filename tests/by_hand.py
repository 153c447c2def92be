"""Doing by hand, with plain HTTP, what a user without the tool would do."""

import json
import urllib.request
from typing import Any

from remediator.simulator.process import SimulatorProcess

VERSION = "api-version=2024-10-01"


def call(
    azure: SimulatorProcess, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """One request with the simulator's token."""
    request = urllib.request.Request(  # noqa: S310 - our own child process
        f"{azure.url}{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {azure.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        raw = answer.read()
        return answer.status, json.loads(raw) if raw else {}


def back_up_by_hand(azure: SimulatorProcess, vm: str) -> str | None:
    """Trigger a backup on a stepped simulator and step to its end.

    Returns the code that it failed with, or None when it did not fail.
    """
    before = len(azure.state()["jobs"].get(vm, []))
    item = next(i for i in azure.state()["items"] if i["vm"] == vm)
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    call(azure, "POST", f"{item['id']}/backup?{VERSION}", body)
    azure.advance(3600)
    job = azure.state()["jobs"][vm][before:][-1]
    assert job["status"] != "InProgress"
    return job["codes"][0] if job["codes"] else None
