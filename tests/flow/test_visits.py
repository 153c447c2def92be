"""Several visits to one VM, each from another machine: only Azure remembers the ones before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remediator.job.request_ids import Evidence, Found, evidence_of, is_ours, tag
from remediator.simulator.process import SimulatorProcess
from tests.actions.guests import answer
from tests.altered import rows, thing, through, when
from tests.between import Between, Rule
from tests.command import STEP, environment, remediate
from tests.cut_short import cloud, killed_during
from tests.evidence import record, scenario, triggered
from tests.saved_plans import applied, planned

CODE = "ExtensionSnapshotFailedCOM"
FORMER = "19767abd-3063-8e31-94f1-5e8f5b0f3f0a"
"""A request id of a version that put no evidence into it."""
ASKS = {"problem": "The provider is damaged: install-provider-anew comes first.", "changed": []}
GUEST = ("--allow", "guest")


def ailing(folder: Path, **com_plus: Any) -> Path:
    """A VM that nothing cures, with the answer of the first rung's script."""
    answers = [
        {"when": ["$scriptName = 'com-plus'"], "stdout": answer("com-plus", **com_plus)},
        {"when": ["provider-reinstall"], "stdout": answer("provider-reinstall")},
        {"when": ["reinstall-msdtc"], "stdout": answer("reinstall-msdtc")},
    ]
    vm = {
        "collection": {"points": {"count": 2, "newest": "1d ago"}},
        "ailments": [{"code": CODE, "times": 99}],
        "guest": {"answers": answers},
        "scheduled_backup": "3h ago",
    }
    return scenario(folder, vm)


def visits(azure: SimulatorProcess, folder: Path, count: int, *rules: Rule) -> list[str | None]:
    """The rungs that so many visits take, each from a machine of its own."""
    taken: list[str | None] = []
    with Between(azure) as middle:
        middle.rules = list(rules)
        for number in range(count):
            (machine := folder / f"machine-{number}").mkdir()
            job = azure.failed_jobs("web")[-1]
            told = through(middle, azure, machine, "--job-id", job, *GUEST).check(3).json()
            ladder = told.get("plan", told)["ladder"]
            taken.append(ladder["rung"] if ladder else None)
    return taken


def activity(value: str | None) -> tuple[Rule, Rule]:
    """Rules: each job that the tool began tells this activity id, or none."""

    def changed(row: dict[str, Any]) -> dict[str, Any]:
        if is_ours(row["properties"]["activityId"]):
            row["properties"]["activityId"] = value
        return row

    return (
        when("GET", "/backupJobs", rows(changed)),
        when("GET", "/backupJobs/[^/]+", thing(changed)),
    )


@pytest.fixture
def world() -> Callable[[Path], SimulatorProcess]:
    return lambda path: SimulatorProcess(path, time="stepped", step=STEP)


def test_each_visit_goes_on_where_the_last_one_ended(
    world: Callable[[Path], SimulatorProcess], tmp_path: Path
) -> None:
    with world(ailing(tmp_path)) as azure:
        found = visits(azure, tmp_path, 4)
    assert found == ["start-services", "reinstall-msdtc", "install-provider-anew", None]


def test_a_script_leads_to_the_rung_that_it_asked_for(
    world: Callable[[Path], SimulatorProcess], tmp_path: Path
) -> None:
    with world(ailing(tmp_path, **ASKS, next="install-provider-anew")) as azure:
        assert visits(azure, tmp_path, 3) == ["start-services", "install-provider-anew", None]
        first = evidence_of(triggered(azure)[0]["activity_id"])
    asked = tag(CODE, "install-provider-anew")
    assert first == Evidence(tag(CODE, "start-services"), Found.PROBLEM, asked)


@pytest.mark.parametrize("told", [None, FORMER], ids=["no activity id", "of a former version"])
def test_without_evidence_the_ladder_is_climbed_by_count(
    told: str | None, world: Callable[[Path], SimulatorProcess], tmp_path: Path
) -> None:
    """A trigger's answer names its job, so a run finds its job without the id."""
    with world(ailing(tmp_path, **ASKS, next="install-provider-anew")) as azure:
        lacking = activity(told) if told is None else activity(told)[:1]
        found = visits(azure, tmp_path, 5, *lacking)
    assert found == [
        "start-services",
        "start-services",
        "reinstall-msdtc",
        "install-provider-anew",
        None,
    ]


def test_the_limit_of_attempts_counts_backups_and_not_places_on_the_ladder(
    world: Callable[[Path], SimulatorProcess], tmp_path: Path
) -> None:
    with world(ailing(tmp_path, **ASKS, next="install-provider-anew")) as azure:
        visits(azure, tmp_path, 1)
        (elsewhere := tmp_path / "elsewhere").mkdir()
        ours = ("--job-id", azure.failed_jobs("web")[-1], *GUEST, "--dry-run", "--format", "json")
        env = environment(azure, elsewhere)
        one = remediate(*ours, "--attempts", "1", env=env).check(0).json()
        none = remediate(*ours, "--attempts", "0", env=env).json()
    assert [step["kind"] for step in one["steps"]] == ["change", "change", "manual"]
    assert {step.get("guard") for step in none["steps"] if step["kind"] == "held"} >= {"attempts"}


def test_a_saved_plan_of_a_later_visit_is_not_stale(
    world: Callable[[Path], SimulatorProcess], tmp_path: Path
) -> None:
    with world(ailing(tmp_path, **ASKS, next="install-provider-anew")) as azure:
        visits(azure, tmp_path, 1)
        (elsewhere := tmp_path / "elsewhere").mkdir()
        saved = planned(azure, elsewhere, *GUEST)
        assert json.loads(saved.read_text("utf-8"))["ladder"]["rung"] == "install-provider-anew"
        applied(azure, elsewhere, saved, "--yes", *GUEST).check(3)
        assert len(triggered(azure)) == 2


def test_a_run_that_was_killed_at_its_trigger_tells_the_same_when_it_is_resumed(
    tmp_path: Path,
) -> None:
    """The answer of the script is in the journal, so the evidence is the same."""
    with cloud(ailing(tmp_path, **ASKS, next="install-provider-anew")) as azure:
        killed_during(azure, tmp_path, *GUEST, method="POST", path="/backup$")
        remediate("resume", "--yes", env=environment(azure, tmp_path)).check(3)
        [job] = triggered(azure)
    [intent] = [e for e in record(tmp_path) if e["kind"] == "intent" and e["request_id"]]
    assert job["activity_id"] == intent["request_id"]
    told = evidence_of(job["activity_id"])
    assert told is not None
    assert told.wanted == tag(CODE, "install-provider-anew")


def test_the_report_names_the_rung_that_the_script_asked_for(
    world: Callable[[Path], SimulatorProcess], tmp_path: Path
) -> None:
    with world(ailing(tmp_path, **ASKS, next="install-provider-anew")) as azure:
        ours = ("--job-id", azure.failed_jobs("web")[-1], *GUEST)
        env = environment(azure, tmp_path)
        planned_next = remediate(*ours, "--dry-run", "--details", env=env).check(0).out
        ended = remediate(*ours, "--yes", env=env).check(3)
    assert "next on the ladder: Uninstall and install MSDTC" in planned_next
    told = " ".join(ended.out.split())
    assert (
        "The provider is damaged: install-provider-anew comes first. (nothing was changed)" in told
    )
    assert "it asks for rung install-provider-anew next" in told
    assert "(Let the backup install its VSS provider again)" in told
