"""`--query`: a part of the JSON, as azure-cli has it, refused early if it is no JMESPath."""

import json
import os
from pathlib import Path

import pytest
import typer

from remediator.cli.app import app
from remediator.simulator.process import SimulatorProcess
from tests.cli.bad_input.conftest import Run, azure, cloud, here
from tests.cli.bad_input.estate import JOB, job_of
from tests.command import Ended, remediate
from tests.complaints import complaint

__all__ = ["azure", "cloud", "here"]

LIMIT = "UserErrorRpCollectionLimitReached"


def offline(*arguments: str) -> Ended:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}
    return remediate(*arguments, env=kept)


def queried(expression: str, *arguments: str) -> object:
    return json.loads(offline(*arguments, "--query", expression).check(0).out)


def test_only_the_part_that_is_asked_for_is_printed_as_json() -> None:
    whole = offline("playbooks", "list", "-o", "json").check(0).json()["playbooks"]
    names = [row["codes"][0] for row in whole]
    assert queried("playbooks[].codes[0]", "playbooks", "list") == names
    assert queried("length(playbooks)", "playbooks", "list", "-o", "json") == len(whole)
    by_title = queried("playbooks[?codes[0]=='AllocationFailed'].{t: title}", "playbooks", "list")
    assert by_title == [
        {"t": next(row["title"] for row in whole if row["codes"][0] == "AllocationFailed")}
    ]
    assert queried("Actions[0]", "permissions", "--playbook", LIMIT) is not None
    assert queried("nothing.of.this", "explain", LIMIT) is None


def test_in_a_file_too_and_a_text_beside_it_stays_whole(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    ended = offline("explain", LIMIT, "-o", "text", "-o", str(file), "--query", "found[].code")
    assert ended.check(0).out == offline("explain", LIMIT).check(0).out
    assert json.loads(file.read_text("utf-8")) == [LIMIT]


def test_signs_that_a_terminal_may_act_on_stay_escaped() -> None:
    told = offline("explain", "x\u202ey", "--query", "@").check(3).out
    assert "\u202e" not in told


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("a[", "Incomplete expression"),
        ("", "cannot be empty"),
        ("a ## b", "Unknown token"),
        ("nothing(@)", "there is no function nothing"),
        ("[?length(a, b)]", "length() takes 1 argument"),
        ("!" * 9_000 + "a", "recursion"),
    ],
)
def test_what_is_no_jmespath_is_refused_before_azure_is_asked(
    here: Run, azure: SimulatorProcess, expression: str, says: str
) -> None:
    for verb in (("--job-id", JOB, "--dry-run"), ("check", "--vm", "odd"), ("scan",)):
        assert says in complaint(here(*verb, "--query", expression), 64)
    assert azure.requests() == []


@pytest.mark.parametrize("forms", [("-o", "text"), ("--format", "text"), ("-o", "x.txt")])
def test_a_query_without_json_is_refused(
    here: Run, azure: SimulatorProcess, forms: tuple[str, ...]
) -> None:
    told = here("--job-id", JOB, "--dry-run", "--query", "steps", *forms)
    assert "--query takes a part of the JSON" in complaint(told, 64)
    assert azure.requests() == []


def test_a_query_that_does_not_fit_the_result_is_one_line() -> None:
    told = complaint(offline("explain", LIMIT, "--query", "length(nothing)"), 64)
    assert "length()" in told


def test_a_plan_is_queried(here: Run, azure: SimulatorProcess) -> None:
    told = here("--job-id", job_of(azure, "odd"), "--dry-run", "--query", "job.vm_name")
    assert json.loads(told.check(3).out) == "odd"


def test_each_command_that_prints_a_format_takes_a_query() -> None:
    root = typer.main.get_command(app)
    groups = [root, *(each for each in root.commands.values() if hasattr(each, "commands"))]  # type: ignore[attr-defined]
    for command in (each for one in groups for each in one.commands.values()):
        flags = {flag for option in command.params for flag in option.opts}
        if "--output" in flags and command.name != "record":
            assert "--query" in flags, command.name


def test_a_file_that_lies_there_may_not_hide_a_part_of_the_result(
    here: Run, tmp_path: Path
) -> None:
    (tmp_path / "remediate.toml").write_text("query = 'job'")
    said = complaint(here("--job-id", JOB, "--dry-run"), 64)
    assert "query is read only from a file that --config names" in said
