"""Many jobs named in one command: what is read of their vault is read once, not once a job."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from remediator.flow.planning import MANY
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.flow.estates import CODE, POINTS, scanned
from tests.round_trips import LATENCY, round_trips


def vault(folder: Path, vms: int) -> Path:
    """A scenario with one vault, and so many VMs whose last backup failed."""
    path = folder / "vault.yaml"
    machine = {
        "name": "web",
        "copies": vms,
        "protection": {"vault": "vault-main"},
        "collection": POINTS,
        "history": [{"at": "3h ago", "code": CODE}],
    }
    told = {"vaults": [{"name": "vault-main"}], "vms": [machine]}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def planned(folder: Path, vms: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Plan the jobs of all VMs by one command. Returns the targets and the requests."""
    with SimulatorProcess(vault(folder, vms)) as azure:
        ids = [job for found in azure.state()["failed_jobs"].values() for job in found]
        words = [word for job in ids for word in ("--job-id", job)]
        ended = remediate(
            *words, "--dry-run", "--format", "json", env=environment(azure, folder)
        ).check(0)
        return ended.json()["targets"], azure.requests()


@pytest.mark.parametrize("vms", [MANY, 3 * MANY])
def test_the_lists_of_a_vault_are_read_once_for_all_its_jobs(tmp_path: Path, vms: int) -> None:
    targets, requests = planned(tmp_path, vms)
    assert [target["standing"] for target in targets] == ["pending"] * vms
    assert all(target["plan"]["ladder"]["rung"] == "back-up" for target in targets)
    lists = Counter(
        (request["path"].rsplit("/", 1)[-1].lower(), str(request["query"].get("$filter")))
        for request in requests
        if request["path"].lower().rsplit("/", 2)[-2] not in ("backupjobs", "virtualmachines")
        and not request["path"].endswith("/metrics")
    )
    assert lists
    assert set(lists.values()) == {1}, lists
    assert not any("friendlyName" in told for _, told in lists)


def test_few_jobs_do_not_read_the_whole_list_of_a_large_vault(tmp_path: Path) -> None:
    targets, requests = planned(tmp_path, MANY - 1)
    assert len(targets) == MANY - 1
    asked = [str(r["query"].get("$filter")) for r in requests if "ProtectedItems" in r["path"]]
    assert len(asked) == MANY - 1
    assert all("friendlyName" in told for told in asked)


def test_the_jobs_of_one_subscription_do_not_wait_for_each_other_in_turns(tmp_path: Path) -> None:
    """Subscriptions, vaults, lists, the jobs, their VMs: a second turn would take two more."""
    with SimulatorProcess(vault(tmp_path, 40), latency=LATENCY) as azure:
        scanned(azure, tmp_path).check(0)
        requests = azure.requests()
    assert len([r for r in requests if "/virtualmachines/" in r["path"].lower()]) == 40
    assert round_trips(requests) <= 6
