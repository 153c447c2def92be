"""What a dry run costs: few requests, fewer round trips, nothing twice, no import in vain."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from remediator.catalogue import read_catalogue
from remediator.simulator.process import SimulatorProcess
from tests.command import Ended, environment, remediate

LATENCY = 0.4
"""Seconds before each answer: more than it takes to send all requests of one round trip."""

SCENARIOS = {
    "BackUpOperationFailed": "internal-error",
    "CopyingVHDsFromBackUpVaultTakingLongTime": "transfer-timeout",
    "ExtensionStuckInDeletionState": "extension-stuck",
    "UserErrorBackupOperationInProgress": "backup-in-progress",
    "UserErrorGuestAgentStatusUnavailable": "agent-unavailable",
    "UserErrorRpCollectionLimitReached": "limit-reached",
    "UserErrorVmProvisioningStateFailed": "provisioning-failed",
}


def round_trips(requests: list[dict[str, Any]]) -> int:
    """The longest chain of requests of which each arrived after the one before was answered."""
    depth: dict[int, int] = {}
    for one in sorted(requests, key=lambda r: r["arrived_order"]):
        before = [
            depth[other["n"]]
            for other in requests
            if other["n"] in depth and other["answered_order"] < one["arrived_order"]
        ]
        depth[one["n"]] = 1 + max(before, default=0)
    return max(depth.values(), default=0)


def test_round_trips_are_counted_by_the_order_of_events() -> None:
    def log(*events: tuple[int, int]) -> list[dict[str, Any]]:
        return [
            {"n": n, "arrived_order": a, "answered_order": b} for n, (a, b) in enumerate(events)
        ]

    assert round_trips([]) == 0
    assert round_trips(log((1, 2), (3, 4), (5, 6))) == 3
    assert round_trips(log((1, 4), (2, 5), (3, 6))) == 1
    assert round_trips(log((1, 2), (3, 6), (4, 5), (7, 8))) == 3


def test_every_playbook_has_its_scenario_here() -> None:
    assert SCENARIOS.keys() == {playbook.name for playbook in read_catalogue().playbooks}


@pytest.mark.parametrize(("code", "scenario"), SCENARIOS.items(), ids=SCENARIOS.keys())
def test_a_dry_run_takes_eight_requests_in_three_round_trips_and_none_twice(
    tmp_path: Path, code: str, scenario: str
) -> None:
    with SimulatorProcess(scenario, latency=LATENCY) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        plan = remediate("--job-id", job, "--dry-run", "--format", "json", env=env).json()
        requests = azure.requests()
    assert plan["failure"]["code"] == code
    assert plan["steps"]
    asked = [f"{r['method']} {r['path'].lower()} {sorted(r['query'].items())}" for r in requests]
    assert {r["method"] for r in requests} == {"GET"}
    assert len(set(asked)) == len(asked)
    assert len(asked) <= 8, "\n".join(asked)
    assert round_trips(requests) <= 3, "\n".join(
        f"{r['arrived_order']}-{r['answered_order']} {r['path']}" for r in requests
    )


IMPORTED = """
import sys
from remediator.cli import call
code = call(sys.argv[1:])
print("imported:", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""


def imported(*arguments: str, env: dict[str, str]) -> tuple[Ended, set[str]]:
    """Run a command, and the modules that it had imported when it ended."""
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


ASKING = {"azure", "aiohttp", "msal", "asyncio", "cryptography", "ruamel"}


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
def test_what_asks_nothing_imports_nothing_that_asks(arguments: list[str], heavy: set[str]) -> None:
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
