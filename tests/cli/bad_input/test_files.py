"""Files that are not plans, and files that somebody else may have put there."""

import json
import os
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB, job_of
from tests.cli.bad_input.stranger import server
from tests.complaints import complaint


@pytest.fixture
def saved(azure: SimulatorProcess, run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "saved.json"
    run("plan", "--job-id", job_of(azure, "stuck"), "--out", str(path)).check(0)
    return path


def test_a_file_that_is_no_plan_is_refused(here: Run, tmp_path: Path, saved: Path) -> None:
    content = json.loads(saved.read_text(encoding="utf-8"))
    contents: dict[str, bytes] = {
        "empty": b"",
        "a word": b"plan",
        "something else": b'{"name": "x", "version": 3}',
        "a list": b"[]",
        "binary": bytes(range(256)),
        "a nested abyss": b"[" * 100_000,
        "another version": json.dumps(content | {"schema_version": "2"}).encode(),
        "another key": json.dumps(content | {"more": True}).encode(),
        "another endpoint": json.dumps(content | {"endpoint": "https://x.invalid"}).encode(),
        "an edited step": json.dumps(content).replace("VMSnapshot", "VMSnapshut").encode(),
        "half a surrogate": json.dumps(content | {"endpoint": "\ud800"}).encode(),
    }
    for name, raw in contents.items():
        path = tmp_path / f"{name}.json"
        path.write_bytes(raw)
        said = complaint(here("show", str(path)), 4)
        assert said.startswith(f"{path}: "), said
    for name in ("something else", "an edited step"):
        complaint(here("apply", str(tmp_path / f"{name}.json"), "--yes"), 4)
    for path in (tmp_path, tmp_path / "absent.json"):
        assert "cannot be read" in complaint(here("show", str(path)), 4)


def test_a_plan_is_not_applied_to_another_endpoint(
    azure: SimulatorProcess, run: Run, saved: Path
) -> None:
    azure.clear_log()
    with server(lambda _: {}) as (url, asked):
        said = complaint(run("apply", str(saved), "--yes", "--arm-endpoint", url), 4)
    assert f"was made on {azure.url}, not on {url}" in said
    assert asked == []
    assert azure.requests() == []


def test_a_refused_plan_leaves_the_report_of_another_day_alone(
    run: Run, tmp_path: Path, saved: Path
) -> None:
    report = tmp_path / "report.txt"
    report.write_text("of yesterday")
    altered = tmp_path / "altered.json"
    altered.write_text(saved.read_text(encoding="utf-8").replace("VMSnapshot", "VMSnapshut"))
    for verb in (["show"], ["apply", "--yes"]):
        complaint(run(*verb, str(altered), "--output", str(report)), 4)
    assert report.read_text() == "of yesterday"


def test_what_is_no_ordinary_file_is_not_opened(here: Run, tmp_path: Path) -> None:
    """The tool would wait for a pipe without end. A device may do something when it is opened."""
    books = tmp_path / "books"
    books.mkdir()
    for path in (tmp_path / "plan.json", books / "a.yaml"):
        os.mkfifo(path)
    for arguments, code in (
        (("show", str(tmp_path / "plan.json")), 4),
        (("apply", str(tmp_path / "plan.json"), "--yes"), 4),
        (("permissions", "--plan", "/dev/zero"), 4),
        (("show", "/dev/zero"), 4),
        (("--job-id", JOB, "--playbooks", str(books)), 64),
        (("playbooks", "validate", str(books)), 64),
    ):
        assert "no ordinary file" in complaint(here(*arguments), code)


def test_a_plan_or_playbook_that_is_too_large_is_refused(here: Run, tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    with (tmp_path / "plan.json").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    assert "is larger than" in complaint(here("show", str(tmp_path / "plan.json")), 4)
    (books / "a.yaml").write_bytes(b"#" * 1_100_000)
    assert "is larger than" in complaint(here("--job-id", JOB, "--playbooks", str(books)), 64)


SECRETS = {
    "hunter2-key": b"hunter2-key: hunter2\n",
    "twice": b"password: hunter2\npassword: hunter2too\n",
    "a line": b"user hunter2\n  pass: [hunter2\n",
    "a tag": b"!hunter2 x: 1\n",
    "an alias": b"a: *hunter2\n",
    "json": b'{"hunter2": {"kind": "hunter2"}}',
    "a plan": b'{"schema_version": "1", "steps": [{"kind": "hunter2"}], "plan_id": "hunter2"}',
    "binary": b"hunter2\xff\xfe\x00",
}


@pytest.mark.parametrize("content", SECRETS.values(), ids=SECRETS)
def test_no_error_shows_what_stands_in_another_file(
    here: Run, tmp_path: Path, content: bytes
) -> None:
    books, secret = tmp_path / "books", tmp_path / "secret"
    books.mkdir()
    secret.write_bytes(content)
    (books / "a.yaml").symlink_to(secret)
    (tmp_path / "plan.json").symlink_to(secret)
    for ended in (
        here("show", str(tmp_path / "plan.json")),
        here("--job-id", JOB, "--playbooks", str(books)),
        here("playbooks", "validate", str(books)),
    ):
        assert ended.code in (4, 64)
        assert "hunter2" not in ended.out + ended.err
