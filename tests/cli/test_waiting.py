"""While something is read or waited for: what a person at a terminal sees, and what Ctrl-C does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.clouds import fast
from tests.command import SPEED
from tests.cut_short import cloud, hold
from tests.evidence import until
from tests.terminal import Terminal


def shows(terminal: Terminal, *wanted: str) -> bool:
    """Whether the terminal has shown all these patterns so far, however it folds its lines."""
    terminal.read()
    said = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", terminal.said).split())
    return all(re.search(each, said) for each in wanted)


def calm(terminal: Terminal) -> None:
    """Press Ctrl-C, and check that the command ends in order."""
    terminal.type(b"\x03")
    assert terminal.end() == 130, terminal.said
    assert "Traceback" not in terminal.said
    assert "internal error" not in terminal.said


@pytest.fixture(scope="module")
def held() -> Iterator[SimulatorProcess]:
    """A cloud that does not answer."""
    with cloud("limit-reached") as azure:
        hold(azure, path=".", times=None)
        yield azure


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--job-id", "{job}", "--dry-run"], "reading the job and what it depends on"),
        (["plan", "--job-id", "{job}"], "reading the job and what it depends on"),
        (["{job}", "x{job}", "--dry-run"], "reading 2 jobs and what they depend on"),
        (["scan"], "reading the subscriptions and their vaults"),
        (["check", "--vm", "web"], "reading the VM and what its backup depends on"),
    ],
    ids=["run", "plan", "several", "scan", "check"],
)
def test_what_is_read_is_told_before_the_first_answer(
    arguments: list[str], what: str, held: SimulatorProcess, tmp_path: Path
) -> None:
    job = held.failed_jobs("web")[-1]
    other = job[:-1] + ("0" if job[-1] != "0" else "1")
    words = [word.replace("x{job}", other).replace("{job}", job) for word in arguments]
    with Terminal(held, tmp_path, *words) as terminal:
        until(lambda: shows(terminal, what + r"\s+0:\d\d"), "the line")
        calm(terminal)
        assert terminal.said.count("remediate: interrupted; ") <= 1


def test_that_it_was_interrupted_is_told_in_the_language_asked_for(
    held: SimulatorProcess, tmp_path: Path
) -> None:
    with Terminal(held, tmp_path, "scan", "--lang", "zh-CN") as terminal:
        until(lambda: shows(terminal, r"0:\d\d"), "the line")
        calm(terminal)
        assert "remediate: 已中断；" in terminal.said


def test_that_azure_asks_to_wait_is_told(tmp_path: Path) -> None:
    with cloud("limit-reached") as azure:
        azure.fault("throttle-arm", retry_after=90 * SPEED, times=None)
        job = azure.failed_jobs("web")[-1]
        with Terminal(azure, tmp_path, "--job-id", job, "--dry-run") as terminal:
            until(lambda: shows(terminal, r"Azure asks to wait: 1:\d\d more"), "the line")
            calm(terminal)


def test_a_wait_tells_its_time_its_limit_and_that_ctrl_c_is_safe(tmp_path: Path) -> None:
    with fast(speed=30.0) as azure:
        job = azure.failed_jobs("web")[-1]
        with Terminal(azure, tmp_path, "--job-id", job, "--yes", "--timeout", "3h") as terminal:
            until(
                lambda: shows(
                    terminal,
                    r"following backup job \S+: InProgress",
                    r"InProgress.*0:\d\d so far, at most 2:5\d:\d\d more",
                    r"Ctrl-C is safe: remediate runs show run-\S+ tells how far it got",
                ),
                "the wait",
            )
            calm(terminal)
        assert "interrupted while backup job" in terminal.said
        assert re.search(r"Next: see where things stand: remediate --job-id \S+", terminal.said)
