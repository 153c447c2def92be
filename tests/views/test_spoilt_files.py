"""A saved file comes from anybody. Whatever texts it holds, no terminal acts on them."""

import json
import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal, get_origin

import pytest

from remediator.change.step import Held, Manual, Unchanged
from remediator.flow.saved import Saved, read_saved
from remediator.plan.plan import Plan, resealed
from remediator.report.runs import Story
from remediator.simulator.process import SimulatorProcess
from remediator.value import Value
from tests.command import STEP, environment, remediate
from tests.controls import controls
from tests.evidence import scenario
from tests.flow.estates import CODE, POINTS
from tests.views.form_files import ENDINGS
from tests.views.form_files import written as forms

HOSTILE: Final = "\x1b]0;title\x07\x1b[2J\u202e\x9b"
OFFLINE: Final = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of each kind, as the verbs write them."""
    folder = tmp_path_factory.mktemp("saved")
    vm = {"collection": POINTS, "history": [{"at": "3h ago", "code": CODE}]}
    path = scenario(folder, vm, vm | {"name": "db", "agent": "not-ready"})
    files = {kind: folder / f"{kind}.json" for kind in ("plan", "scan", "batch", "report", "story")}
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        env = environment(azure, folder / "state")
        web, db = (azure.failed_jobs(name)[-1] for name in ("web", "db"))
        remediate("plan", db, "-o", str(files["plan"]), env=env).check(0)
        remediate("scan", "-o", str(files["scan"]), env=env)
        remediate("run", web, db, "--dry-run", "-o", str(files["batch"]), env=env)
        remediate("run", web, "--yes", "-o", str(files["report"]), env=env).check(0)
        run = json.loads(files["report"].read_text("utf-8"))["run_id"]
        remediate("runs", "show", run, "-o", str(files["story"]), env=env).check(0)
    return files


def spoilt(value: Any) -> Any:
    """The value with control characters in each text that may have them."""
    match value:
        case Enum():
            return value
        case str():
            return f"{value}{HOSTILE}"
        case Value():
            told = {
                name: spoilt(getattr(value, name))
                for name, field in type(value).model_fields.items()
                # The keys of a finding's values are the places in its text.
                if get_origin(field.annotation) is not Literal and name != "values"
            }
            return value.model_copy(update=told)
        case Mapping():
            return {spoilt(key): spoilt(each) for key, each in value.items()}
        case tuple():
            return tuple(map(spoilt, value))
        case _:
            return value


def written(found: Saved, path: Path) -> str:
    """The path of a file that holds a spoilt value."""
    told = spoilt(found)
    if isinstance(told, Plan):
        kinds = (Unchanged, Held, Manual)
        more = (kind(action="x", target="y", why=("z",)) for kind in kinds)
        told = resealed(told, (*told.steps, *map(spoilt, more)))
    path.write_text(told.model_dump_json(), "utf-8")
    return str(path)


@pytest.mark.parametrize("kind", ["plan", "scan", "batch", "report", "story"])
def test_no_text_of_a_saved_file_controls_a_terminal(
    kind: str, saved: dict[str, Path], tmp_path: Path
) -> None:
    found = read_saved(saved[kind])
    if isinstance(found, Story):
        found = found.model_copy(update={"report": None})
    path = written(found, tmp_path / "spoilt.json")
    for option in ([], ["--details"]):
        told = remediate("report", path, *option, env=OFFLINE).check(0)
        assert "\\x1b]0;title" in told.out
        assert not controls(told.out + told.err)
    _ended, files = forms(tmp_path / "out", OFFLINE, "report", path)
    for ending in ENDINGS:
        assert not controls(files.text(ending))
