"""A page of HTML is one file that loads nothing, and tells what the other forms tell."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediator.report.batch import Standing
from remediator.simulator.process import SimulatorProcess
from remediator.views.html.words import words
from remediator.views.plain import plain
from tests.assets import EMBEDDED, VENDOR, digest_of
from tests.command import environment, remediate
from tests.controls import controls, texts_of
from tests.cut_short import cloud as fast_cloud
from tests.cut_short import put_back_books
from tests.views.form_files import written
from tests.views.html.estates import HOSTILE, hostile, large, page_of, row
from tests.views.html.reader import Read, read


@pytest.fixture(scope="module")
def cloud() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hostile") as process:
        yield process


def story(page: Read, number: int = 0) -> str:
    """All texts of one story, in lines."""

    def unpacked(value: Any) -> Iterator[str]:
        match value:
            case dict():
                for each in value.values():
                    yield from unpacked(each)
            case [str(), *_]:
                yield from map(str, value)
            case [int(), "text" | "code" | "link", _]:
                yield page.text(value[2])
            case [_, "text" | "code" | "link", _]:
                yield page.text(value[2])
            case list():
                for each in value:
                    yield from unpacked(each)
            case int():
                yield page.text(value)

    return "\n".join(unpacked(page.told["stories"][number]))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_ends_no_block_and_becomes_no_tag(text: str) -> None:
    found = read(hostile())
    told = {each["name"]: each for each in found.rows}
    assert not any(controls(each) for each in texts_of(found.told))
    mine = told[plain(text)]
    for column in ("vm_id", "group", "code", "job", "run"):
        assert mine[column] == plain(text), column
    assert mine["next"] == [plain(text)]
    assert not {name for _tag, name, _value in found.attributes} & {"onerror", "onfocus"}


@pytest.mark.parametrize("standing", Standing)
def test_each_standing_has_its_place(standing: Standing) -> None:
    found = read(page_of(row("web", standing=standing), row("db", 2)))
    assert {each["name"]: each["standing"] for each in found.rows}["web"] == standing
    kinds = found.told["kinds"]
    assert all(each["kind"] in kinds for each in found.rows)


def test_a_lock_that_is_off_comes_before_the_worst() -> None:
    found = read(
        page_of(
            row("stuck", standing=Standing.HUMAN),
            row("asks", standing=Standing.CONSENT),
            row("open", standing=Standing.LOCK_OFF),
            row("well", standing=Standing.FIXED),
        )
    )
    assert [each["name"] for each in found.rows] == ["open", "stuck", "asks", "well"]
    assert [value for _tag, _name, value in found.attributes].count("alert") == 1


def test_five_thousand_vms_fit_into_a_mail() -> None:
    text = large(5000)
    assert len(text.encode()) < 5_000_000
    found = read(text)
    assert len(found.rows) == 5000
    first = row("vm-of-a-rather-long-name-00000", 0)
    mine = next(each for each in found.rows if each["name"] == first.vm)
    assert (mine["vm_id"], mine["job"], mine["next"]) == (first.vm_id, first.job, [*first.next])


def test_pictures_have_their_numbers_beside_them() -> None:
    text = large(60)
    found = read(text)
    charts = {chart["name"]: chart for chart in found.told["charts"]}
    assert set(charts) == {"code", "age", "subscription", "vault"}
    failed = [each for each in found.rows if each["kind"] not in ("recovered", "fixed")]
    for chart in charts.values():
        total = sum(sum(series["values"]) for series in chart["series"])
        assert total == (60 if chart["name"] == "age" else len(failed))
    labels = [
        value for tag, name, value in found.attributes if (tag, name) == ("canvas", "aria-label")
    ]
    assert len(labels) == 4
    shown = " ".join(" ".join(found.shown).split())
    assert all(label.split(": ", 1)[1] in shown for label in labels)


def test_one_vm_has_no_picture() -> None:
    assert read(page_of(row("web"))).told["charts"] == []


def test_a_plan_and_several_are_told_in_full(cloud: SimulatorProcess, tmp_path: Path) -> None:
    env = environment(cloud, tmp_path)
    jobs = cloud.failed_jobs("web")
    for name, asked in {"one": jobs[:1], "several": jobs}.items():
        ended, files = written(tmp_path / name, env, "run", *asked, "--dry-run")
        found = read(files.text("html"))
        told = json.loads(files.text("json"))
        targets = [{"plan": told}] if name == "one" else told["targets"]
        assert ended.code == 3
        plans = {each["plan"]["job"]["id"]: each["plan"] for each in targets if each["plan"]}
        assert {each["job"] for each in found.rows} == set(plans)
        for each in found.rows:
            plan = plans[each["job"]]
            said = story(found, each["story"])
            assert plain(plan["failure"]["evidence"]) in said
            for fact in plan["facts"]:
                assert plain(fact["because"]) in said
            for step in plan["steps"]:
                assert step["target"] in said
                assert all(command in said for command in step.get("commands", ()))
                if change := (step if step["kind"] == "change" else step.get("change")):
                    assert change["undo"] in said
                    assert f"{change['request']['method']} {change['request']['url']}" in said
    assert cloud.writes() == []


def test_a_scan_tells_the_evidence_and_the_changes_of_each_vm(tmp_path: Path) -> None:
    with fast_cloud("limit-reached") as azure:
        env = environment(azure, tmp_path)
        _ended, files = written(tmp_path / "out", env, "scan")
        job = azure.failed_jobs("web")[-1]
        plan = json.loads(written(tmp_path / "plan", env, "plan", job)[1].text("json"))
    found = read(files.text("html"))
    (only,) = found.rows
    assert (only["name"], only["standing"]) == ("web", "pending")
    said = story(found, only["story"])
    assert plan["failure"]["evidence"] in said
    changes = [step for step in plan["steps"] if step["kind"] == "change"]
    assert changes
    for change in changes:
        assert change["undo"] in said
        assert change["target"] in said
        for name, value in change["before"].items():
            assert f"{name}: {value}" in said


def test_a_run_is_told_with_its_changes_ids_and_times(tmp_path: Path) -> None:
    with fast_cloud("limit-reached") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        ended, files = written(tmp_path / "out", env, "run", job, "--yes")
        ended.check(0)
    report = json.loads(files.text("json"))
    found = read(files.text("html"))
    (only,) = found.rows
    assert (only["standing"], only["run"]) == ("fixed", report["run_id"])
    said = story(found)
    for outcome in report["outcomes"]:
        assert outcome["correlation_id"] in only["correlations"]
        assert outcome["correlation_id"] in said
    removed = report["plan"]["steps"][0]
    assert removed["undo"] in said
    for name, value in removed["before"].items():
        assert f"{name}: {value}" in said
    (line,) = (each for each in found.told["stories"][0] if "spans" in each)
    record = Path(report["record"]).read_text("utf-8").splitlines()
    assert len(line["events"]) == len(record)
    assert [begins <= ends for _label, begins, ends, _tone in line["spans"]] == [True] * 3


def test_a_timeline_is_masked_and_is_that_of_its_own_run(tmp_path: Path) -> None:
    with fast_cloud("limit-reached") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        ended, files = written(tmp_path / "out", env, "run", job, "--yes", "--mask")
        ended.check(0)
    text = files.text("html")
    (line,) = (each for each in read(text).told["stories"][0] if "spans" in each)
    assert len(line["events"]) > 8
    assert [name for name in ("vault-main", "rg-app", azure.subscriptions[0]) if name in text] == []

    (record,) = (tmp_path / "runs").glob("*.jsonl")
    told = json.loads(files.text("json"))
    for changed, known in (
        ({"record": str(record)}, True),
        ({"record": str(tmp_path / "none.jsonl")}, False),
        ({"record": str(record), "run_id": "run-20260101-000000-abcdef"}, False),
    ):
        saved = tmp_path / "report.json"
        saved.write_text(json.dumps(told | changed), "utf-8")
        again = remediate("report", str(saved), "-o", "html", env=env).check(0)
        spans = [each for each in read(again.out).told["stories"][0] if "spans" in each]
        assert bool(spans) == known, changed


def test_a_lock_that_is_off_is_said_before_all_else(tmp_path: Path) -> None:
    with fast_cloud("limit-reached") as azure:
        azure.fault("error", status=403, method="PUT", path="/locks/", times=None)
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        ended, files = written(
            tmp_path / "out", env, "run", job, "--yes", *put_back_books(tmp_path)
        )
        ended.check(5)
    text = files.text("html")
    found = read(text)
    assert [each["standing"] for each in found.rows] == ["lock-off"]
    assert text.index('role="alert"') < text.index('class="tiles"')
    assert "a lock is off that should be on: keep (" in " ".join(found.shown)


@pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])
def test_a_page_is_in_the_language_asked_for(
    language: str, cloud: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(cloud, tmp_path)
    asked = ("run", *cloud.failed_jobs("web"), "--dry-run", "--lang", language)
    found = read(written(tmp_path / "out", env, *asked)[1].text("html"))
    assert ("html", "lang", language) in found.attributes
    words = {"en": "code", "zh-CN": "代码", "zh-TW": "錯誤碼"}
    assert found.told["texts"]["code"] == words[language]
    standings = {"en": "needs-human", "zh-CN": "需人工处理", "zh-TW": "需人工處理"}
    assert standings[language] in {each["standing"] for each in found.rows}


def test_every_word_is_one_that_the_page_uses() -> None:
    used = "".join(path.read_text("utf-8") for path in VENDOR.parent.iterdir() if path.is_file())
    sorted_by = {"ascending", "descending"}
    spare = {
        word for word in words() if not re.search(rf'say\("{word}"|texts\.{word}\b|"{word}"', used)
    }
    assert spare == sorted_by


@pytest.mark.parametrize("library", EMBEDDED, ids=lambda library: library.name)
def test_an_embedded_library_is_the_one_that_was_chosen(library: Any) -> None:
    """`make assets` brings it again."""
    names = {name for name, _digest in library.files.values()}
    assert any("LICENSE" in name for name in names)
    for name, digest in library.files.values():
        assert digest_of((VENDOR / name).read_text("utf-8")) == digest
