"""`remediate history`: what really happened on a simulated Azure, told from what was stored."""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from remediator.cli import lists
from remediator.report.history import History
from tests.command import Ended, environment, remediate
from tests.controls import controls
from tests.cut_short import cloud, killed_at
from tests.flow.estates import APPS, CODE, MAIN, estate, vm
from tests.flow.lived import AGAIN, Lived, live
from tests.views.form_files import records


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return live(tmp_path_factory.mktemp("lived"))


@pytest.fixture(scope="module")
def told(lived: Lived) -> History:
    return History.model_validate_json(lived.history("-o", "json").check(0).out)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_each_failed_job_of_azure_counts_once(lived: Lived, told: History) -> None:
    failed = {
        name: [job for job in jobs if job["status"] == "Failed"]
        for name, jobs in lived.jobs.items()
    }
    assert {row.vm: row.failures for row in told.recurring} == {
        name: len(jobs) for name, jobs in failed.items()
    }
    assert told.head.failures == sum(map(len, failed.values())) == 7
    for row in told.recurring:
        began = sorted(moment(job["started"]) for job in failed[row.vm])
        assert (row.first, row.last) == (began[0], began[-1])
        assert row.code == (None if row.vm == "again" else CODE)
    assert told.recurring[0].vm == "stuck"


def test_a_time_to_recovery_goes_from_the_failed_job_to_the_end_of_the_backup(
    lived: Lived, told: History
) -> None:
    by_vm = {each.vm: each for each in told.incidents}
    assert {name for name, each in by_vm.items() if each.state == "open"} == {"stuck", "db", "web"}
    first, good = lived.jobs["app"]
    took = moment(good["ended"]) - moment(first["started"])
    app = by_vm["app"]
    assert (app.seconds, app.measured_by) == (took.total_seconds(), "run")
    assert app.run_id is not None
    again = by_vm["again"]
    assert (again.seconds, again.measured_by, again.run_id) == (AGAIN, "scan", None)
    times = told.times
    assert (times.measured, times.by_run, times.by_scan, times.unmeasured) == (2, 1, 1, 0)
    assert times.mean == times.median == (took.total_seconds() + AGAIN) / 2
    assert (told.head.incidents, told.head.recovered, told.head.open) == (5, 2, 3)


def test_runs_are_counted_by_playbook_and_by_remedy(told: History) -> None:
    [playbook], [remedy] = told.playbooks, told.remedies
    assert (playbook.playbook, remedy.rung) == (CODE, "back-up")
    for each in (playbook, remedy):
        assert (each.runs, each.applied, each.recovered, each.failed_again) == (3, 3, 1, 2)
        assert each.needs_human == each.uncertain == each.stale == 0


def test_what_a_limit_left_alone_is_named(told: History) -> None:
    [left] = told.left_alone
    assert (left.guard, left.vms, left.times) == ("max-targets", 1, 1)


def test_the_trend_adds_up(lived: Lived, told: History) -> None:
    assert told.by == "week"
    days = History.model_validate_json(lived.history("--by", "day", "-o", "json").out)
    assert days.by == "day"
    for trend in (told.trend, days.trend):
        assert sum(part.failures for part in trend) == 7
        assert sum(part.recovered for part in trend) == 2
        assert sum(part.runs for part in trend) == 3


def test_the_text_begins_with_the_verdict_and_fits_into_80_columns(lived: Lived) -> None:
    text = lived.history().check(0).out
    first, sources, *_rest = text.splitlines()
    assert first.startswith("7 failures of 5 VMs in 30 days; 2 of 5 incidents recovered, median ")
    assert sources.startswith("from 3 runs, 2 scans; ")
    assert max(map(len, text.splitlines())) <= 80
    for said in ("3x  stuck  " + CODE, "1 recovered, 2 failed again", "max-targets once, 1 VM"):
        assert said in text
    assert lived.history("-o", "table").check(0).out == text


def test_csv_and_tsv_have_a_record_for_each_vm_and_code(lived: Lived, told: History) -> None:
    rows = records(lived.raw("history", "-o", "csv"))
    tsv = lived.history("-o", "tsv").check(0).out.splitlines()
    assert [dict(zip(lists.HISTORY, line.split("\t"), strict=True)) for line in tsv] == rows
    assert [row["vm"] for row in rows] == [row.vm for row in told.recurring]
    assert {row["vm"]: row["open"] for row in rows}["again"] == "no"
    assert {row["vm"]: row["median_seconds"] for row in rows}["again"] == f"{AGAIN:.0f}"
    shown = " ".join(lived.history("--help").check(0).out.split())
    assert f"Its columns: {', '.join(lists.HISTORY)}" in shown


def test_a_query_takes_a_part_of_the_json(lived: Lived) -> None:
    assert json.loads(lived.history("--query", "head.failures").check(0).out) == 7


@pytest.mark.parametrize(
    ("options", "vms"),
    [
        (("--vm", "STUCK"), {"stuck"}),
        (("--vm", "web", "--vm", "db"), {"web", "db"}),
        (("--vault", "vault-main"), {"web", "app", "again"}),
        (("--subscription", APPS), {"stuck", "db"}),
        (("--subscription", MAIN, "--code", CODE.upper()), {"web", "app"}),
        (("--code", "400196"), {"web", "app", "stuck", "db"}),
        (("--code", "AnotherCode"), set()),
    ],
)
def test_options_narrow_what_is_told(options: tuple[str, ...], vms: set[str], lived: Lived) -> None:
    found = History.model_validate_json(lived.history(*options, "-o", "json").check(0).out)
    assert {row.vm for row in found.recurring} == {each.vm for each in found.incidents} == vms
    assert sum(part.failures for part in found.trend) == found.head.failures
    assert bool(found.playbooks) == bool(vms & {"app", "stuck"})
    assert bool(found.left_alone) == ("web" in vms)


def test_names_can_be_masked(lived: Lived) -> None:
    for form in ("text", "json", "csv", "tsv"):
        out = lived.history("--mask", "-o", form).check(0).out
        assert "vm-1" in out
        assert not [name for name in ("stuck", "vault-main", MAIN, APPS) if name in out], form


def test_an_id_names_one_vm(lived: Lived, told: History) -> None:
    [stuck] = (row for row in told.recurring if row.vm == "stuck")
    assert stuck.vm_id is not None
    found = lived.history("--vm", stuck.vm_id.upper().replace("SUBSCRIPTIONS", "Subscriptions"))
    assert found.check(0).out.startswith("3 failures of 1 VM ")


def test_when_the_state_is_gone_the_records_tell(lived: Lived, tmp_path: Path) -> None:
    shutil.copytree(lived.folder / "runs", tmp_path / "runs")
    ended = remediate("history", "-o", "json", env=lived.env | {"REMEDIATE_STATE": str(tmp_path)})
    found = History.model_validate_json(ended.check(0).out)
    assert (found.sources.runs, found.sources.records, found.sources.scans) == (0, 3, 0)
    assert {row.vm: row.failures for row in found.recurring} == {"stuck": 3, "app": 1}
    [playbook] = found.playbooks
    assert (playbook.runs, playbook.recovered, playbook.failed_again) == (3, 1, 2)
    assert (found.times.measured, found.times.by_record) == (1, 1)


def test_a_run_is_told_once_though_state_and_record_know_it(told: History) -> None:
    assert (told.sources.runs, told.sources.records, told.sources.scans) == (3, 0, 2)


def test_damaged_records_are_named_and_the_rest_is_told(lived: Lived, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    shutil.copytree(lived.folder, folder)
    scan, other = sorted((folder / "scans").iterdir())
    scan.write_bytes(scan.read_bytes()[:200])
    foreign = scan.with_name("scan-" + other.name[5:13] + "-000001-aaaaaa.json.gz")
    foreign.write_bytes(b'{"schema_version": "1"}')
    run = folder / "runs" / ("run-" + other.name[5:13] + "-000001-aaaaaa.jsonl")
    run.write_text('{"kind": "ended"}\n')
    ended = told_in(folder, lived)
    said = ended.check(1).err.splitlines()
    for path in (scan, foreign, run):
        assert [line for line in said if str(path) in line] != [], path
    assert len(said) == 3
    found = History.model_validate_json(ended.out)
    assert len(found.unread) == 3
    assert (found.sources.runs, found.sources.scans) == (3, 1)
    assert {row.vm for row in found.recurring} >= {"stuck", "app"}


def test_a_broken_state_is_named_and_the_records_and_scans_are_told(
    lived: Lived, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    shutil.copytree(lived.folder, folder)
    for path in folder.glob("state.sqlite*"):
        path.write_bytes(b"no database at all" * 100)
    ended = told_in(folder, lived).check(1)
    [line] = ended.err.splitlines()
    assert str(folder / "state.sqlite") in line
    found = History.model_validate_json(ended.out)
    assert (found.sources.records, found.sources.scans, found.head.failures) == (3, 2, 7)


def test_runs_of_another_key_are_named_and_their_records_tell_them(
    lived: Lived, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    shutil.copytree(lived.folder, folder)
    ended = told_in(folder, lived, REMEDIATE_STATE_KEY="another").check(1)
    said = ended.err.splitlines()
    assert len(said) == 3
    assert all("cannot be read from the state" in line for line in said)
    assert History.model_validate_json(ended.out).sources.records == 3


def test_more_runs_than_are_in_memory_at_a_time_are_all_told(lived: Lived, tmp_path: Path) -> None:
    for name in ("state.sqlite", "state.key"):
        shutil.copy(lived.folder / name, tmp_path / name)
    multiply(tmp_path / "state.sqlite", 120)
    found = History.model_validate_json(told_in(tmp_path, lived).check(0).out)
    assert found.sources.runs == found.playbooks[0].runs == 123
    assert found.head.failures == 4


def multiply(state: Path, times: int) -> None:
    """Write a run of the state again under other ids."""
    with closing(sqlite3.connect(state)) as database:
        [(chosen,), *_rest] = database.execute(
            "SELECT workflow_uuid FROM workflow_status WHERE name = 'remediate'"
        ).fetchall()
        for table in ("workflow_status", "workflow_input", "workflow_output"):
            query = f"SELECT * FROM {table} WHERE workflow_uuid = ?"  # noqa: S608 - a name above
            [row] = database.execute(query, (chosen,)).fetchall()
            places = ", ".join("?" * len(row))
            rows = [(f"run-20260101-000000-{number:06x}", *row[1:]) for number in range(times)]
            database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
        database.commit()


def test_a_failure_before_the_period_only_begins_its_incident(lived: Lived, tmp_path: Path) -> None:
    scan = max((lived.folder / "scans").iterdir())
    (tmp_path / "scans").mkdir()
    estate = json.loads(gzip.decompress(scan.read_bytes()))
    ended = moment(estate["ended"])
    targets = [target for target in estate["targets"] if target["vm"] in ("again", "db")]
    for target in targets:
        target["failed_at"] = (ended - timedelta(days=9)).isoformat()
        target["last_good"] = (ended - timedelta(days=2)).isoformat()
    kept = gzip.compress(json.dumps(estate | {"targets": targets}).encode())
    (tmp_path / "scans" / scan.name).write_bytes(kept)
    found = History.model_validate_json(told_in(tmp_path, lived, "--since", "7d").check(0).out)
    assert (found.head.failures, found.head.incidents, found.head.recovered) == (0, 1, 1)
    assert found.times.median == 7 * 86400
    assert [(each.vm, each.failures) for each in found.incidents] == [("again", 1)]
    longer = History.model_validate_json(told_in(tmp_path, lived).check(0).out)
    assert (longer.head.failures, longer.head.incidents, longer.head.open) == (2, 2, 1)


def test_a_hostile_name_controls_no_terminal_and_no_spreadsheet(
    lived: Lived, tmp_path: Path
) -> None:
    [scan] = list((lived.folder / "scans").iterdir())[:1]
    (tmp_path / "scans").mkdir()
    estate = json.loads(gzip.decompress(scan.read_bytes()))
    for target in estate["targets"]:
        target |= {"vm": "=cmd\x1b[2J\u202egnp\n", "code": "+\x07[bold]", "guard": "\x1b]0;x\x07"}
        target |= {"vm_id": None, "standing": "refused"}
    (tmp_path / "scans" / scan.name).write_bytes(gzip.compress(json.dumps(estate).encode()))
    env = lived.env | {"REMEDIATE_STATE": str(tmp_path)}
    for form in ("text", "csv", "tsv", "json"):
        out = remediate("history", "-o", form, env=env).check(0).out
        assert not controls(out.replace("\t", " ")), form
        assert "[bold]" in out
    assert records(lived.raw("history", "-o", "csv", state=tmp_path))[0]["vm"].startswith("'=cmd")


def test_a_key_that_is_no_key_is_named_and_the_rest_is_told(lived: Lived, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    shutil.copytree(lived.folder, folder)
    (folder / "state.key").write_bytes(b"short")
    ended = told_in(folder, lived).check(1)
    assert str(folder / "state.key") in ended.err
    assert History.model_validate_json(ended.out).sources.records == 3


def told_in(folder: Path, lived: Lived, *options: str, **env: str) -> Ended:
    state = {"REMEDIATE_STATE": str(folder)}
    return remediate("history", "-o", "json", *options, env=lived.env | state | env)


def test_where_nothing_is_recorded_the_next_command_is_told(tmp_path: Path) -> None:
    env = {"REMEDIATE_STATE": str(tmp_path / "none")}
    ended = remediate("history", env=env).check(0)
    assert "nothing recorded yet" in ended.out
    assert "remediate scan" in ended.out
    assert ended.err == ""
    assert not (tmp_path / "none").exists()
    found = remediate("history", "-o", "json", env=env).check(0).json()
    assert found["head"]["failures"] == 0
    assert found["trend"] == found["recurring"] == []
    assert remediate("history", "-o", "tsv", env=env).check(0).out == ""


def test_what_is_older_than_the_period_is_left_out(lived: Lived) -> None:
    assert "nothing recorded yet in the last 1 s" in lived.history("--since", "1s").check(0).out
    assert "7 failures of 5 VMs in 90 days" in lived.history("--since", "90d").check(0).out


@pytest.mark.parametrize(
    "options",
    [
        ("--since", "yesterday"),
        ("--since", "0d"),
        ("--since", "999999999d"),
        ("--by", "year"),
        ("-o", "junit"),
        ("--format", "md"),
        ("web",),
    ],
)
def test_bad_input_is_refused(options: tuple[str, ...], lived: Lived) -> None:
    ended = lived.history(*options).check(64)
    assert ended.out == ""
    assert ended.err.startswith("remediate: ")


def test_what_became_of_a_run_that_did_not_end_is_uncertain(tmp_path: Path) -> None:
    """One run's time was up while its backup was running. Another one was killed."""
    with cloud(estate(tmp_path, vm("web", "main")), speed=1.0) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        remediate("--job-id", job, "--yes", "--timeout", "1s", env=env).check(3)
        [waited] = remediate("history", "-o", "json", env=env).check(0).json()["remedies"]
        assert (waited["runs"], waited["applied"], waited["uncertain"]) == (1, 1, 1)
    with cloud(estate(tmp_path, vm("web", "main"))) as azure:
        (folder := tmp_path / "killed").mkdir()
        env = environment(azure, folder)
        assert killed_at(azure, folder, 1, method="POST", path="/backup$") is None
        found = remediate("history", "-o", "json", env=env).check(0).json()
    [killed] = found["remedies"]
    assert (killed["runs"], killed["recovered"], killed["uncertain"]) == (1, 0, 1)
    assert found["head"]["open"] == 1
