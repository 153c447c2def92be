"""The reader of the output may go away: the run goes on, keeps its record and its own exit code."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, command, environment
from tests.cut_short import put_back_books
from tests.evidence import PATIENCE, locks, record, results, until
from tests.processes import Started, start


@pytest.fixture
def azure() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as cloud:
        yield cloud


@contextmanager
def read_along(azure: SimulatorProcess, folder: Path, stream: int) -> Iterator[tuple[Started, int]]:
    """A run that takes a lock off and puts it back. One of its streams is a pipe."""
    mine = put_back_books(folder)
    job = azure.failed_jobs("web")[-1]
    arguments = ["--job-id", job, "--yes", *mine]
    heard, said = os.pipe()
    with (folder / "rest").open("w+b") as rest, os.fdopen(said, "wb") as pipe:
        streams = (rest, pipe if stream == 1 else rest, pipe if stream == 2 else rest)
        process = start("remediator", arguments, streams, environment(azure, folder), None)
    try:
        yield process, heard
    finally:
        process.kill()
        process.wait()


def read_until(word: bytes, heard: int) -> None:
    """Read until this word has come, then close the pipe."""
    found = b""
    while word not in found:
        piece = os.read(heard, 4096)
        assert piece, found
        found += piece
    os.close(heard)


@pytest.mark.parametrize("word", [b"run-", b"lock recorded", b"1. applied"])
def test_a_run_that_nobody_listens_to_any_more_goes_on(
    word: bytes, azure: SimulatorProcess, tmp_path: Path
) -> None:
    with read_along(azure, tmp_path, 2) as (process, heard):
        read_until(word, heard)
        assert process.wait(PATIENCE) == 0
        assert results(tmp_path) == ["applied", "applied", "applied"]
        assert record(tmp_path)[-1]["kind"] == "concluded"
        assert locks(azure) == ["keep"]


@pytest.mark.parametrize(("lock", "code"), [("on", 0), ("off", 5)])
def test_a_report_that_nobody_reads_does_not_change_what_was_done(
    lock: str, code: int, azure: SimulatorProcess, tmp_path: Path
) -> None:
    if lock == "off":
        azure.fault("error", status=403, code="AuthorizationFailed", method="PUT", times=None)
    with read_along(azure, tmp_path, 1) as (process, heard):
        until(azure.writes, "the run")
        os.close(heard)
        assert process.wait(PATIENCE) == code
        assert record(tmp_path)[-1]["kind"] == "concluded"
        run_id = record(tmp_path)[0]["run_id"]
        assert f"remediate runs show {run_id}" in (tmp_path / "rest").read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("playbooks", "list"),
        ("playbooks", "list", "-o", "json"),
        ("actions", "-o", "tsv"),
        ("schema", "plan"),
        ("playbooks", "validate"),
        ("--help",),
        ("explain", "UserErrorVmProvisioningStateFailed"),
    ],
)
def test_output_that_nobody_reads_is_no_error(arguments: tuple[str, ...]) -> None:
    assert unread(*arguments) == (0, "")


def test_what_was_found_still_decides_the_exit_code_if_nobody_reads_it() -> None:
    assert unread("explain", "UserErrorRpColectionLimitReach") == (3, "")


def unread(*arguments: str) -> tuple[int, str]:
    """The exit code and the stderr of a command whose stdout has no reader from the start."""
    heard, said = os.pipe()
    os.close(heard)
    with os.fdopen(said, "wb") as out:
        ended = subprocess.run(
            command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    return ended.returncode, ended.stderr


def test_without_stdin_nobody_consents(azure: SimulatorProcess, tmp_path: Path) -> None:
    ended = subprocess.run(
        [
            "/bin/sh",
            "-c",
            'exec "$@" <&-',
            "sh",
            *command("--job-id", azure.failed_jobs("web")[-1]),
        ],
        env=environment(azure, tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 4
    assert "back up web now" in ended.stdout
    assert "no terminal to ask on" in ended.stderr
    assert azure.writes() == []
