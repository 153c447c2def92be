"""Misspelt words: one line names the closest word, and where all of them stand."""

from pathlib import Path

import pytest

from remediator.playbook.catalogue import read_catalogue
from tests.cli.bad_input.conftest import Run
from tests.cli.bad_input.estate import JOB
from tests.complaints import complaint

CODE = "UserErrorGuestAgentStatusUnavailable"
LIST = "See remediate playbooks list"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scna"], "Did you mean 'scan', 'schema'? See remediate --help."),
        (["runs", "lsit"], "Did you mean 'list'? See remediate runs --help."),
        (["help", "scna"], "Did you mean 'scan', 'schema'? See remediate --help."),
        (["help", "runs", "lsit"], "Did you mean 'list'? See remediate runs --help."),
        (["scan", "--sinc-scan", "x"], "--since-scan). See remediate scan --help."),
        (["--job-id", JOB, "--dry-rnu"], "--dry-run). See remediate run --help."),
        (["scan", "--auth", "clli"], "; did you mean cli?"),
        (["--job-id", JOB, "--auth", "Managd"], "; did you mean managed?"),
        (["scan", "--lang", "zh-cm"], "; did you mean zh-CN? See remediate scan --help."),
        (["scan", "--format", "jsno"], "; did you mean json? See remediate scan --help."),
        (["scan", "--output", "jsno"], "did you mean json? A file of this name is ./jsno"),
        (["scan", "-o", "sarrif"], "did you mean sarif? A file of this name is ./sarrif"),
        (["runs", "list", "-o", "tabel"], "did you mean table? A file of this name is ./tabel"),
        (["--job-id", JOB, "--allow", "destructiv"], "; did you mean destructive?"),
        (["scan", "--allow", "down-time"], "; did you mean downtime?"),
        (["schema", "plna"], "; did you mean plan? See remediate schema --help."),
        (["--job-id", JOB, "--error-code", CODE[:-1]], f"; did you mean {CODE}? {LIST}"),
        (["apply", "x.json", "--error-code", CODE[:-1]], f"; did you mean {CODE}? {LIST}"),
        (["scan", "--code", CODE.lower()[:-1]], f"; did you mean {CODE}? {LIST}"),
        (["playbooks", "show", CODE[:-1]], f"; did you mean {CODE}? {LIST}"),
        (["permissions", "--playbook", CODE[:-1]], f"; did you mean {CODE}? {LIST}"),
        (["simulator", "--scenario", "dmeo"], ", vm-gone; did you mean demo?"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_the_closest_word_is_named(
    here: Run, tmp_path: Path, arguments: list[str], says: str
) -> None:
    said = complaint(here(*arguments), 64)
    assert says in said
    assert list(tmp_path.iterdir()) == []


def test_the_closest_cloud_is_named(here: Run) -> None:
    said = complaint(here("scan", "--cloud", "chna", REMEDIATE_ARM_ENDPOINT=None), 64)
    assert said.endswith("; did you mean china?")


def test_a_word_that_is_like_none_is_told_where_all_are(here: Run) -> None:
    said = complaint(here("--job-id", JOB, "--error-code", "Nonsense"), 64)
    assert said == "no playbook has the code 'Nonsense'; see remediate playbooks list"
    assert complaint(here("--job-id", JOB, "--allow", "xyz"), 64).endswith(", destructive")


def test_a_code_that_no_playbook_is_about_can_be_looked_for(here: Run) -> None:
    ended = here("scan", "--code", "ContosoNeverHeardOf", "--code", "999999").check(3)
    assert ended.out.startswith("0 failed")
    assert ended.err == ""


def test_a_file_may_be_called_almost_like_a_format(here: Run, tmp_path: Path) -> None:
    for said in ("./jsno", "report", "jsno.json"):
        here("playbooks", "list", "--output", said).check(0)
        assert (tmp_path / said).stat().st_size
    here("playbooks", "list", "--output", "jsno", "--format", "json").check(0)
    assert (tmp_path / "jsno").read_text().startswith("{")


def test_the_closest_action_and_condition_of_a_playbook_are_named(
    here: Run, tmp_path: Path
) -> None:
    catalogue = read_catalogue()
    text = catalogue.file(catalogue.known(CODE)).read_text("utf-8")
    misspelt = text.replace("vm_power:", "vm_pwoer:").replace(": back-up-now", ": back-up-nwo")
    assert "vm_pwoer" in misspelt
    (tmp_path / "own.yaml").write_text(misspelt, encoding="utf-8")
    ended = here("playbooks", "validate", str(tmp_path)).check(64)
    assert "; did you mean back-up-now? See remediate actions\n" in ended.err
    assert "; did you mean vm_power?\n" in ended.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("lang = 'en'\ntimout = '1h'", ":2: no command has an option 'timout'; did you mean"),
        (
            "\n\n[run]\n\n# x\ndryrun = true",
            ":6: run has no option 'dryrun'; did you mean dry-run?",
        ),
        ("[rnu]\nlang = 'en'", ":1: there is no command 'rnu'; did you mean run?"),
        ("[run]\nverbsoe = true", "; did you mean verbose? See remediate run --help"),
        ("[ 'scan' ]\n'sinc' = 1", ":2: scan has no option 'sinc'; did you mean since?"),
        ("lang = 'en'\n[run]\nyes = true", ":3: yes is read only from a file that --config names"),
        ("\ntimeout = true", ":2: timeout takes a text or a number"),
        ("timeout = '1h'\n[run]\ntimeout = true", ":3: timeout takes a text or a number"),
    ],
)
def test_a_key_of_the_config_file_is_told_with_its_line(
    here: Run, tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "remediate.toml").write_text(content)
    said = complaint(here("run", "--job-id", JOB), 64)
    assert said.startswith("remediate.toml:")
    assert says in said
