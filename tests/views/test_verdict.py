"""A plan begins with its verdict and ends with it, in each language."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cases import FILES
from tests.clouds import stepped
from tests.command import environment, remediate
from tests.evidence import scenario

LIMIT = "limit-reached"
BROKEN: dict[str, Any] = {
    "provisioning": "failed",
    "history": [{"code": "UserErrorVmProvisioningStateFailed", "at": "1h ago"}],
}
HUMAN: dict[str, Any] = {"history": [{"code": "UserErrorRestoreVMAlreadyExists", "at": "1h ago"}]}
RECOVERED: dict[str, Any] = {
    "history": [
        {"code": "UserErrorVmProvisioningStateFailed", "at": "5h ago"},
        {"status": "Completed", "at": "1h ago"},
    ]
}


def shown(cloud: str | dict[str, Any], folder: Path, *options: str) -> list[str]:
    """The lines of the dry run of the VM's first failed job."""
    made = cloud if isinstance(cloud, str) else scenario(folder, cloud)
    with stepped(made) as azure:
        job = azure.failed_jobs("web")[0 if cloud is RECOVERED else -1]
        env = environment(azure, folder)
        out = remediate("--job-id", job, "--dry-run", *options, env=env).out
    return [line for line in out.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("cloud", "options", "first", "last"),
    [
        (LIMIT, [], "Can be fixed: 2 changes, no consent needed", "Apply it:"),
        (BROKEN, [], "Needs your consent: --allow downtime", "--allow downtime"),
        (BROKEN, ["--allow", "downtime"], r"Can be fixed: \d changes, with consent", "Apply it:"),
        (HUMAN, [], "Needs a human: ", "Needs a human: "),
        (RECOVERED, [], "Nothing to do: ", "Nothing to do: "),
        (LIMIT, ["--lang", "zh-CN"], "可以修复：2 项更改，无需同意", "应用："),
        (LIMIT, ["--lang", "zh-TW"], "可以修復：2 項變更，不需同意", "套用："),
    ],
    ids=["fixable", "no consent", "consent", "human", "recovered", "zh-CN", "zh-TW"],
)
def test_a_plan_begins_and_ends_with_its_verdict(
    cloud: str | dict[str, Any], options: list[str], first: str, last: str, tmp_path: Path
) -> None:
    lines = shown(cloud, tmp_path, *options)
    assert re.match(first, lines[1])
    assert last in "".join(lines[-4:])
    if last in ("Apply it:", "应用：", "套用："):
        assert lines[-2] == lines[1]


def test_a_saved_plan_ends_with_the_command_that_applies_it(tmp_path: Path) -> None:
    file = tmp_path / "a plan.json"
    with stepped(LIMIT) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        planned = remediate("plan", "--job-id", job, "--out", str(file), env=env).check(0).out
        looked = remediate("show", str(file), env=env).check(0).out
    command = f"Apply it: remediate apply '{file}'"
    assert planned.splitlines()[-1] == command
    assert looked.splitlines()[-1] == command


@pytest.mark.parametrize("options", [["--allow", "destructive"], ["--allow-data-loss"]])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_short_plan_names_each_restore_point_that_would_be_lost(
    options: list[str], language: str, tmp_path: Path
) -> None:
    """Above the question stands all that consent would lose, also while one consent is missing."""
    [case] = [
        case
        for each in FILES
        for case in each.cases
        if case.name == "a collection with a point that exists nowhere else needs --allow-data-loss"
    ]
    path = tmp_path / "scenario.yaml"
    path.write_text(json.dumps(case.scenario, default=str), "utf-8")
    with stepped(path) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs(case.vm)[case.job]
        look = ("--job-id", job, "--dry-run", *options)
        plan = remediate(*look, "--format", "json", env=env).json()
        told = remediate(*look, "--lang", language, env=env).out
    changes = [step.get("change") or step for step in plan["steps"]]
    lost = [point["point"] for change in changes for point in change.get("loses", ())]
    assert lost
    for point in lost:
        assert point in told
    assert ("FOR EVER" in told) == (language == "en")
