"""The page of a run tells what happened in the chosen language, and no more than is known."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remediator.language import speak
from remediator.record.records import read_record
from remediator.report.report import Report
from remediator.run.run import Began, Entry, JobFollowed, Sent
from remediator.views.html.embedded import Parts, unpacked
from remediator.views.html.timeline import timeline
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


@pytest.fixture
def chinese() -> Iterator[None]:
    speak("zh-CN")
    yield
    speak("en")


def drawn(saved: Path, *entries: Entry) -> tuple[list[list[str]], list[list[Any]]]:
    """The events and the bars of a timeline."""
    parts = Parts()
    plan = Report.model_validate_json(saved.read_text("utf-8")).plan
    told = timeline(plan, entries, parts.pack)
    texts = [[unpacked(each, parts.all) for each in event] for event in told["events"]]
    return texts, told["spans"]


def began(saved: Path) -> Began:
    return read_record(Path(json.loads(saved.read_text("utf-8"))["record"]))[0]


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


@pytest.mark.usefixtures("chinese")
def test_events_are_told_in_the_chosen_language(saved: Path) -> None:
    _began, entries = read_record(Path(json.loads(saved.read_text("utf-8"))["record"]))
    events, _bars = drawn(saved, *entries)
    told = "\n".join(event for _at, _after, event in events)
    for word in ("take lock", "is Completed", "ended", "recovered", "InProgress;"):
        assert word not in told
    assert "已恢复" in told


def test_times_are_told_to_the_tenth_also_before_the_start(saved: Path) -> None:
    first = began(saved)
    later = [
        JobFollowed(at=first.at + timedelta(seconds=s), job_id="j", status="InProgress", tasks=())
        for s in (59.96, 3661.24, -5)
    ]
    events, _bars = drawn(saved, first, *later)
    assert [after for _at, after, _event in events] == [
        "+0:00:00.0",
        "+0:01:00.0",
        "+1:01:01.2",
        "-0:00:05.0",
    ]


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("Completed", "good"),
        ("CompletedWithWarnings", "bad"),
        ("Failed", "bad"),
        ("Cancelled", "bad"),
        ("InProgress", "act"),
        ("Cancelling", "act"),
        ("SomethingNew", "act"),
    ],
)
def test_only_a_job_that_is_known_to_have_ended_badly_is_red(
    status: str, tone: str, saved: Path
) -> None:
    first = began(saved)
    _events, bars = drawn(
        saved, first, JobFollowed(at=first.at, job_id="j", status=status, tasks=())
    )
    assert [bar[-1] for bar in bars] == [tone]


def test_a_change_that_was_found_done_is_not_told_as_accepted(saved: Path) -> None:
    first = began(saved)
    note = "done, although no answer came"
    sent = Sent(at=first.at, step=1, correlation_id=None, note=note)
    events, _bars = drawn(saved, first, sent)
    assert events[-1][-1].endswith(f": {note}")
    assert "accepted" not in events[-1][-1]
