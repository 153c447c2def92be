"""SARIF and JUnit keep to their public schemas, and CSV to RFC 4180, whatever the VMs are called.

JUnit has no standard. Jenkins's schema stands for it. `tests/data/schemas/README.md` tells where
the schemas come from.
"""

import csv
import json
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft4Validator
from xmlschema import XMLSchema10

from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary
from remediator.simulator.process import SimulatorProcess
from remediator.views.summary_csv import COLUMNS, summary_csv
from remediator.views.summary_junit import summary_junit
from remediator.views.summary_sarif import SCHEMA, summary_sarif
from tests.clouds import stepped
from tests.command import environment
from tests.cut_short import cloud as fast_cloud
from tests.flow.estates import estate, vm
from tests.views.form_files import Files, written
from tests.views.hostile_rows import FORMULAS, HOSTILE, NOW, hostile

SCHEMAS: Final = Path(__file__).parent.parent / "data" / "schemas"
RISKY: Final = tuple("=+-@\t\r\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


@cache
def sarif() -> Draft4Validator:
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8"))
    assert schema["id"] == SCHEMA  # the reports name the schema that judges them
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


@cache
def junit() -> XMLSchema10:
    return XMLSchema10((SCHEMAS / "junit-10.xsd").read_text("utf-8"))


def faults(log: dict[str, Any]) -> list[str]:
    """What the schema of SARIF has against a log."""
    return [f"{error.json_path}: {error.message}" for error in sarif().iter_errors(log)]


def judge(files: Files) -> None:
    assert faults(json.loads(files.text("sarif"))) == []
    junit().validate(files.text("xml"))
    check_csv(files.text("csv"))


def check_csv(text: str) -> None:
    """RFC 4180: a header, CR LF after each record, as many fields in each, quotes doubled."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    header, *records = csv.reader(StringIO(text, newline=""), strict=True)
    assert tuple(header) == COLUMNS
    assert {len(record) for record in records} <= {len(header)}
    assert not [cell for record in records for cell in record if cell.startswith(RISKY)]
    again = StringIO(newline="")
    csv.writer(again, lineterminator="\r\n").writerows([header, *records])
    assert again.getvalue() == text


def forms(told: Summary, folder: Path) -> Files:
    (folder / "report.sarif").write_text(summary_sarif(told), encoding="utf-8")
    (folder / "report.xml").write_text(summary_junit(told), encoding="utf-8")
    (folder / "report.csv").write_text(summary_csv(told), encoding="utf-8", newline="")
    return Files(folder)


@pytest.mark.parametrize("text", [*HOSTILE, *FORMULAS])
def test_hostile_texts_break_no_schema(text: str, tmp_path: Path) -> None:
    judge(forms(hostile(text), tmp_path))


@pytest.mark.parametrize("interrupted", [False, True])
def test_every_standing_fits(interrupted: bool, tmp_path: Path) -> None:
    rows = tuple(
        Row(f"vm-{n}", standing, "why", failed_at=NOW, correlation_ids=("a", "b"))
        for n, standing in enumerate(Standing)
    )
    judge(forms(Summary(NOW, NOW, rows, interrupted), tmp_path))
    judge(forms(Summary(NOW, NOW, (), interrupted), tmp_path))


def test_a_field_that_the_standards_do_not_know_is_refused() -> None:
    """The judges themselves can say no."""
    log = json.loads(summary_sarif(hostile("x")))
    log["runs"][0]["results"][0]["level"] = "bad"
    assert faults(log)
    text = summary_junit(hostile("x"))
    assert junit().is_valid(text)
    assert not junit().is_valid(text.replace("<testcase ", '<testcase other="" ', 1))
    assert not junit().is_valid(text.replace("classname=", "class=", 1))


@pytest.fixture(scope="module")
def cloud() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hostile") as process:
        yield process


def test_the_reports_of_plans_fit(cloud: SimulatorProcess, tmp_path: Path) -> None:
    env = environment(cloud, tmp_path)
    _ended, files = written(tmp_path / "out", env, "run", *cloud.failed_jobs("web"), "--dry-run")
    judge(files)


def test_the_report_of_a_scan_fits(tmp_path: Path) -> None:
    with stepped(estate(tmp_path, vm("web", "main"), vm("db", "apps"))) as azure:
        _ended, files = written(tmp_path / "out", environment(azure, tmp_path), "scan")
    judge(files)


def test_the_report_of_a_run_fits(tmp_path: Path) -> None:
    with fast_cloud("extension-stuck") as azure:
        job = azure.failed_jobs("web")[-1]
        env = environment(azure, tmp_path)
        _ended, files = written(tmp_path / "out", env, "run", job, "--yes")
    judge(files)
