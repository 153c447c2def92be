"""The page of a run tells what happened in the chosen language, and no more than is known."""

import json
from pathlib import Path

import pytest

from tests.command import environment, remediate
from tests.cut_short import cloud as fast_cloud
from tests.views.html.reader import read


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run, as JSON. Its record is still there."""
    folder = tmp_path_factory.mktemp("run")
    path = folder / "report.json"
    with fast_cloud("limit-reached") as azure:
        job = azure.failed_jobs("web")[-1]
        env = environment(azure, folder)
        remediate("run", job, "--yes", "-o", str(path), env=env).check(0)
    return path


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_sentences_are_told_in_the_chosen_language_and_commands_as_they_are(
    language: str, saved: Path
) -> None:
    report = json.loads(saved.read_text("utf-8"))
    first, second = (step["undo"] for step in report["plan"]["steps"] if step["kind"] == "change")
    assert first.startswith("az ")
    asked = ("report", str(saved), "-o", "html", "--lang", language)
    parts = read(remediate(*asked, env={}).check(0).out).told["parts"]
    assert first in parts
    ours = {second, report["verdict"]["text"]}
    assert ours.intersection(parts) == (ours if language == "en" else set())
