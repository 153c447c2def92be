"""The cost of a dry run: few requests, fewer round trips, nothing twice, no needless import."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from remediator.playbook.catalogue import read_catalogue
from remediator.proving.casefile import Case
from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment
from tests.dry_runs import CASES, dry_run
from tests.round_trips import round_trips

MOST = (7, 3)
"""How many requests and round trips a dry run may take."""

MORE: dict[str, dict[str, tuple[int, int]]] = {
    "the health checks ask for jobs in other vaults, and for the load or the policy": {
        "BackUpOperationFailed": (8, 2),
        "BackUpOperationFailedV2": (8, 2),
    },
    "asks for the network interface, then for what filters its traffic": {
        "UserErrorCrpReportedUserError": (9, 4),
    },
    "asks for the kind of disks, the points and the policy, for one of two limits": {
        "ExtensionFailedSnapshotLimitReachedError": (8, 3),
    },
    "looks for a lost key vault among the deleted ones, and for its group and tenant": {
        "DiskRestorePointClientError": (10, 4),
    },
    "asks for the policy, once it is known that a disk must be left out": {
        "UserErrorSharedDiskBackupNotSupported": (7, 4),
        "UserErrorUnsupportedDiskSize": (7, 4),
        "UserErrorEncryptedVmNotSupportedWithDiskEx": (5, 4),
    },
    "asks for each policy of the subscription": {
        "UserErrorRequestDisallowedByPolicy": (11, 3),
    },
    "asks for the disks of each restore point": {
        "DiskRestorePointUsedByCustomer": (11, 4),
    },
    "asks all subscriptions where else the VM is, then for Resource Guards": {
        "ResourceNotFound": (10, 6),
    },
    "asks with which policy the backup was configured, and each other vault": {
        "VirtualMachineAlreadyProtected": (9, 5),
    },
    "asks with which policy the backup was configured, and by which job": {
        "UserErrorBcmDatasourceNotPresent": (8, 4),
    },
    "asks for failed jobs of the month before, then for the running job": {
        "CancelFailedJobNotInProgress": (6, 4),
        "CancelNotSupportedForJobType": (6, 4),
    },
}
"""Playbooks that need more, by the reason: the requests and round trips of each."""


def limit(playbook: str) -> tuple[int, int]:
    """Requests and round trips that a dry run may take."""
    return next((each[playbook] for each in MORE.values() if playbook in each), MOST)


def test_round_trips_are_counted_by_the_order_of_events() -> None:
    def log(*events: tuple[int, int]) -> list[dict[str, Any]]:
        return [
            {"n": n, "arrived_order": a, "answered_order": b} for n, (a, b) in enumerate(events)
        ]

    assert round_trips([]) == 0
    assert round_trips(log((1, 2), (3, 4), (5, 6))) == 3
    assert round_trips(log((1, 4), (2, 5), (3, 6))) == 1
    assert round_trips(log((1, 2), (3, 6), (4, 5), (7, 8))) == 3


def test_every_playbook_is_measured_and_no_exception_is_left_over() -> None:
    names = {playbook.name for playbook in read_catalogue().playbooks}
    assert CASES.keys() == names
    assert {name for each in MORE.values() for name in each} <= names


@pytest.mark.parametrize(("playbook", "case"), CASES.items(), ids=CASES.keys())
def test_a_dry_run_takes_seven_requests_in_three_round_trips_and_none_twice(
    tmp_path: Path, playbook: str, case: Case
) -> None:
    plan, requests = dry_run(case, tmp_path)
    assert plan["playbook"]["name"] == playbook
    assert plan["steps"]
    asked = [f"{r['method']} {r['path'].lower()} {sorted(r['query'].items())}" for r in requests]
    assert {r["method"] for r in requests} == {"GET"}
    assert len(set(asked)) == len(asked)
    most, trips = limit(playbook)
    assert len(set(asked)) <= most, "\n".join(asked)
    assert round_trips(requests) <= trips, "\n".join(
        f"{r['arrived_order']}-{r['answered_order']} {r['path']}" for r in requests
    )


@pytest.mark.parametrize(
    ("playbook", "most"),
    [
        ("AllocationFailed", (3, 2)),
        ("UserErrorVmProvisioningStateFailed", (5, 2)),
        ("UserErrorRpCollectionLimitReached", (5, 2)),
        ("UserErrorGuestAgentStatusUnavailable", (7, 2)),
    ],
)
def test_a_plain_dry_run_takes_two_round_trips(
    tmp_path: Path, playbook: str, most: tuple[int, int]
) -> None:
    _, requests = dry_run(CASES[playbook], tmp_path)
    assert (len(requests), round_trips(requests)) == most


IMPORTED = """
import sys
from remediator.cli import call
code = call(sys.argv[1:])
print("imported:", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""


def imported(*arguments: str, env: dict[str, str]) -> tuple[Ended, set[str]]:
    """Run a command. Return its result, and the modules that it had imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments],
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    told = done.stderr.rpartition("imported: ")[2]
    return Ended(done.returncode, done.stdout, done.stderr), set(told.split())


ASKING = {"azure", "aiohttp", "msal", "asyncio", "cryptography", "ruamel", "jinja2"}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], ASKING | {"pydantic"}),
        (["--version"], ASKING | {"pydantic"}),
        (["run", "--help"], ASKING),
        (["no-such-verb"], ASKING),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_that_asks_nothing_imports_nothing_that_asks(
    arguments: list[str], heavy: set[str]
) -> None:
    ended, modules = imported(*arguments, env=dict(os.environ))
    assert "typer" in modules, ended.err
    assert modules & heavy == set()


def test_looking_imports_no_client_that_changes_something(tmp_path: Path) -> None:
    with SimulatorProcess("extension-stuck") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        saved = str(tmp_path / "plan.json")
        ended, modules = imported("plan", "--job-id", job, "--out", saved, env=env)
        ended.check(0)
    assert "azure.mgmt.core" in modules
    for client in ("azure.mgmt.compute", "azure.mgmt.recoveryservicesbackup", "azure.identity"):
        assert client not in modules
    assert "remediator.simulator" not in modules

    ended, modules = imported("show", saved, env=env)
    ended.check(0)
    assert "azure" not in modules
    assert "aiohttp" not in modules
