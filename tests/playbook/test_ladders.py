"""A ladder is climbed, run after run, and ends: no change that disturbs a VM is tried for ever."""

from pathlib import Path
from typing import Any

import pytest

from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.playbook import Rung
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate
from tests.evidence import path_of, scenario

DISTURBING = {
    "run-guest-script",
    "reapply-vm",
    "restart-vm",
    "redeploy-vm",
    "power-cycle-vm",
    "start-vm",
    "uninstall-extension",
}
"""Actions whose effect may show in no fact of a `when`. Only `tries` can end such a rung."""

ALONE = {"back-up-now", *DISTURBING}
RUNGS = [
    pytest.param(rung, id=f"{playbook.name}: {rung.rung}")
    for playbook in read_catalogue().playbooks
    for rung in playbook.ladder
    if {step.action for step in rung.steps} <= ALONE
]


@pytest.mark.parametrize("rung", RUNGS)
def test_after_many_tries_no_remedy_is_begun_again(rung: Rung) -> None:
    if "clean_up" in rung.when:
        return  # the same history answers `clean_up`, and the clean-up goes on by itself
    if rung.only_asked:
        return  # only the script of another rung brings it back
    assert "tries" in rung.when, "nothing ends this rung"
    assert "many" not in rung.when["tries"]


def night(azure: SimulatorProcess, folder: Path, *options: str) -> tuple[list[str], dict[str, Any]]:
    """One nightly run for the newest failed job. Return what it sent, and its report."""
    azure.clear_log()
    env = environment(azure, folder)
    job = azure.failed_jobs("web")[-1]
    ended = remediate("--job-id", job, "--yes", "--format", "json", *options, env=env)
    sent = [path_of(w["url"]).rsplit("/", 1)[-1] for w in azure.writes()]
    return sent, ended.check(3).json()


@pytest.mark.parametrize("days", [1, 7])
def test_a_nightly_or_weekly_run_climbs_and_then_leaves_the_vm_to_a_human(
    days: int, tmp_path: Path
) -> None:
    vm = {
        "agent": {"state": "not-ready"},
        "collection": {"points": {"count": 1, "newest": "2d ago"}},
        "scheduled_backup": "3h ago",
    }
    with SimulatorProcess(scenario(tmp_path, vm), time="stepped", step=30) as azure:
        nights = []
        for _ in range(7 if days == 1 else 4):
            sent, _ = night(azure, tmp_path, "--allow", "downtime")
            nights.append(sent)
            azure.advance(days * 86400)
    climb = [["reapply", "backup"], ["restart", "backup"], ["redeploy", "backup"]]
    assert nights == climb + [[]] * (len(nights) - 3)
