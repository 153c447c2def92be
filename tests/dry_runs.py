"""The dry run of one job of each playbook, and the requests that it makes."""

import json
from pathlib import Path
from typing import Any, Final

from remediator.proving.casefile import Case
from remediator.simulator.process import SimulatorProcess
from tests.cases import FILES
from tests.command import environment, remediate
from tests.round_trips import LATENCY

CASES: Final = {
    file.playbook: next((case for case in file.cases if case.expect.rung), file.cases[0])
    for file in FILES
}
"""One case of each playbook: the first case that changes something, if there is one."""


def dry_run(case: Case, folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The plan of a case's job, which is named by its full id, and the requests for it."""
    scenario: str | Path = folder / "scenario.yaml"
    if isinstance(case.scenario, str):
        scenario = case.scenario
    else:
        Path(scenario).write_text(json.dumps(case.scenario, default=str), encoding="utf-8")
    with SimulatorProcess(scenario, latency=LATENCY) as azure:
        job = azure.failed_jobs(case.vm)[case.job]
        options = ("--dry-run", "--format", "json", *case.options)
        plan = remediate("--job-id", job, *options, env=environment(azure, folder)).json()
        return plan, azure.requests()
