"""`remediate report`: what was stored or saved is shown again as it was, in every form, offline."""

import gzip
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import STEP, Ended, environment, remediate
from tests.complaints import complaint
from tests.evidence import scenario
from tests.flow.estates import CODE, POINTS
from tests.views.form_files import ENDINGS, Files, written
from tests.views.html.reader import read

OFFLINE = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}


@dataclass(frozen=True)
class Stored:
    """Results of each kind in all forms, as the verbs that made them wrote them."""

    folder: Path
    run_id: str
    made: dict[str, Files]
    codes: dict[str, int]

    def report(self, *arguments: str, **env: str) -> Ended:
        state = {"REMEDIATE_STATE": str(self.folder / "state")}
        return remediate("report", *arguments, env=OFFLINE | state | env)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    folder = tmp_path_factory.mktemp("stored")
    vm = {"collection": POINTS, "history": [{"at": "3h ago", "code": CODE}]}
    path = scenario(folder, vm, vm | {"name": "db", "agent": "not-ready"}, vm | {"name": "app"})
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        env = environment(azure, folder / "state")
        web, db, app = (azure.failed_jobs(name)[-1] for name in ("web", "db", "app"))
        verbs = {
            "plan": ("plan", "--job-id", db, "--out", str(folder / "saved.json")),
            "scan": ("scan",),
            "batch": ("run", app, db, "--yes"),
            "report": ("run", web, "--yes"),
        }
        told = {name: written(folder / name, env, *verb) for name, verb in verbs.items()}
    made = {name: files for name, (_ended, files) in told.items()}
    codes = {name: ended.code for name, (ended, _files) in told.items()}
    return Stored(folder, json.loads(made["report"].text("json"))["run_id"], made, codes)


@pytest.mark.parametrize("kind", ["plan", "scan", "batch", "report"])
def test_a_saved_file_is_shown_again_in_each_form_as_it_was(
    kind: str, stored: Stored, tmp_path: Path
) -> None:
    again = Files(tmp_path)
    source = stored.made[kind].folder / "report.json"
    stored.report(str(source), *again.options).check(0)
    first = {end: stored.made[kind].text(end) for end in ENDINGS}
    second = {end: again.text(end) for end in ENDINGS}
    if kind == "scan":  # what the plans tell beyond the scan is not in its JSON
        first["md"] = re.sub(r"\n<details>.*?</details>\n", "", first["md"], flags=re.DOTALL)
        rows = [read(texts.pop("html")).rows for texts in (first, second)]
        bare = [[each | {"story": None} for each in told] for told in rows]
        assert bare[0] == bare[1]
    assert second == first


def test_a_stored_run_is_shown_again_in_each_form_as_it_was(stored: Stored, tmp_path: Path) -> None:
    again = Files(tmp_path)
    stored.report(stored.run_id, *again.options).check(0)
    for end in ENDINGS:
        assert again.text(end) == stored.made["report"].text(end)
    said = stored.report(stored.run_id).check(0).out
    assert f"Run {stored.run_id}" in said
    assert "RECOVERED" in said


def test_the_standing_in_a_file_does_not_change_the_exit_code(stored: Stored) -> None:
    assert stored.codes["batch"] == 3
    said = stored.report(str(stored.made["batch"].folder / "report.json")).check(0).out
    assert "needs-consent" in said


def test_a_plan_is_shown_as_show_shows_it(stored: Stored) -> None:
    path = str(stored.folder / "saved.json")
    assert stored.report(path).check(0).out == remediate("show", path, env=OFFLINE).check(0).out


def test_a_scan_can_be_shown_with_details_and_promises_no_fix(stored: Stored) -> None:
    path = str(stored.made["scan"].folder / "report.json")
    short = stored.report(path).check(0).out
    assert "--details" in short
    assert "--apply" not in short
    assert "remediate --job-id /subscriptions/" in stored.report(path, "--details").check(0).out


def test_a_kept_scan_and_a_run_as_json_are_known_by_their_content(
    stored: Stored, tmp_path: Path
) -> None:
    [kept] = (stored.folder / "state" / "scans").iterdir()
    unnamed = tmp_path / "unnamed"
    unnamed.write_bytes(kept.read_bytes())
    csv = stored.report(str(unnamed), "-o", "csv").check(0).out
    assert csv.replace("\r\n", "\n") == stored.made["scan"].text("csv").replace("\r\n", "\n")
    state = {"REMEDIATE_STATE": str(stored.folder / "state")}
    story = remediate("runs", "show", stored.run_id, "-o", "json", env=OFFLINE | state).check(0)
    utf_16 = tmp_path / "story.json"
    utf_16.write_text(story.out, "utf-16")
    assert stored.report(str(utf_16), "-o", "json").check(0).json()["run_id"] == stored.run_id


def test_what_is_no_result_is_refused_in_one_line(stored: Stored, tmp_path: Path) -> None:
    plan = json.loads((stored.folder / "saved.json").read_text("utf-8"))
    scan = json.loads(stored.made["scan"].text("json"))
    packed = gzip.compress(json.dumps(scan).encode())
    contents: dict[str, bytes] = {
        "empty": b"",
        "a word": b"plan",
        "something else": b'{"name": "x", "targets": 3}',
        "a list": b"[]",
        "binary": bytes(range(256)),
        "a nested abyss": b"[" * 100_000,
        "another version": json.dumps(plan | {"schema_version": "2"}).encode(),
        "no version": json.dumps({k: v for k, v in scan.items() if k != "schema_version"}).encode(),
        "another key": json.dumps(scan | {"more": True}).encode(),
        "an altered plan": json.dumps(plan).replace("needs-", "gives-").replace(CODE, "X").encode(),
        "half a surrogate": json.dumps(plan | {"endpoint": "\ud800"}).encode(),
        "half a pack": packed[: len(packed) // 2],
        "a spoilt pack": packed[:40] + b"\x00\x00\x00" + packed[43:],
        "two in one": json.dumps(scan).encode() * 2,
    }
    for name, raw in contents.items():
        path = tmp_path / f"{name}.json"
        path.write_bytes(raw)
        said = complaint(stored.report(str(path)), 64)
        assert said.startswith(f"{path}: "), said
    for path in (tmp_path, tmp_path / "absent.json"):
        assert "cannot be read" in complaint(stored.report(str(path)), 64)
    assert "another schema_version" in complaint(
        stored.report(str(tmp_path / "another version.json")), 64
    )


def test_a_pack_that_unfolds_without_end_is_refused(stored: Stored, tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(260):
            file.write(b" " * 1024 * 1024)
    assert "larger than" in complaint(stored.report(str(path)), 64)


def test_a_name_that_is_neither_a_run_nor_a_file_names_the_list(
    stored: Stored, tmp_path: Path
) -> None:
    assert "remediate runs list" in complaint(stored.report("nightly"), 64)
    assert "remediate runs list" in complaint(stored.report("run-20260102-221500-a1b2c3"), 64)
    said = complaint(stored.report(stored.run_id, REMEDIATE_STATE=str(tmp_path)), 1)
    assert "no runs in" in said


def test_a_refused_file_leaves_the_output_of_another_day_alone(
    stored: Stored, tmp_path: Path
) -> None:
    old = tmp_path / "old.md"
    old.write_text("of yesterday")
    complaint(stored.report(str(tmp_path / "absent.json"), "-o", str(old)), 64)
    assert old.read_text() == "of yesterday"
    complaint(stored.report(stored.run_id, "-o", "ndjson"), 64)


def test_names_can_be_masked(stored: Stored) -> None:
    for named in (str(stored.made["batch"].folder / "report.json"), stored.run_id):
        for form in ("text", "json", "csv"):
            out = stored.report(named, "--mask", "-o", form).check(0).out
            assert "vm-1" in out
            assert "vault-main" not in out


def test_a_query_takes_a_part_of_it(stored: Stored) -> None:
    path = str(stored.made["scan"].folder / "report.json")
    assert json.loads(stored.report(path, "--query", "head.failed").check(0).out) == 3
