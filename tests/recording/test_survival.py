"""The scrubbing keeps what the tool reads: a plan from the file is the plan from Azure."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from remediator.change.operations import Operation
from remediator.change.step import Request
from remediator.facts.settings import Settings
from remediator.guards.consent import Consent
from remediator.ids import ResourceId
from remediator.job.job import JobRef
from remediator.plan.checkup import check_up
from remediator.plan.plan import Plan
from remediator.plan.planning import plan_job
from remediator.playbook.catalogue import read_catalogue
from remediator.recording.pair import Pair, read_pairs
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.recording.replay import Replay

SCENARIOS = ("demo", "limit-reached-protected-locks", "limit-reached-custom-group", "agent-silent")


def _addressed(_: Operation, request: Request) -> Request:
    return request


def planned(pairs: tuple[Pair, ...]) -> Plan:
    job = next(pair for pair in pairs if "/backupjobs/" in pair.uri.lower())
    reader = Replay(pairs)
    return asyncio.run(
        plan_job(
            reader,
            JobRef.parse(job.body["id"]),
            read_catalogue(None),
            said_code=None,
            consent=Consent(impacts=frozenset(), data_loss=False),
            endpoint="https://management.azure.com",
            addressed=_addressed,
            now=reader.now,
        )
    )


def told(plan: dict[str, Any]) -> list[Any]:
    steps = [(step["kind"], step["action"]) for step in plan["steps"]]
    facts = [(fact["fact"], fact["value"]) for fact in plan["facts"]]
    return [plan["failure"]["code"], (plan["ladder"] or {}).get("rung"), steps, facts]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_plan_from_the_file_is_the_plan_from_azure(name: str, tmp_path: Path) -> None:
    compared = 0
    with SimulatorProcess(name) as azure:
        env = environment(azure, tmp_path / "state")
        for vm, jobs in sorted(azure.state()["failed_jobs"].items()):
            if not jobs:
                continue
            shown = remediate("--job-id", jobs[-1], "--dry-run", "--format", "json", env=env)
            file = tmp_path / f"{vm}.jsonl"
            remediate("record", "--job-id", jobs[-1], "-o", str(file), env=env)
            again = planned(read_pairs(file)).model_dump(mode="json")
            assert told(again) == told(shown.json()), vm
            compared += 1
    assert compared


def test_a_check_from_the_file_finds_what_the_check_found(tmp_path: Path) -> None:
    with SimulatorProcess("demo") as azure:
        env = environment(azure, tmp_path / "state")
        for vm in ("web", "api", "mail"):
            shown = remediate("check", "--vm", vm, "--format", "json", env=env).json()
            file = tmp_path / f"{vm}.jsonl"
            remediate("record", "--vm", vm, "-o", str(file), env=env)
            pairs = read_pairs(file)
            machine = next(p for p in pairs if "instanceView" in p.uri)
            found = asyncio.run(
                check_up(
                    Replay(pairs),
                    ResourceId.parse(machine.body["id"]),
                    Settings.told(None, None, None),
                )
            )
            was = {f["check"]: f["status"] for f in shown["findings"]}
            assert {f.check: f.status.value for f in found.findings} == was, vm
