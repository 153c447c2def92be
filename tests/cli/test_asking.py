"""The tool changes nothing before it has asked. At a terminal, every answer but yes means no."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED, environment, remediate
from tests.evidence import locks, sent, until
from tests.saved_plans import Saved, applied, by_tool, planned
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    """A cloud that no test changes, and a plan for it."""
    with stepped() as azure:
        yield azure, planned(azure, tmp_path_factory.mktemp("saved"))


@pytest.mark.parametrize("how", [["--format", "text"], ["--format", "json"], ["--dry-run"]])
def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(
    how: list[str], saved: Saved, tmp_path: Path
) -> None:
    azure, _ = saved
    azure.clear_log()
    job = azure.failed_jobs("web")[-1]
    env = environment(azure, tmp_path)
    ended = remediate("--job-id", job, *how, env=env, stdin="y\n" * 9)
    ended.check(0 if "--dry-run" in how else 4)
    assert azure.writes() == []
    assert "[y/N]" not in ended.out + ended.err
    assert not (tmp_path / "runs").exists()


def test_a_saved_plan_without_a_terminal_needs_yes(saved: Saved, tmp_path: Path) -> None:
    azure, path = saved
    ended = applied(azure, tmp_path, path).check(4)
    assert "no --yes" in ended.err
    assert by_tool(azure) == []


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (b"n\n", 4),
        (b"\n", 4),
        (b"\x04", 4),
        (b"yess\n", 4),
        (b"\xff\xfe y\n", 4),
        (b"oui y\n", 4),
        (b"\x03", 130),
    ],
    ids=["no", "nothing", "end of input", "almost", "not text", "garbage", "ctrl-c"],
)
def test_on_a_terminal_all_but_yes_is_no(
    keys: bytes, code: int, saved: Saved, tmp_path: Path
) -> None:
    azure, _ = saved
    azure.clear_log()
    with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
        until(terminal.asked, "the question")
        terminal.type(keys)
        assert terminal.end() == code
        assert "Traceback" not in terminal.said
        assert re.search(r"^remediate: .*nothing was changed", terminal.said, re.MULTILINE)
    assert azure.writes() == []
    assert not (tmp_path / "runs").exists()


def test_on_a_terminal_a_saved_plan_is_asked_about_too(saved: Saved, tmp_path: Path) -> None:
    azure, path = saved
    azure.clear_log()
    with Terminal(azure, tmp_path, "apply", str(path)) as terminal:
        until(terminal.asked, "the question")
        terminal.type(b"n\n")
        assert terminal.end() == 4
    assert azure.writes() == []


def test_on_a_terminal_a_dry_run_does_not_ask(saved: Saved, tmp_path: Path) -> None:
    azure, _ = saved
    azure.clear_log()
    job = azure.failed_jobs("web")[-1]
    with Terminal(azure, tmp_path, "--job-id", job, "--dry-run") as terminal:
        assert terminal.end() == 0
        assert "[y/N]" not in terminal.said
    assert azure.writes() == []


def test_on_a_terminal_what_was_typed_before_the_question_is_no_answer(
    saved: Saved, tmp_path: Path
) -> None:
    azure, _ = saved
    with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
        terminal.type(b"y\n")
        until(terminal.asked, "the question")
        terminal.type(b"n\n")
        assert terminal.end() == 4
    assert azure.writes() == []


def test_on_a_terminal_yes_is_yes(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
            until(terminal.asked, "the question")
            assert azure.writes() == []
            terminal.type(b"y\n")
            assert terminal.end() == 0
        assert len(sent(azure, "POST", "/backup")) == 1
        assert locks(azure) == []
