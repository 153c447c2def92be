"""The pages of help: `help VERB` is `VERB --help`, and a page tells all exit codes or none."""

import re

import pytest

from remediator.cli import Exit, call
from tests.cli.verbs import ROOT, verbs

VERBS = [words for words, _command in verbs()]


def page(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert call(list(arguments)) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


@pytest.mark.parametrize("words", ["", "scan", "run", "runs", "runs list", "simulator", "help"])
def test_help_of_a_verb_is_its_page(capsys: pytest.CaptureFixture[str], words: str) -> None:
    asked = page(capsys, "help", *words.split())
    assert asked.startswith(f"Usage: remediate {words}".rstrip())
    assert asked == page(capsys, *words.split(), "--help")


def test_a_page_tells_only_exit_codes_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    telling = {(), ("run",), ("plan",), ("show",), ("apply",), ("scan",)}
    assert telling <= set(VERBS)
    for words in VERBS:
        ROOT.main([*words, "--help"], prog_name="remediate", standalone_mode=False)
        told = exit_codes(capsys.readouterr().out.partition("Exit codes:")[2])
        every = [int(code) for code in Exit]
        assert told == every if words in telling else set(told) <= set(every), words


def exit_codes(text: str) -> list[int]:
    """The codes that a text of exit codes names: each begins a line, or stands behind a gap."""
    return [int(code) for code in re.findall(r"(?:^  |   )(\d+) [a-z]", text, re.MULTILINE)]


@pytest.mark.parametrize("words", ["", "runs", "playbooks"])
def test_without_a_verb_the_page_is_shown_as_it_is_laid_out(
    capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert call(words.split()) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == page(capsys, *words.split(), "--help")


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_a_page_holds_no_english_sentence(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    assert call([*words, "--help"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"[\u4e00-\u9fff]", told)
    assert re.findall(r"\b(?!az )[a-z]+(?: [a-z]+){3,}\b(?!.*--)", told) == []
