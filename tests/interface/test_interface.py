"""The flow from Python: the same consent, guards and records as on the command line."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import remediator
from remediator import NotApplied, Plan, Remediate, RemediateSync, Report, explain
from remediator.errors import BadInputError, PlanFileError
from remediator.flow.applying import Runs
from remediator.flow.events import Finished, Seen
from remediator.flow.requests import Terms
from remediator.json_text import json_text
from remediator.plan.plan import read_plan
from remediator.simulator.process import SimulatorProcess
from tests.ailing import STUCK
from tests.command import SPEED
from tests.evidence import scenario

DOWNTIME = "provisioning-failed"


def options(azure: SimulatorProcess, folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setenv("AZURE_ACCESS_TOKEN", azure.token)
    return {
        "arm_endpoint": azure.url,
        "auth": "token",
        "state": folder / "state",
        "poll_interval": 0.02,
        "timeout": 300.0,
    }


def test_a_job_is_planned_and_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    async def fix(azure: SimulatorProcess) -> Report | NotApplied:
        given = options(azure, tmp_path, monkeypatch)
        async with Remediate(**given, on_event=seen.append) as remediate:
            made = await remediate.plan(azure.failed_jobs("web")[-1])
            return await remediate.apply(made, approve=True)

    with SimulatorProcess("extension-stuck", time="fast", speed=SPEED) as azure:
        report = asyncio.run(fix(azure))
        assert [write["method"] for write in azure.writes()] == ["DELETE", "POST"]
    assert isinstance(report, Report)
    assert report.verdict.ending == "recovered"
    assert any(isinstance(event, Seen) for event in seen)
    trail = (tmp_path / "state" / "audit.jsonl").read_text("utf-8")
    assert '"by":"caller"' in trail.replace(" ", "")


def test_without_consent_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(plans: Sequence[Plan]) -> bool:
        asked.extend(plans)
        return False

    def broken(_plans: Sequence[Plan]) -> bool:
        raise ValueError("the approver is broken")

    asked: list[Plan] = []
    with SimulatorProcess("extension-stuck", time="fast", speed=SPEED) as azure:
        with RemediateSync(**options(azure, tmp_path, monkeypatch)) as remediate:
            made = remediate.plan(azure.failed_jobs("web")[-1])
            for approve, because in ((False, "NOBODY"), (no, "NO")):
                left = remediate.apply(made, approve=approve)
                assert isinstance(left, NotApplied)
                assert left.because.name == because
            with pytest.raises(ValueError, match="broken"):
                remediate.apply(made, approve=broken)
            planned = remediate.plan_all(azure.failed_jobs("web"))
            assert remediate.apply_all(planned) is None
            assert remediate.apply_all(planned, approve=no) is None
        assert azure.writes() == []
    assert made in asked


def test_a_plan_of_a_file_brings_no_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    with SimulatorProcess(DOWNTIME, time="fast", speed=SPEED) as azure:
        given = options(azure, tmp_path, monkeypatch)
        with RemediateSync(**given) as remediate:
            made = remediate.plan(azure.failed_jobs("web")[-1], allow=["downtime"])
        file.write_text(json_text(made), "utf-8")
        with RemediateSync(**given) as remediate:
            with pytest.raises(PlanFileError, match="--allow downtime"):
                remediate.apply(read_plan(file), approve=True)
            assert azure.writes() == []
            report = remediate.apply(read_plan(file), approve=True, allow=["downtime"])
        assert isinstance(report, Report)


def test_several_are_fixed_and_what_listens_stops_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def angry(event: Any) -> None:
        heard.append(event)
        raise RuntimeError("the listener is broken")

    heard: list[Any] = []
    with SimulatorProcess("extension-stuck", time="fast", speed=SPEED) as azure:
        given = options(azure, tmp_path, monkeypatch)
        with RemediateSync(**given, on_event=angry) as remediate:
            batch = remediate.apply_all(remediate.plan_all(azure.failed_jobs("web")), approve=True)
    assert batch is not None
    assert "fixed" in {target.standing for target in batch.targets}
    assert any(isinstance(event, Finished) for event in heard)


def test_a_plan_that_was_altered_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        SimulatorProcess("extension-stuck", time="fast", speed=SPEED) as azure,
        RemediateSync(**options(azure, tmp_path, monkeypatch)) as remediate,
    ):
        made = remediate.plan(azure.failed_jobs("web")[-1])
        altered = made.model_copy(update={"steps": made.steps[:1]})
        with pytest.raises(PlanFileError, match="altered"):
            remediate.apply(altered, approve=True)
        planned = replace(remediate.plan_all([made.job.id]), plans=(altered,))
        with pytest.raises(PlanFileError, match="altered"):
            remediate.apply_all(planned, approve=True)
        assert azure.writes() == []


def test_an_unforeseen_error_at_one_vm_ends_no_other_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Runs.begin

    async def faulty(runs: Runs, plan: Plan, terms: Terms) -> Report:
        if plan.job.vm_name == "a":
            raise KeyError("nobody foresaw this")
        return await begin(runs, plan, terms)

    monkeypatch.setattr(Runs, "begin", faulty)
    path = scenario(tmp_path, *(STUCK | {"name": vm} for vm in ("a", "b")))
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        jobs = [azure.failed_jobs(vm)[-1] for vm in ("a", "b")]
        with RemediateSync(**options(azure, tmp_path, monkeypatch)) as remediate:
            batch = remediate.apply_all(remediate.plan_all(jobs), approve=True)
    assert batch is not None
    assert [target.standing for target in batch.targets] == ["not-fixed", "fixed"]
    assert "internal error: KeyError" in batch.targets[0].text


def test_a_vm_is_checked_and_a_code_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        SimulatorProcess("extension-stuck") as azure,
        RemediateSync(**options(azure, tmp_path, monkeypatch)) as remediate,
    ):
        vm = next(vm["id"] for vm in azure.state()["vms"] if vm["name"] == "web")
        assert remediate.check(vm).failing
        with pytest.raises(BadInputError, match="allow 'all'"):
            remediate.plan(azure.failed_jobs("web")[-1], allow=["all"])
        assert azure.writes() == []
    assert [found.code for found in explain("400160").found]


def test_a_missing_async_with_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="async with"):
        asyncio.run(Remediate(state=tmp_path).plan("x"))


def test_importing_it_loads_nothing_else() -> None:
    asked = "import sys, remediator; print([m for m in sys.modules if m.startswith('remediator')])"
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "['remediator.version', 'remediator']"


def test_every_name_that_is_promised_is_there() -> None:
    for name in remediator.__all__:
        assert getattr(remediator, name) is not None
    assert not hasattr(remediator, "surely_not")
