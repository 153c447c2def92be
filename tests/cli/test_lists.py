"""The lists as text, table and tsv, and the trail's verdict: on stdout, for other programs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from remediator.cli import lists
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment, remediate
from tests.evidence import locks
from tests.terminal import Terminal

VERBS = {
    ("playbooks", "list"): lists.PLAYBOOKS,
    ("actions",): lists.ACTIONS,
    ("runs", "list"): lists.RUNS,
    ("audit", "show"): lists.TRAIL,
    ("doctor", "--vm", "web"): lists.RIGHTS,
}
LONG = "a-machine-whose-name-is-longer-than-any-terminal-line-that-we-know-of-here-and-longer"


@dataclass(frozen=True)
class Lived:
    """A cloud, and the state folder of one run in it."""

    azure: SimulatorProcess
    folder: Path

    def call(self, *arguments: str, columns: str = "40") -> Ended:
        env = environment(self.azure, self.folder) | {"COLUMNS": columns}
        return remediate(*arguments, env=env)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("lists")
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        each = Lived(azure, folder)
        each.call("--job-id", azure.failed_jobs("web")[-1], "--yes").check(0)
        assert locks(azure) is not None
        yield each


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_tsv_has_a_line_for_each_record_and_a_value_for_each_column(
    verb: tuple[str, ...], lived: Lived
) -> None:
    ended = lived.call(*verb, "-o", "tsv").check(0)
    records = [line.split("\t") for line in ended.out.splitlines()]
    told = lived.call(*verb, "-o", "json").check(0)
    found = json.loads(told.out)
    whole = (
        found if isinstance(found, list) else next(v for v in found.values() if isinstance(v, list))
    )
    assert len(records) == len(whole) > 0
    assert {len(record) for record in records} == {len(VERBS[verb])}
    shown = " ".join(lived.call(*verb, "--help", columns="100").check(0).out.split())
    assert f"Its columns: {', '.join(VERBS[verb])}" in shown


def test_the_columns_hold_what_their_names_say(lived: Lived) -> None:
    [run] = [line.split("\t") for line in lived.call("runs", "list", "-o", "tsv").out.splitlines()]
    told = dict(zip(lists.RUNS, run, strict=True))
    [story] = json.loads(lived.call("runs", "list", "-o", "json").out)
    assert told["run"] == story["run_id"]
    assert told["vm"].lower().endswith("/virtualmachines/web")
    assert told["job"] == story["plan"]["job"]["id"]
    assert (told["state"], told["verdict"], told["error"]) == ("ended", "recovered", "")
    lines = lived.call("audit", "show", "-o", "tsv").out.splitlines()
    trail = [dict(zip(lists.TRAIL, line.split("\t"), strict=True)) for line in lines]
    assert [row["seq"] for row in trail] == [str(n) for n in range(len(trail))]
    sent = [row for row in trail if row["event"] == "outcome" and row["method"]]
    assert {row["method"] for row in sent} == {each["method"] for each in lived.azure.writes()}
    assert all(row["target"] for row in sent)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_table_is_what_text_shows_and_each_line_is_whole_in_a_pipe(
    verb: tuple[str, ...], lived: Lived, tmp_path: Path
) -> None:
    text = lived.call(*verb, "-o", "text").check(0).out
    assert text == lived.call(*verb, "-o", "table").check(0).out
    assert text == lived.call(*verb, columns="400").check(0).out
    lived.call(*verb, "-o", str(tmp_path / "list.txt")).check(0)
    assert (tmp_path / "list.txt").read_text("utf-8") == text


def test_on_a_terminal_a_line_is_folded(lived: Lived) -> None:
    with Terminal(lived.azure, lived.folder, "actions") as terminal:
        assert terminal.end() == 0
    longest = max(map(len, lived.call("actions").out.splitlines()))
    assert (
        longest > 100 >= max(len(line) for line in terminal.said.splitlines() if "\x1b" not in line)
    )


def test_tabs_and_line_breaks_in_a_value_become_spaces(tmp_path: Path) -> None:
    trail = tmp_path / "trail.jsonl"
    trail.write_text(
        json.dumps({"seq": 0, "event": "x", "text": "a\tb\nc\u2028d\x1b[31m"}) + "\nnot\tJSON\n",
        "utf-8",
    )
    first, second = lists_of(trail)
    assert first[lists.TRAIL.index("text")] == "a b c d\\x1b[31m"
    assert second[lists.TRAIL.index("event")] == "unreadable"
    assert second[lists.TRAIL.index("text")].startswith("not JSON")


def lists_of(trail: Path) -> list[list[str]]:
    ended = remediate("audit", "show", str(trail), "-o", "tsv", env={}).check(0)
    return [line.split("\t") for line in ended.out.splitlines()]


def test_where_there_is_no_tsv_its_word_is_no_file_either(tmp_path: Path) -> None:
    for form in ("-o", "--format"):
        ended = remediate("explain", "x", form, "tsv", env={}, cwd=tmp_path).check(64)
        assert "tsv" in ended.err
        assert list(tmp_path.iterdir()) == []


def test_the_verdict_on_the_trail_is_on_stdout(lived: Lived, tmp_path: Path) -> None:
    ended = lived.call("audit", "verify").check(0)
    assert "the chain holds" in ended.out
    assert ended.err == ""
    assert ended.out.count("\n") == 1
    told = lived.call("audit", "verify", "-o", "json").check(0).json()
    trail = (lived.folder / "audit.jsonl").read_bytes().splitlines(keepends=True)
    assert told["holds"] is True
    assert told["broken"] is None
    assert (told["lines"], told["file"]) == (len(trail), str(lived.folder / "audit.jsonl"))
    lived.call("audit", "verify", "--head", told["head"]).check(0)
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"".join(trail[:2] + trail[3:]))
    ended = lived.call("audit", "verify", str(broken), "-o", "json").check(1)
    assert (ended.json()["holds"], ended.json()["lines"]) == (False, 2)
    assert ended.json()["broken"]
    assert ended.err == ""
