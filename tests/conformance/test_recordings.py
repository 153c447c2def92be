"""Recordings of real Azure judge the simulator and the tool's parsers. Each judge can fail."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remediator.errors import AzureError
from remediator.inspect import jobs, recovery_points, wire
from remediator.job.job import JobRow
from tests.conformance import backwards, recordings, refusals
from tests.conformance.backwards.comparing import Recordings
from tests.conformance.backwards.explanations import EVIDENCE, read_explanations
from tests.conformance.cassette import Pair
from tests.conformance.recorded import Recorded, everything
from tests.conformance.sdists import PACKAGES
from tests.places import RECORDINGS, ROOT

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason=f"no recordings beside the project ({RECORDINGS})",
)

NEW = "2024-10-01"
VM_JOB = "AzureIaaSVMJob"
SEVEN_DECIMALS = re.compile(r"(\S+)\.(\d{7})(Z)")


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return everything()


@pytest.fixture(scope="module")
def of_each_kind(recorded: Recorded) -> Recordings:
    return Recordings(recorded.pairs)


@pytest.fixture(scope="module")
def answers() -> list[Pair]:
    return backwards.answers()


def judged(of_each_kind: Recordings, answers: list[Pair]) -> list[str]:
    return backwards.judge_answers(of_each_kind, answers, read_explanations()).wrong


@needs_recordings
def test_the_simulator_answers_as_recorded(
    recorded: Recorded, of_each_kind: Recordings, answers: list[Pair]
) -> None:
    explained = read_explanations()
    verdict = backwards.judge_answers(of_each_kind, answers, explained)
    assert verdict.wrong == []
    assert explained.unused == []
    assert recorded.unreadable == []


def things(body: Any) -> list[dict[str, Any]]:
    """The things that an answer shows: itself, or the rows of its list."""
    rows = body.get("value") if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else [body] if isinstance(body, dict) else []


def jobs_of(pair: Pair) -> list[dict[str, Any]]:
    told = [thing.get("properties") for thing in things(pair.body)]
    return [each for each in told if isinstance(each, dict) and each.get("jobType") == VM_JOB]


def is_user_triggered_again(pair: Pair) -> None:
    for job in jobs_of(pair):
        job["isUserTriggered"] = True


def a_tier_is_an_integer(pair: Pair) -> None:
    for thing in things(pair.body) if pair.version == NEW else []:
        for tier in thing.get("properties", {}).get("recoveryPointTierDetails", []):
            tier["type"] = 1


def rows_have_no_errors(pair: Pair) -> None:
    for job in jobs_of(pair) if "/backupJobs/" not in pair.path else []:
        job.pop("errorDetails", None)


def subscriptions_in_capitals(pair: Pair) -> None:
    for thing in things(pair.body) if pair.version == NEW else []:
        if "/backupJobs/" in str(thing.get("id")):
            thing["id"] = thing["id"].replace("/subscriptions/", "/Subscriptions/")


def no_activity_id(pair: Pair) -> None:
    for job in jobs_of(pair):
        job.pop("activityId")


def zeros_at_the_end(pair: Pair) -> None:
    for job in jobs_of(pair):
        job["startTime"] = "2026-01-01T01:02:03.1234560Z"


def another_type_of_job(pair: Pair) -> None:
    for job in jobs_of(pair):
        job["virtualMachineVersion"] = "ComputeV2"


def another_number(pair: Pair) -> None:
    for job in jobs_of(pair):
        for error in job.get("errorDetails", []):
            error["errorCode"] = 1


def an_unheard_header(pair: Pair) -> None:
    pair.headers["x-ms-unheard"] = "1"


def links_without_signature(pair: Pair) -> None:
    for name in ("azure-asyncoperation", "location"):
        if name in pair.headers and pair.version == NEW:
            pair.headers[name] = pair.headers[name].partition("&t=")[0]


def other_words_of_a_lock(pair: Pair) -> None:
    if pair.status == 409:
        pair.body["error"]["message"] = "It is locked."


PLANTED: list[tuple[Callable[[Pair], None], str]] = [
    (is_user_triggered_again, ".properties.isUserTriggered is in no recording"),
    (a_tier_is_an_integer, "recoveryPointTierDetails[].type is an integer, recorded a text"),
    (rows_have_no_errors, ".properties.errorDetails is missing"),
    (subscriptions_in_capitals, ".id is an id /Subscriptions/"),
    (no_activity_id, ".properties.activityId is missing"),
    (zeros_at_the_end, ".properties.startTime has decimals that end in 0"),
    (another_type_of_job, ".properties.virtualMachineVersion is 'ComputeV2'"),
    (another_number, "VMCreationTimeOutStorageErrorV2 has the number 1, recorded [400199]"),
    (an_unheard_header, "header x-ms-unheard is in no recording"),
    (links_without_signature, "header azure-asyncoperation is "),
    (other_words_of_a_lock, "the message is 'It is locked.'"),
]


@needs_recordings
def test_each_planted_fault_is_found(of_each_kind: Recordings, answers: list[Pair]) -> None:
    missed = []
    for plant, complaint in PLANTED:
        planted = [replace(p, body=deepcopy(p.body), headers=dict(p.headers)) for p in answers]
        for pair in planted:
            plant(pair)
        changed = [new for new, old in zip(planted, answers, strict=True) if new != old]
        if not any(complaint in each for each in judged(of_each_kind, changed)):
            missed.append(complaint)
    assert missed == []


@needs_recordings
def test_a_kind_that_the_simulator_no_longer_gives_is_missed(
    of_each_kind: Recordings, answers: list[Pair]
) -> None:
    fewer = [pair for pair in answers if not pair.path.endswith("/recoveryPoints")]
    [wrong] = [each for each in judged(of_each_kind, fewer) if "brought about" in each][:1]
    assert "recovery point" in wrong


def test_explanations_name_their_evidence() -> None:
    for each in read_explanations().differences:
        assert each.evidence in EVIDENCE
        assert "specification" not in each.because.lower()
        match each.evidence:
            case "page":
                assert each.shown_by.startswith("https://learn.microsoft.com/")
            case "scrubbed":
                assert "recorder" in each.shown_by
            case "recording" if each.shown_by.startswith("azure-mgmt-"):
                name, version = each.shown_by.partition(",")[0].split()
                assert (name, version) in PACKAGES
            case "recording" if RECORDINGS.is_dir():
                assert (RECORDINGS / each.shown_by).is_file(), each.shown_by


def test_an_explanation_without_evidence_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "explained.yaml"
    table.write_text(
        "differences: [{pattern: x, because: The specification declares it.}]\nbeyond: {}\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="one piece of evidence"):
        read_explanations(table)


@needs_recordings
def test_the_parsers_read_all_that_was_recorded(recorded: Recorded) -> None:
    verdict = recordings.judge_pairs(recorded.pairs, recorded.unreadable)
    assert verdict.wrong == []
    for kind in ("jobs in lists", "recovery points in lists", "absent things", "errors explained"):
        assert kind in verdict.said


def without_errors(parse: Callable[..., JobRow]) -> Callable[..., JobRow]:
    return lambda row: parse(row).model_copy(update={"errors": ()})


def with_another_code(*_args: Any, **_options: Any) -> AzureError:
    return AzureError("Something (500)", code="Something", status=500)


@needs_recordings
@pytest.mark.parametrize(
    ("place", "name", "broken", "complaint"),
    [
        (recovery_points, "_TIERS", lambda old: {1: old[1], 2: old[2]}, "tiers "),
        (jobs, "parse_row", without_errors, "an error is lost"),
        (wire, "_TIME", lambda _: SEVEN_DECIMALS, "the time "),
        (refusals, "explain", lambda _: with_another_code, "is told as Something"),
    ],
)
def test_a_parser_that_loses_something_is_found(
    monkeypatch: pytest.MonkeyPatch,
    recorded: Recorded,
    place: object,
    name: str,
    broken: Callable[[Any], Any],
    complaint: str,
) -> None:
    monkeypatch.setattr(place, name, broken(getattr(place, name)))
    verdict = recordings.judge_pairs(recorded.pairs)
    assert any(complaint in each for each in verdict.wrong)


JOB: dict[str, Any] = {
    "id": "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"
    "/backupJobs/J",
    "name": "J",
    "properties": {"jobType": VM_JOB, "operation": "Backup", "status": "Failed"},
}


def test_a_folder_of_recordings_judges_alone(tmp_path: Path) -> None:
    url = f"https://management.azure.com{JOB['id']}?api-version={NEW}"
    pair = {"method": "GET", "uri": url, "sent": None, "status": 200, "headers": {}, "body": JOB}
    (tmp_path / "mine.jsonl").write_text(json.dumps(pair) + "\n", encoding="utf-8")
    (tmp_path / "broken.jsonl").write_text('{"method": "GET"\n', encoding="utf-8")
    (tmp_path / "other.json").write_text('{"colour": "red"}', encoding="utf-8")
    command = [sys.executable, "-m", "tests.conformance", "--recordings", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 1
    assert "1 jobs alone" in ended.stdout
    assert ".properties.containerName is in no recording" in ended.stdout
    for name in ("broken.jsonl", "other.json"):
        [line] = [each for each in ended.stderr.splitlines() if name in each][:1]
        assert "not a recording" in line
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["latin.jsonl", "list.yaml", "half.yaml", "empty.json"])
def test_a_file_that_is_no_recording_is_one_line(tmp_path: Path, name: str) -> None:
    texts = {
        "latin.jsonl": b"\xff\xfe",
        "list.yaml": b"- a\n- b\n",
        "half.yaml": b"interactions: [",
        "empty.json": b"",
    }
    (tmp_path / name).write_bytes(texts[name])
    found = everything(tmp_path)
    assert found.pairs == []
    [line] = found.unreadable
    assert name in line
    assert "\n" not in line
