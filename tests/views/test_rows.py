"""What a reader copies from the screen is whole, however narrow the screen is."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from remediator.views.rows import Whole, folded, show_rows
from tests.clouds import stepped
from tests.command import environment, remediate

ID = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/A.B/c/d"


@pytest.mark.parametrize("columns", ["40", "80", "160"])
def test_ids_permissions_and_the_undo_command_stay_on_one_line(
    columns: str, tmp_path: Path
) -> None:
    with stepped("limit-reached") as azure:
        look = ("--job-id", azure.failed_jobs("web")[-1], "--dry-run")
        env = environment(azure, tmp_path) | {"COLUMNS": columns}
        plan = remediate(*look, "--format", "json", env=env).json()
        lines = remediate(*look, "--details", env=env).out.splitlines()
    for step in plan["steps"]:
        if step["kind"] == "change":
            for copied in (step["target"], step["permission"], step["request"]["url"]):
                assert any(copied in line for line in lines)
    undo = plan["steps"][0]["undo"]
    assert undo.startswith("az lock create ")
    assert any(line.endswith(undo) for line in lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four", ["one two", "three four"]),
        (f"see {ID} now", [f"see {ID}", "now"]),
        ("锁阻止清理旧还原点。请移除锁", ["锁阻止清理", "旧还原点。", "请移除锁"]),
        ("the lock 锁on", ["the lock", "锁on"]),
        ("", []),
        ("  ", []),
    ],
)
def test_lines_break_only_between_pieces(text: str, lines: list[str]) -> None:
    assert list(folded(text, 10)) == lines


def test_a_value_that_is_copied_is_not_folded() -> None:
    file = io.StringIO()
    command = "sudo systemctl restart walinuxagent and look at it"
    show_rows(Console(file=file, width=30), [("run", Whole(command)), ("why", "a b " * 10)], 2)
    first, *rest = file.getvalue().splitlines()
    assert first.endswith(f" {command}")
    assert len(rest) > 1
    assert all(len(line) <= 30 for line in rest)
