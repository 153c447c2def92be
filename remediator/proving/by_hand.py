"""Does by hand, with plain HTTP, what a user without the tool would do."""

import json
import urllib.error
import urllib.request
from typing import Any, Final

from remediator.simulator.process import SimulatorProcess

VERSION: Final = "api-version=2024-10-01"


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

    Returns the code with which it was refused or failed. None when it did not fail.

    Raises:
        RuntimeError: it did not end.
    """
    state = azure.state()
    before = len(state["jobs"].get(vm, []))
    body = {"properties": {"objectType": "IaasVMBackupRequest"}}
    try:
        call(azure, "POST", f"{_item_of(azure, state, vm)}/backup?{VERSION}", body)
    except urllib.error.HTTPError as refusal:
        # The backup service answers with an empty object if the thing is absent.
        code: str = json.loads(refusal.read()).get("error", {}).get("code", f"HTTP{refusal.code}")
        return code
    azure.advance(3600)
    job = azure.state()["jobs"][vm][before:][-1]
    if job["status"] == "InProgress":
        raise RuntimeError(f"the backup of {vm} is still running after an hour")
    return job["codes"][0] if job["codes"] else None


def _item_of(azure: SimulatorProcess, state: dict[str, Any], vm: str) -> str:
    """The id of a VM's protected item, or the id that the item would have."""
    found = next((item["id"] for item in state["items"] if item["vm"] == vm), None)
    if found:
        return str(found)
    vault = azure.failed_jobs(vm)[-1].split("/backupJobs/")[0]
    group, name = next(row["id"] for row in state["vms"] if row["name"] == vm).split("/")[4::4]
    native = f"iaasvmcontainerv2;{group.lower()};{name.lower()}"
    container = f"backupFabrics/Azure/protectionContainers/IaasVMContainer;{native}"
    return f"{vault}/{container}/protectedItems/VM;{native}"
