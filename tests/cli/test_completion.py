"""Completion after Tab, asked for as the scripts of bash and zsh ask for it."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediator.azure.clouds import CLOUDS
from remediator.azure.credentials import MODES
from remediator.change.step import Impact
from remediator.cli import completing
from remediator.playbook.catalogue import read_catalogue
from remediator.simulator.scenario.load import names
from tests.cli.verbs import verbs
from tests.clouds import fast
from tests.command import environment, remediate

NONE = {name: value for name, value in os.environ.items() if not name.startswith("REMEDIATE_")}


def bash(line: str, **env: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    asked = {"_REMEDIATE_COMPLETE": "complete_bash", "COMP_WORDS": line}
    number = str(len(line.split(" ")) - 1)
    ended = remediate(env=NONE | asked | {"COMP_CWORD": number} | env).check(0)
    assert ended.err == ""
    return ended.out.split()


def zsh(line: str, **env: str) -> str:
    """What zsh is offered for the last word of a line: a call of `_arguments`, or of `_files`."""
    asked = {"_REMEDIATE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
    ended = remediate(env=NONE | asked | env).check(0)
    assert ended.err == ""
    return ended.out.strip()


CODES = sorted(code for row in read_catalogue().rows for code in row.codes)
PLAYBOOKS = sorted(row.name for row in read_catalogue().rows)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("remediate sc", ["scan", "schema"]),
        ("remediate help ru", ["run", "runs"]),
        ("remediate help runs ", ["list", "show", "prune"]),
        ("remediate explain ", CODES),
        ("remediate scan --code ", CODES),
        ("remediate run --error-code ", CODES),
        ("remediate scan --auth m", ["managed"]),
        ("remediate scan --auth ", list(MODES)),
        ("remediate scan --cloud ", list(CLOUDS)),
        ("remediate scan --lang zh", ["zh-CN", "zh-TW"]),
        ("remediate playbooks list -o ", ["text", "table", "tsv", "json"]),
        ("remediate explain x --output j", ["json"]),
        ("remediate scan --allow ", list(completing.IMPACTS)),
        ("remediate simulator --scenario ", names()),
        ("remediate simulator --scenario cross", ["cross-subscription"]),
        ("remediate playbooks show ", PLAYBOOKS),
        ("remediate permissions --playbook ", PLAYBOOKS),
        ("remediate schema p", ["plan", "playbook"]),
        ("remediate scan --subscription ", []),
        # The verb `run` may be left out.
        ("remediate --job", ["--job-id"]),
        ("remediate --job-id x --error-code ExtensionStuck", ["ExtensionStuckInDeletionState"]),
        ("remediate --job-id x --allow-", ["--allow-data-loss"]),
        ("remediate --v", ["--version"]),
    ],
)  # fmt: skip
def test_words_are_completed(line: str, offered: list[str]) -> None:
    assert sorted(bash(line)) == sorted(offered)


def test_zsh_is_offered_the_same() -> None:
    assert zsh("remediate scan --auth m") == """_arguments '*: :(("managed"))'"""
    assert zsh("remediate scan --cloud ") == """_arguments '*: :(("public"\n"china"\n"usgov"))'"""
    assert '"ExtensionStuckInDeletionState"' in zsh("remediate explain Ext")
    assert '"--allow-data-loss"' in zsh("remediate --job-id x --allow-")
    assert zsh("remediate scan --subscription ") == "_files"


def test_the_words_are_those_that_the_options_take() -> None:
    needless = {Impact.READ_ONLY, Impact.REVERSIBLE}
    assert completing.MODES == MODES
    assert tuple(CLOUDS) == completing.CLOUDS
    assert tuple(each for each in Impact if each not in needless) == completing.IMPACTS


def completes(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, bool]]:
    """Each option of a verb that takes a value, and whether it offers words."""
    context = command.make_context(" ".join(words), [], resilient_parsing=True)
    for option in command.params:
        if option.param_type_name == "option" and not option.is_flag:
            yield option.opts[0], bool(option.shell_complete(context, ""))


def test_an_option_offers_its_words_at_every_verb() -> None:
    known: dict[str, dict[str, bool]] = defaultdict(dict)
    for words, command in verbs():
        for flag, offers in completes(words, command):
            known[flag][" ".join(words)] = offers
    del known["--output"]["record"]  # its output is a file
    assert {flag for flag, told in known.items() if len(set(told.values())) > 1} == set()
    assert known["--code"]["history"]
    assert known["--output"]["history"]


def test_codes_of_the_persons_own_playbooks_are_completed(tmp_path: Path) -> None:
    text = read_catalogue().file(read_catalogue().known("ExtensionStuckInDeletionState"))
    own = text.read_text("utf-8").replace("ExtensionStuckInDeletionState", "ContosoStuck")
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    asked = f"remediate explain --playbooks {tmp_path} Conto"
    assert bash(asked) == ["ContosoStuck"]
    (tmp_path / "broken.yaml").write_text("codes: [", encoding="utf-8")
    assert set(bash(asked)) <= {"ContosoStuck"}


def test_runs_are_completed_from_the_state(tmp_path: Path) -> None:
    with fast() as azure:
        env = environment(azure, tmp_path)
        remediate("--job-id", azure.failed_jobs("web")[-1], "--yes", env=env)
        azure.clear_log()
        [run] = [path.stem for path in (tmp_path / "runs").glob("*.jsonl")]
        for verb in ("runs show", "resume", "restore-locks", "report"):
            assert bash(f"remediate {verb} ", REMEDIATE_STATE=str(tmp_path)) == [run]
            assert bash(f"remediate {verb} --state {tmp_path} {run[:6]}") == [run]
            assert f'"{run}"' in zsh(f"remediate {verb} ", REMEDIATE_STATE=str(tmp_path))
            assert bash(f"remediate {verb} no-such-run", REMEDIATE_STATE=str(tmp_path)) == []
        assert bash(f"remediate audit show --state {tmp_path} --run {run[:6]}") == [run]
        assert azure.requests() == []


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but some text" * 99])
def test_a_state_that_cannot_be_read_completes_nothing_and_says_nothing(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "state.sqlite").write_bytes(content)
    before = list(tmp_path.iterdir())
    assert bash("remediate runs show ", REMEDIATE_STATE=str(tmp_path)) == []
    assert bash("remediate resume ", REMEDIATE_STATE="postgresql://nowhere.invalid/x") == []
    assert bash("remediate resume ", REMEDIATE_STATE="ftp://nowhere.invalid/x") == []
    assert list(tmp_path.iterdir()) == before


LOADED = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from remediator.cli import main
main([])
"""


@pytest.mark.parametrize(
    "line",
    ["remediate explain User", "remediate scan --auth ", "remediate runs show ", "remediate ru"],
)
def test_completing_loads_nothing_that_is_slow(line: str, tmp_path: Path) -> None:
    asked = {"_REMEDIATE_COMPLETE": "complete_bash", "COMP_WORDS": line}
    env = NONE | asked | {"COMP_CWORD": str(line.count(" ")), "REMEDIATE_STATE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], env=env, capture_output=True, text=True, check=True
    )
    modules = set(done.stderr.split())
    assert "typer" in modules
    slow = {"azure", "aiohttp", "dbos", "sqlalchemy", "ruamel", "jinja2"}
    assert modules & slow == set()
