"""Markdown, JUnit, SARIF and CSV tell the same as the JSON, and no text of Azure acts in them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import environment, remediate
from tests.complaints import complaint
from tests.cut_short import cloud as fast_cloud
from tests.cut_short import put_back_books
from tests.flow.estates import APPS, CODE, estate, vm
from tests.postgres import Postgres
from tests.views.form_files import (
    Files,
    cases,
    outside_code,
    result,
    results,
    tabled,
    written,
)

OLD: Final = {"points": {"count": 2, "newest": "9d ago"}}


@pytest.fixture(scope="module")
def hostile() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hostile") as process:
        yield process


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Files]:
    """A scan with a VM of many a standing, and a subscription that cannot be read."""
    folder = tmp_path_factory.mktemp("estate")
    path = estate(
        folder,
        vm("web", "main"),
        vm("db", "data", collection=OLD, agent="not-ready"),
        vm("files", "data", history=[{"at": "3h ago", "code": "UserErrorUnSupportedDistribution"}]),
        vm(
            "again",
            "main",
            history=[{"at": "9h ago", "code": CODE}, {"at": "3h ago", "status": "Completed"}],
        ),
    )
    with stepped(path) as azure:
        azure.fault(
            "error",
            path=f"/subscriptions/{APPS}/resources$",
            status=403,
            code="AuthorizationFailed",
            times=None,
        )
        ended, files = written(folder / "out", environment(azure, folder), "scan")
    assert ended.out == ""
    return ended.code, files


def test_one_command_writes_every_form_and_all_of_them_tell_the_same(
    scan: tuple[int, Files],
) -> None:
    code, files = scan
    assert code == 3
    told = json.loads(files.text("json"))
    standings = {target["vm"]: target["standing"] for target in told["targets"]}
    assert standings == {
        "db": "needs-consent",
        "web": "pending",
        "files": "needs-human",
        "again": "nothing-to-do",
    }
    rows = {row["vm"]: row for row in files.rows() if row["vm"]}
    assert {name: row["standing"] for name, row in rows.items()} == standings
    for target in told["targets"]:
        row = rows[target["vm"]]
        for column, field in {
            "vm_id": "vm_id",
            "subscription": "subscription",
            "resource_group": "group",
            "vault": "vault",
            "job": "job",
            "code": "code",
            "why": "text",
            "remedy": "remedy",
            "next": "next",
        }.items():
            assert row[column] == (target[field] or ""), column
        assert row["impacts"].split() == target["impacts"]
    assert rows["db"]["last_good_point"] < rows["web"]["last_good_point"]
    names = {cells[1]: cells[0] for cells in tabled(files.text("md"))}
    assert standings.items() <= names.items()


def test_the_numbers_come_first(scan: tuple[int, Files]) -> None:
    _code, files = scan
    sentence = (
        "4 failed: 1 will be fixed, 1 needs consent, 1 needs a human, 1 recovered since; "
        "1 subscription or vault could not be read"
    )
    assert sentence in "".join(files.text("md").splitlines()[:3])
    assert f'<property name="summary" value="{sentence}" />' in files.text("xml")
    assert json.loads(files.text("sarif"))["runs"][0]["properties"]["summary"] == sentence


def test_junit_passes_skips_fails_and_errs_by_the_standing(scan: tuple[int, Files]) -> None:
    found = cases(scan[1].text("xml"))
    assert {case.attrib["name"]: result(case) for case in found} == {
        APPS: "error",
        "db": "skipped",
        "web": "skipped",
        "files": "failure",
        "again": "passed",
    }
    (db,) = (case for case in found if case.attrib["name"] == "db")
    (skipped,) = db.findall("skipped")
    assert skipped.attrib["message"] == "needs --allow downtime"
    assert "next: remediate --job-id /subscriptions/" in (db.findtext("system-out") or "")


def test_sarif_has_a_result_for_each_vm_that_is_not_well(scan: tuple[int, Files]) -> None:
    found = results(json.loads(scan[1].text("sarif")))
    told = {each["locations"][0]["logicalLocations"][0]["name"]: each for each in found}
    assert {name: each["level"] for name, each in told.items()} == {
        APPS: "error",
        "db": "warning",
        "web": "warning",
        "files": "error",
    }
    assert told["web"]["ruleId"] == CODE
    place = told["web"]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    assert place.lower().endswith("/providers/microsoft.compute/virtualmachines/web")


@pytest.mark.parametrize("which", ["one", "several", "scan"])
def test_hostile_names_and_codes_do_nothing_in_any_form(
    which: str, hostile: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(hostile, tmp_path)
    jobs = hostile.failed_jobs("web")
    asked = {
        "one": ["run", jobs[1], "--dry-run"],
        "several": ["run", *jobs, "--dry-run"],
        "scan": ["scan"],
    }[which]
    ended, files = written(tmp_path / "out", env, *asked)
    ended.check(3)
    shown = r"[red]web\x1b[31m\x202e<b>"
    rows = [row for row in files.rows() if row["standing"] == "needs-human"]
    assert [(row["vm"], row["code"]) for row in rows] == [(shown, "'=cmd|' /C calc'!A0")]
    (case,) = cases(files.text("xml"))
    assert case.attrib["name"] == shown
    (found,) = results(json.loads(files.text("sarif")))
    assert found["ruleId"] == "=cmd|' /C calc'!A0"
    text = files.text("md")
    (cells,) = (cells for cells in tabled(text) if cells[0] == "needs-human")
    assert cells[1:3] == [
        r"\[red\]web\\x1b\[31m\\x202e&lt;b&gt;",
        r"=cmd&#124;' /C calc'\!A0",
    ]
    assert not set("<`") & set(outside_code(text))
    assert hostile.writes() == []


def test_a_saved_plan_is_shown_offline_in_every_form(
    hostile: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(hostile, tmp_path)
    saved = tmp_path / "plan.json"
    job = hostile.failed_jobs("web")[0]
    begun, first = written(
        tmp_path / "a", env, "plan", job, "--error-code", CODE, "--out", str(saved)
    )
    shown, second = written(
        tmp_path / "b", env | {"REMEDIATE_ARM_ENDPOINT": ""}, "show", str(saved)
    )
    assert begun.code == shown.code
    for ending in ("md", "html", "xml", "sarif", "csv"):
        assert first.text(ending) == second.text(ending)
    (row,) = second.rows()
    assert (row["vm"], row["code"], row["job"]) == ("web", CODE, job)


def test_a_run_is_told_with_its_id_and_the_ids_of_its_requests(tmp_path: Path) -> None:
    with fast_cloud("extension-stuck") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        ended, files = written(tmp_path / "out", env, "run", job, "--yes")
        ended.check(0)
    report = json.loads(files.text("json"))
    (row,) = files.rows()
    assert (row["standing"], row["run_id"]) == ("fixed", report["run_id"])
    sent = {each["correlation_id"] for each in report["outcomes"] if each["correlation_id"]}
    assert sent
    assert set(row["correlation_ids"].split()) == sent
    assert [result(case) for case in cases(files.text("xml"))] == ["passed"]
    assert results(json.loads(files.text("sarif"))) == []
    assert report["run_id"] in files.text("md")


@pytest.mark.parametrize("verb", ["run", "scan"])
def test_a_lock_that_is_off_is_an_error_in_every_form(verb: str, tmp_path: Path) -> None:
    with fast_cloud("limit-reached") as azure:
        azure.fault("error", status=403, method="PUT", path="/locks/", times=None)
        job = azure.failed_jobs("web")[-1]
        asked = ["run", job] if verb == "run" else ["scan", "--apply"]
        books = put_back_books(tmp_path)
        env = environment(azure, tmp_path)
        ended, files = written(tmp_path / "out", env, *asked, "--yes", *books)
        ended.check(5)
    (row,) = (row for row in files.rows() if row["vm"] == "web")
    assert row["standing"] == "lock-off"
    assert row["why"].startswith("a lock is off that should be on: keep (")
    assert row["run_id"]
    assert row["correlation_ids"]
    (case,) = cases(files.text("xml"))
    assert result(case) == "error"
    (found,) = results(json.loads(files.text("sarif")))
    assert found["level"] == "error"
    assert "A LOCK IS OFF THAT SHOULD BE ON" in files.text("md")


def test_a_plan_that_is_left_to_a_worker_is_skipped(tmp_path: Path, postgres: Postgres) -> None:
    with fast_cloud("extension-stuck") as azure:
        env = environment(azure, tmp_path) | {"REMEDIATE_STATE": postgres.database()}
        job = azure.failed_jobs("web")[-1]
        ended, files = written(tmp_path / "out", env, "run", job, "--yes", "--enqueue")
        ended.check(0)
    (row,) = files.rows()
    assert row["standing"] == "queued"
    assert row["run_id"] == json.loads(files.text("json"))["run_id"]
    assert [result(case) for case in cases(files.text("xml"))] == ["skipped"]


def test_a_form_on_stdout_is_that_of_the_file_and_changes_no_exit_code(
    hostile: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(hostile, tmp_path)
    asked = ("run", *hostile.failed_jobs("web"), "--dry-run")
    plain = remediate(*asked, env=env)
    for form in ("md", "html", "junit", "sarif", "csv"):
        path = tmp_path / f"report.{form}.out"
        ended = remediate(*asked, "-o", form, "--format", form, "-o", str(path), env=env)
        assert ended.code == plain.code
        assert "Traceback" not in ended.err
        assert ended.out.splitlines() == path.read_text("utf-8").splitlines()


def test_the_ending_of_a_file_says_its_form_in_any_case(
    hostile: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(hostile, tmp_path)
    job = hostile.failed_jobs("web")[0]
    path = tmp_path / "Report.SARIF.json"
    remediate("run", job, "--dry-run", "-o", str(path), env=env)
    assert results(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("plan", "report.pdf"),
        ("check", "report.csv"),
        ("explain", "md"),
        ("explain", "x.sarif.json"),
    ],
)
def test_an_ending_that_the_verb_does_not_know_is_refused_in_a_line(
    verb: str, name: str, hostile: SimulatorProcess, tmp_path: Path
) -> None:
    job = hostile.failed_jobs("web")[0]
    asked = {"plan": [job], "check": ["--vm", "web"], "explain": [CODE]}[verb]
    env = environment(hostile, tmp_path)
    ended = remediate(verb, *asked, "-o", name, env=env, cwd=tmp_path)
    assert f"--output '{name}' is neither a format" in complaint(ended, 64)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW"])
def test_markdown_is_translated_and_the_forms_for_programs_are_not(
    language: str, hostile: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(hostile, tmp_path)
    asked = ("run", *hostile.failed_jobs("web"), "--dry-run")
    _, english = written(tmp_path / "en", env, *asked, "--lang", "en")
    _, chinese = written(tmp_path / "zh", env, *asked, "--lang", language)
    first, second = (
        next(line for line in files.text("md").splitlines() if line.startswith("|"))
        for files in (english, chinese)
    )
    assert first != second
    for ending in ("xml", "csv"):
        mine, theirs = (files.text(ending) for files in (english, chinese))
        assert len(mine.splitlines()) == len(theirs.splitlines())
        assert mine.isascii()
        assert theirs.isascii()
