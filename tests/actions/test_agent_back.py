"""What restarts or updates the agent is followed until the agent is back, before any backup."""

from pathlib import Path
from typing import Any

import pytest

from tests.actions.guests import ALLOWED, answer, arguments_of, cloud, guest, run
from tests.altered import thing, through, when
from tests.between import Between
from tests.command import environment, remediate
from tests.evidence import results, triggered


def ordered(script: str, **restart: Any) -> dict[str, Any]:
    """A guest whose script orders a restart or an update of the agent."""
    said = answer(script, changed=["ordered"], after={}, undo=None)
    return guest(said, restarts_agent=restart)


@pytest.mark.parametrize("script", ["restart-agent", "update-agent"])
def test_no_backup_begins_before_the_agent_is_back(script: str, tmp_path: Path) -> None:
    order = ordered(script, after="30s", takes="4m", version="2.99.0.0")
    with cloud(tmp_path, guest=order) as azure:
        ended = run(azure, tmp_path, *ALLOWED, script=script).check(0)
        told = " ".join(ended.out.split())
        assert "seen: the VM agent, back from what the script ordered" in told
        assert results(tmp_path) == ["applied", "applied"]
        assert [job["status"] for job in triggered(azure)] == ["Completed"]


@pytest.mark.parametrize(
    ("script", "restart"),
    [
        ("restart-agent", {"takes": "for-ever"}),
        ("update-agent", {"takes": "for-ever", "version": "2.99.0.0"}),
        ("update-agent", {"takes": "1m", "version": "2.13.1.1"}),
        ("update-agent", {"takes": "1m", "version": "2.9.9.9"}),
    ],
    ids=["silent", "update silent", "same version", "older version"],
)
def test_no_backup_follows_an_agent_that_does_not_come_back(
    script: str, restart: dict[str, Any], tmp_path: Path
) -> None:
    with cloud(tmp_path, guest=ordered(script, **restart)) as azure:
        ended = run(azure, tmp_path, *ALLOWED, script=script).check(3)
        told = " ".join(ended.out.split())
        assert "not seen in time: the VM agent, back from what the script ordered" in told
        assert "last heard at" in told
        assert results(tmp_path) == ["uncertain", "not-reached"]
        assert triggered(azure) == []


@pytest.mark.parametrize(
    ("script", "after", "waits"),
    [
        ("restart-agent", {"restart": "inactive"}, False),
        ("restart-agent", {"restart": "active"}, True),
        ("update-agent", {"version": "1"}, False),
        ("update-agent", {"version": "1", "update": "waiting"}, True),
    ],
)
def test_only_what_is_still_to_come_is_waited_for(
    script: str, after: dict[str, Any], waits: bool, tmp_path: Path
) -> None:
    said = answer(script, changed=[], after=after, undo=None)
    with cloud(tmp_path, guest=guest(said, restarts_agent={"takes": "for-ever"})) as azure:
        run(azure, tmp_path, *ALLOWED, script=script).check(3)
        assert results(tmp_path)[0] == ("uncertain" if waits else "applied")


def test_a_report_without_a_time_counts_when_an_old_one_would_have_run_out(
    tmp_path: Path,
) -> None:
    """The tool cannot know better then. It waits longer than an agent that works is silent."""
    with (
        cloud(tmp_path, guest=ordered("restart-agent", takes="8m")) as azure,
        Between(azure) as middle,
    ):
        middle.rules = [when("GET", "/virtualMachines/web", thing(_without_time))]
        ours = arguments_of(azure, tmp_path, *ALLOWED, script="restart-agent")
        through(middle, azure, tmp_path, *ours).check(0)
        assert [job["status"] for job in triggered(azure)] == ["Completed"]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("not-ready", "UserErrorGuestAgentStatusUnavailable"),
        ("ready", "ExtensionFailedOutOfMemoryError"),
    ],
    ids=["an agent that was silent", "a VM that looked well"],
)
def test_a_restarted_vm_is_backed_up_when_its_agent_has_reported_again(
    state: str, code: str, tmp_path: Path
) -> None:
    vm: dict[str, Any] = {
        "agent": {"state": state, "cured_by": "restart", "boots": "4m"},
        "ailments": [{"code": code, "cured_by": "restart"}],
        "history": [],
        "scheduled_backup": "5h ago",
        "on_demand_backup": "4h ago",
    }
    with cloud(tmp_path, **vm) as azure:
        ours = ("--job-id", azure.failed_jobs("web")[-1], "--allow", "downtime", "--yes")
        remediate(*ours, env=environment(azure, tmp_path)).check(0)
        assert results(tmp_path) == ["applied", "applied"]
        assert triggered(azure)[-1]["status"] == "Completed"


def _without_time(vm: dict[str, Any]) -> dict[str, Any]:
    for status in vm["properties"].get("instanceView", {}).get("vmAgent", {}).get("statuses", []):
        del status["time"]
    return vm
