"""The documents are true: their examples run, and their commands and links exist."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from remediator.actions import discovered
from remediator.change.step import Impact
from remediator.cli import Exit
from remediator.cli.app import app
from remediator.conditions import CONDITIONS
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.playbook import Texts, load
from remediator.proving import casefile
from tests import generate, listing
from tests.cases import problems
from tests.command import command
from tests.places import DOCS, EXAMPLES, ROOT

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
READMES = [ROOT / name for name in generate.READMES]
DOCUMENTS = sorted(
    path
    for folder in (ROOT, DOCS, EXAMPLES)
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)


def labelled(document: Path) -> dict[str, str]:
    """The fenced blocks with a path above them, by that path."""
    found = re.findall(
        r"^`(\S+)`:\n\n```\w+\n(.*?)^```$", document.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return dict(found)


FILES = labelled(CONTRIBUTING)
NAME = "ContosoVmNotAtRest"


@cache
def case_file(folder: Path) -> casefile.CaseFile:
    path = folder / "cases.yaml"
    path.write_text(FILES[f"tests/playbooks/{NAME}.yaml"], encoding="utf-8")
    return casefile.read(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's playbook in a folder for --playbooks, with its case file beside it."""
    made = tmp_path_factory.mktemp("contributed")
    (made / "playbooks").mkdir()
    text = FILES[f"playbooks/{NAME}.yaml"]
    (made / "playbooks" / f"{NAME}.yaml").write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("number", range(4))
def test_the_worked_playbook_is_proved_by_its_case_file(
    number: int, folder: Path, tmp_path: Path
) -> None:
    case = case_file(folder).cases[number]
    options = [*case.options, "--playbooks", str(folder / "playbooks")]
    asked = case.model_copy(update={"options": options})
    assert list(problems(asked, tmp_path)) == []


def test_the_worked_case_file_has_a_case_for_every_rung(folder: Path) -> None:
    cases = case_file(folder)
    loaded = load(folder / "playbooks" / f"{NAME}.yaml", "example")
    assert cases.playbook == loaded.name
    assert len(cases.cases) == 4
    assert {rung.rung for rung in loaded.ladder} <= {case.expect.rung for case in cases.cases}


def test_the_worked_action_is_found_and_passes_its_test(tmp_path: Path) -> None:
    actions = tmp_path / "actions"
    actions.mkdir()
    (actions / "leave_vm_alone.py").write_text(
        FILES["remediator/actions/leave_vm_alone.py"], "utf-8"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", "utf-8")
    (tmp_path / "test_it.py").write_text(FILES["tests/actions/test_leave_vm_alone.py"], "utf-8")
    program = (
        "import sys, pytest, remediator.actions as actions\n"
        "actions.__path__.append('actions')\n"
        "assert 'leave-vm-alone' in actions.discovered()\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_it.py']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".py")])
def test_the_worked_python_is_written_as_ours_is(path: str) -> None:
    # The file is not there yet, so Ruff cannot tell from its place that the package is ours.
    ours = ["--config", 'lint.isort.known-first-party=["remediator"]']
    for how in (["check", *ours], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *how, "--stdin-filename", path, "-"],
            cwd=ROOT,
            input=FILES[path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_conditions_of_when_are_told_as_they_are() -> None:
    text = CONTRIBUTING.read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in CONDITIONS)
    assert generate.conditions(text) == text, "run make generate"


def first_cells(document: Path, heading: str) -> list[str]:
    """The code in the first column of the tables below a heading."""
    text = document.read_text("utf-8").split(f"\n{heading}\n", 1)[1]
    section = re.split(r"^#+ ", text, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_keys_and_actions_are_told_as_they_are() -> None:
    assert first_cells(CONTRIBUTING, "### The actions of `steps`") == sorted(discovered())
    keys = first_cells(CONTRIBUTING, "### The keys of a playbook")
    playbook = read_catalogue().playbooks[0]
    own = {"origin", "digest"}
    assert {key for key in keys if "." not in key} == set(type(playbook).model_fields) - own
    rung = {key.removeprefix("ladder[].") for key in keys if key.startswith("ladder[].")}
    assert rung == {*type(playbook.ladder[0]).model_fields, "steps[].action"}
    texts = {key.removeprefix("messages.") for key in keys if key.startswith("messages.")}
    assert texts == {field.alias or name for name, field in Texts.model_fields.items()}
    manual = {key.removeprefix("manual.") for key in keys if key.startswith("manual.")}
    assert manual == set(type(playbook.manual).model_fields)


def test_the_keys_of_a_case_file_are_told_as_they_are() -> None:
    fields = casefile.Case.model_fields
    wanted = [
        "playbook",
        *(f"cases[].{key}" for key in fields if key not in ("expect", "then")),
        *(f"cases[].expect.{key}" for key in casefile.Expected.model_fields),
        "cases[].then",
    ]
    assert first_cells(CONTRIBUTING, "### The keys of a case file") == wanted


# --- the README against the command line ---------------------------------------------------------


def verbs() -> dict[str, set[str]]:
    """Every verb of the command line, with its flags and the flags of its subcommands."""
    group = typer.main.get_command(app)
    return {name: set(flags(verb)) for name, verb in parts(group).items()}


def parts(verb: Any) -> dict[str, Any]:
    """The subcommands of a verb: those of `remediate`, those of `remediate playbooks`."""
    found: dict[str, Any] = getattr(verb, "commands", {})
    return found


def flags(verb: Any) -> Iterator[str]:
    """The flags of a verb and of its subcommands."""
    yield from ("--help", "-h")
    for parameter in verb.params:
        for flag in (*parameter.opts, *parameter.secondary_opts):
            if flag.startswith("-"):
                yield flag
    for part in parts(verb).values():
        yield from flags(part)


ROOT_FLAGS = {"--version", "--help", "-h", "--install-completion", "--show-completion"}


def code(text: str) -> Iterator[str]:
    """The lines of code in a document: fenced, indented, and inline."""
    fenced = re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"^    (.+)$", rest, re.MULTILINE)
    inline = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", rest)]
    for block in (*fenced, *indented, *inline):
        yield from re.sub(r"[\\`]\n\s*", " ", block).splitlines()


def calls(text: str) -> Iterator[list[str]]:
    """The words after each `remediate` in a document's code."""
    for line in code(text):
        for said in re.findall(r"(?:^|[\s/\\])remediate((?: [^|;&#>]+)?)", line):
            yield said.split()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_no_verb_and_no_flag_that_does_not_exist(document: Path) -> None:
    known = verbs()
    every = ROOT_FLAGS.union(*known.values())
    text = document.read_text("utf-8")
    for words in calls(text):
        if not words:
            continue
        verb = words[0]
        used = {w.split("=")[0].rstrip(".,:)") for w in words if re.match("-{1,2}[a-z]", w)}
        if verb.startswith("-"):
            assert used <= known["run"] | ROOT_FLAGS, words
        elif re.fullmatch(r"[a-z-]+", verb):
            assert verb in known, words
            assert used <= known[verb], words
    for span in re.findall(r"`(--[a-z][a-z-]+)[^`]*`", text):
        # The document of the simulator names the flags of its own module.
        assert span in every or document.name == "simulator.md", span


@pytest.mark.parametrize("document", READMES, ids=lambda path: path.name)
def test_a_readme_names_every_verb_exit_code_and_impact(document: Path) -> None:
    said = {words[0] for words in calls(document.read_text("utf-8")) if words}
    assert set(verbs()) - {"run"} <= said
    text = document.read_text("utf-8")
    assert set(re.findall(r"^\| (\d+) \|", text, re.MULTILINE)) == {str(int(e)) for e in Exit}
    impacts = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert [name for name in impacts if name in set(Impact)] == list(Impact)


# --- the playbooks' page --------------------------------------------------------------------------


def test_the_page_of_the_playbooks_is_the_one_that_they_make() -> None:
    assert listing.PAGE.read_text("utf-8") == listing.page(), "run make generate"
    shown = [row.name for family in listing.families() for row in family.rows]
    every = [playbook.name for playbook in read_catalogue().playbooks]
    assert sorted(shown) == sorted(every), f"each stands once in {listing.FAMILIES}"


@pytest.mark.parametrize("document", READMES, ids=lambda path: path.name)
def test_a_readme_counts_the_playbooks_of_each_family(document: Path) -> None:
    text = document.read_text("utf-8")
    assert generate.counted(text, generate.READMES[document.name]) == text, "run make generate"
    assert [family.anchor for family in listing.families()] == [
        anchor(family.title) for family in listing.families()
    ]


def test_a_playbook_is_two_files_and_make_generate(tmp_path: Path) -> None:
    """Follow CONTRIBUTING.md in a copy of the repository, and run the tests that it names."""
    copy = tmp_path / "copy"
    for name in ("remediator", "playbooks", "tests", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*generate.READMES, "CONTRIBUTING.md", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    for path in (f"playbooks/{NAME}.yaml", f"tests/playbooks/{NAME}.yaml"):
        (copy / path).write_text(FILES[path], "utf-8")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=copy,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(copy), "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    told = run("tests.generate")
    assert "zh_CN: 0 texts" not in told, "its texts have no translation"
    for document, rest in generate.READMES.items():
        assert f"| [{rest}](docs/playbooks.md#more) | 1 | 1 |" in (copy / document).read_text(
            "utf-8"
        )
    assert f"`{NAME}`" in (copy / "docs" / "playbooks.md").read_text("utf-8")
    green = (
        "tests/views/test_languages.py",
        "tests/test_coverage.py",
        "tests/fields/test_fields.py",
        "tests/playbook/test_playbooks.py",
        "tests/job/test_classification.py",
    )
    wanted = f"{NAME} or page or catalogue or counts or index or case_file or every_playbook"
    assert "passed" in run("pytest", "-q", "-p", "no:cacheprovider", *green, "-k", wanted)


def test_the_readme_lists_the_commands_as_help_does() -> None:
    listed = re.findall(r"^\| `remediate ([a-z-]+)", READMES[0].read_text("utf-8"), re.MULTILINE)
    done = subprocess.run(
        command("--help"), capture_output=True, encoding="utf-8", check=True, env={"COLUMNS": "200"}
    )
    shown = re.findall(r"^ {2}([a-z-]+) {2,}\S", done.stdout.split("\nFix:")[1], re.MULTILINE)
    assert listed == shown
    assert sorted(listed) == sorted(verbs())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_resolves(document: Path) -> None:
    text = re.sub(
        r"^```\w*\n.*?^```$", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(there), target


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {anchor(heading) for heading in headings}


def anchor(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
