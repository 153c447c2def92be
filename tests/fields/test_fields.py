"""The evidence for the fields that are read: kept as data, and shown on a page."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from remediator.facts import Source
from tests.dropout.kinds import ANY, Field
from tests.fields import evidence, page
from tests.fields.evidence import Evidence
from tests.fields.observed import Seen
from tests.fields.recorded import Recorded, Recordings
from tests.fields.specified import Specifications
from tests.fields.users import PURPOSES, sources, users
from tests.places import RECORDINGS

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.exists(), reason=f"the recordings are not beside the project: {RECORDINGS}"
)

_JOBS = "GET Microsoft.RecoveryServices/vaults/backupJobs"
_ON_ROWS = ("value", "[]", "properties")


def test_the_page_is_current() -> None:
    told = page.PAGE.read_text("utf-8")
    assert page.page(page.figures()) == told, "run `make fields`"


@needs_recordings
def test_the_evidence_is_that_of_the_recordings_and_specifications() -> None:
    kept = evidence.kept()
    seen = [Seen(each.field, each.readers, each.simulated) for each in kept]
    assert tuple(evidence.gathered(seen)) == kept, "run `make fields`"


def test_every_page_that_is_named_is_about_a_field_that_is_read() -> None:
    read = {(each.field.kind.lower(), each.field.path) for each in evidence.kept()}
    for told in YAML(typ="safe").load(evidence.DOCUMENTED.read_text("utf-8")):
        for path in told["paths"]:
            assert (told["kind"].lower(), evidence.path_of(path)) in read, (told["kind"], path)


@needs_recordings
def test_who_triggered_a_job_was_never_recorded_and_when_its_point_expires_was() -> None:
    recordings = Recordings()
    who = recordings.about(Field(_JOBS, (*_ON_ROWS, "isUserTriggered")))
    assert who is not None
    assert who.with_it == 0
    assert who.of > 10
    status = recordings.about(Field(_JOBS, (*_ON_ROWS, "status")))
    assert status is not None
    assert status.with_it == status.of == who.of
    bag = ("properties", "extendedInfo", "propertyBag", "Recovery Point Expiry Time in UTC")
    expires = recordings.about(Field(f"{_JOBS}/{{}}", bag))
    assert expires is not None
    assert expires.with_it > 0


def _recording(folder: Path, version: str, rows: list[dict[str, object]]) -> None:
    told = folder / "azure-powershell"
    told.mkdir(exist_ok=True)
    vault = "/subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V"
    entry = {
        "RequestMethod": "GET",
        "RequestUri": f"https://h{vault}/backupJobs?api-version={version}",
        "StatusCode": 200,
        "ResponseHeaders": {"Date": "x"},
        "ResponseBody": {"value": rows},
    }
    (told / f"{version}.json").write_text(json.dumps({"Entries": [entry]}), "utf-8")


def test_rows_of_other_workloads_and_of_old_versions_are_not_counted(tmp_path: Path) -> None:
    vm, sql = ({"backupManagementType": t} for t in ("AzureIaasVM", "AzureWorkload"))
    sql["isUserTriggered"] = "true"
    _recording(tmp_path, "2024-10-01", [{"properties": vm}, {"properties": sql}])
    _recording(tmp_path, "2021-01-01", [{"properties": vm | {"isUserTriggered": "true"}}])
    found = Recordings(tmp_path)
    who = found.about(Field(_JOBS, (*_ON_ROWS, "isUserTriggered")))
    assert who == Recorded(0, 1, "2024-10-01.json")
    assert found.about(Field(ANY, ("header", "date"))) == Recorded(1, 1, "2024-10-01.json")
    assert found.about(Field("GET Microsoft.Compute/disks", ("value",))) is None


@needs_recordings
def test_a_specification_is_followed_through_what_it_refers_to() -> None:
    declares = Specifications().declares
    collection = "GET Microsoft.Compute/restorePointCollections"
    assert declares(Field(collection, (*_ON_ROWS, "source", "id")))
    assert declares(Field(_JOBS, (*_ON_ROWS, "containerName")))  # only one kind of job has it
    assert declares(Field(collection, (*_ON_ROWS, "source", "colour"))) is None
    assert declares(Field("GET Microsoft.Moon/craters", ("id",))) is None


@pytest.mark.parametrize(
    ("recorded", "specified", "documented", "word", "may_hold"),
    [
        (Recorded(1, 9, "f"), None, None, "recorded", True),
        (Recorded(0, 9, "f"), "s", "d", "specified and documented", True),
        (Recorded(0, 9, "f"), "s", None, "specified", False),
        (None, None, "d", "documented", False),
        (None, None, None, "guess", False),
    ],
)
def test_how_much_evidence_is_enough(
    recorded: Recorded | None,
    specified: str | None,
    documented: str | None,
    word: str,
    may_hold: bool,
) -> None:
    told = Evidence(Field("k", ("p",)), ("m",), True, recorded, specified, documented)
    assert (told.word, told.may_hold) == (word, may_hold)


def test_every_reading_module_has_a_source_or_a_purpose() -> None:
    readers = {reader for each in evidence.kept() for reader in each.readers}
    unknown = [r for r in sorted(readers) if not sources(r) and r not in PURPOSES]
    assert unknown == []


def test_who_needs_a_source_is_told() -> None:
    needs = users(Source.LOCKS)
    assert "backup_lock" in needs.words
    assert "remove-locks" in needs.actions
    assert "opt-out" in users(Source.GROUPS).guards
