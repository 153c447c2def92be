"""The audit trail tells every write, who made it, by whose consent, and that nobody edited it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remediator.errors import StateError
from remediator.record.audit_file import AuditFile
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, STEP, Ended, environment, remediate
from tests.cut_short import cloud, killed_during, put_back_books
from tests.evidence import path_of, until
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SimulatorProcess, Path]]:
    """A folder in which one run took a lock off and triggered a backup."""
    folder = tmp_path_factory.mktemp("lived")
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        env = environment(azure, folder)
        job = azure.failed_jobs("web")[-1]
        report = remediate("--job-id", job, "--yes", "--format", "json", env=env).check(0)
        (folder / "report.json").write_text(report.out, "utf-8")
        yield azure, folder


def trail(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "audit.jsonl").read_bytes().splitlines()]


def verify(folder: Path, *options: str) -> Ended:
    """Run `audit verify` without any Azure."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}
    env = clean | {"REMEDIATE_STATE": str(folder)}
    return remediate("audit", "verify", *options, env=env)


def copied(folder: Path, to: Path) -> Path:
    (to / "audit.jsonl").write_bytes((folder / "audit.jsonl").read_bytes())
    return to / "audit.jsonl"


def test_every_write_is_told_before_and_after(lived: tuple[SimulatorProcess, Path]) -> None:
    azure, folder = lived
    lines = trail(folder)
    report = json.loads((folder / "report.json").read_text("utf-8"))
    told = [line["event"] for line in lines]
    assert told == "trail begin lease intent sent outcome intent sent outcome end".split()  # noqa: SIM905
    assert (folder / "audit.jsonl").stat().st_mode & 0o777 == 0o600
    intents = [line for line in lines if line["event"] == "intent"]
    writes = azure.writes()
    assert [(i["what"]["method"], path_of(i["what"]["target"])) for i in intents] == [
        (w["method"], path_of(w["url"]).removesuffix("/backup")) for w in writes
    ]
    for line in lines[1:]:
        assert line["who"]["oid"] == "44444444-4444-4444-4444-444444444444"
        assert line["who"]["appid"] == "33333333-3333-3333-3333-333333333333"
        assert line["who"]["tid"] == "22222222-2222-2222-2222-222222222222"
        assert line["who"]["host"]
        assert line["approval"] == {"by": "--yes", "signed_by": None}
        assert line["plan"] == report["plan"]["plan_id"]
        assert line["playbook"]["digest"] == report["plan"]["playbook"]["digest"]
        assert line["run"] == report["run_id"]
    assert intents[0]["what"]["permission"] == "Microsoft.Authorization/locks/delete"
    assert intents[0]["why"]
    assert intents[0]["before"]["lock"] == "keep"
    assert intents[0]["after"] == {"lock": None}
    ended = [line for line in lines if line["event"] == "outcome"]
    assert [line["result"] for line in ended] == ["applied", "applied"]
    assert [line["correlation_id"] for line in ended] == [
        outcome["correlation_id"] for outcome in report["outcomes"]
    ]
    assert report["audit_head"] == f"{lines[-1]['seq']}:{lines[-1]['chain']}"


def test_a_whole_chain_is_proved_and_its_head_found(lived: tuple[Any, Path]) -> None:
    _, folder = lived
    head = json.loads((folder / "report.json").read_text("utf-8"))["audit_head"]
    assert "the chain holds" in verify(folder).check(0).out
    assert head in verify(folder, "--head", head).check(0).out
    assert "SEQ:CHAIN" in verify(folder, "--head", "nonsense").check(64).err


def altered(raw: bytes) -> bytes:
    return raw.replace(b'"applied"', b'"skipped"')


TAMPERING: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "a word": (lambda lines: [*lines[:5], altered(lines[5]), *lines[6:]], 6),
    "a line taken out": (lambda lines: lines[:3] + lines[4:], 4),
    "two lines exchanged": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 4),
    "a line put in": (lambda lines: [*lines[:4], lines[3], *lines[4:]], 5),
    "a key said twice": (
        lambda lines: [*lines[:2], lines[2].replace(b"{", b'{"at":"2020",', 1), *lines[3:]],
        3,
    ),
    "the beginning": (lambda lines: lines[1:], 1),
    "no JSON": (lambda lines: [*lines[:2], b"gone\n", *lines[3:]], 3),
    "everything": (lambda _: [], 1),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_the_first_line_that_was_touched_is_named(
    how: str, lived: tuple[Any, Path], tmp_path: Path
) -> None:
    path = copied(lived[1], tmp_path)
    change, broken = TAMPERING[how]
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    assert f"line {broken}:" in verify(tmp_path).check(1).out


def test_only_a_head_kept_elsewhere_shows_that_the_last_lines_were_cut_off(
    lived: tuple[Any, Path], tmp_path: Path
) -> None:
    path = copied(lived[1], tmp_path)
    head = json.loads((lived[1] / "report.json").read_text("utf-8"))["audit_head"]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    verify(tmp_path).check(0)
    assert "lines are missing at the end" in verify(tmp_path, "--head", head).check(1).out


def test_a_trail_written_anew_does_not_hold_the_head(
    lived: tuple[Any, Path], tmp_path: Path
) -> None:
    head = json.loads((lived[1] / "report.json").read_text("utf-8"))["audit_head"]
    for line in trail(lived[1]):
        kept = {k: v for k, v in line.items() if k not in ("seq", "chain")}
        AuditFile(tmp_path).append(kept)
    verify(tmp_path).check(0)
    assert "the file was rewritten" in verify(tmp_path, "--head", head).check(1).out


def test_it_is_listed_whole_and_by_run(lived: tuple[SimulatorProcess, Path]) -> None:
    azure, folder = lived
    env = environment(azure, folder)
    run = json.loads((folder / "report.json").read_text("utf-8"))["run_id"]
    text = remediate("audit", "show", env=env).check(0).out
    assert len(text.splitlines()) == 10
    assert "DELETE" in text
    found = remediate("audit", "show", "--run", run, "--format", "json", env=env).check(0).json()
    assert found["lines"] == trail(folder)[1:]
    assert "no line of" in remediate("audit", "show", "--run", "x", env=env).check(64).err


WRITER = """
import sys
from pathlib import Path
from remediator.record.audit_file import AuditFile
trail = AuditFile(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    trail.append({"event": "line", "from": sys.argv[2], "n": n})
"""


def test_several_processes_share_one_trail(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(n), "40"])
        for n in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    lines = trail(tmp_path)
    assert [line["seq"] for line in lines] == list(range(161))
    for n in range(4):
        assert [line["n"] for line in lines if line.get("from") == str(n)] == list(range(40))
    verify(tmp_path).check(0)


@pytest.mark.parametrize("left", [b"{", b'{"at":"2026', b"\xff\x00", b"x" * 100_000])
def test_a_torn_line_is_named_and_kept_in_the_next(left: bytes, tmp_path: Path) -> None:
    AuditFile(tmp_path).append({"event": "one"})
    with (tmp_path / "audit.jsonl").open("ab") as file:
        file.write(left)
    assert "line 3: torn" in verify(tmp_path).check(1).out
    AuditFile(tmp_path).append({"event": "two"})
    lines = trail(tmp_path)
    assert [line["event"] for line in lines] == ["trail", "one", "two"]
    assert lines[2]["torn"] == left.decode("ascii", "backslashreplace")
    verify(tmp_path).check(0)


def test_a_first_line_that_is_torn_is_kept_too(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_bytes(b'{"at"')
    AuditFile(tmp_path).append({"event": "one"})
    assert trail(tmp_path)[1]["torn"] == '{"at"'
    verify(tmp_path).check(0)


def test_nothing_is_changed_that_the_trail_cannot_tell(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        (tmp_path / "audit.jsonl").write_bytes(b"somebody's own\n")
        with pytest.raises(StateError):
            AuditFile(tmp_path).append({"event": "one"})
        ended = remediate("--job-id", job, "--yes", env=env).check(1)
        assert "so nothing can be added to the file" in ended.err
        assert azure.writes() == []
        assert (tmp_path / "audit.jsonl").read_bytes() == b"somebody's own\n"


def test_a_stale_plan_and_a_run_that_was_killed_are_told(tmp_path: Path) -> None:
    with cloud("limit-reached", 4 * SPEED) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        plan = tmp_path / "plan.json"
        remediate("plan", "--job-id", job, "--out", str(plan), env=env).check(0)
        killed_during(azure, tmp_path, method="DELETE", path="/locks/")
        events = [line["event"] for line in trail(tmp_path)]
        assert events == ["trail", "begin", "lease", "intent"]
        verify(tmp_path).check(0)
        remediate("resume", "--yes", env=env).check(0)
        lines = trail(tmp_path)
        assert lines[4]["event"] == "resumed"
        assert lines[-1]["event"] == "end"
        assert len({line["run"] for line in lines[1:]}) == 1
        remediate("apply", str(plan), "--yes", env=env).check(4)
        assert trail(tmp_path)[-1]["event"] == "refused"
        assert "stale" in trail(tmp_path)[-1]["text"]
        verify(tmp_path).check(0)


@pytest.mark.parametrize(("keys", "code"), [(b"y\n", 0), (b"n\n", 4)])
def test_an_answer_at_a_terminal_is_told(keys: bytes, code: int, tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="stepped", step=STEP) as azure:
        with Terminal(azure, tmp_path, "--job-id", azure.failed_jobs("web")[-1]) as terminal:
            until(terminal.asked, "the question")
            terminal.type(keys)
            assert terminal.end() == code
        last = trail(tmp_path)[-1]
        if code:
            assert last["event"] == "refused"
            assert last["text"] == "not approved at the terminal"
            assert last["approval"]["by"] == "nobody"
        else:
            assert last["event"] == "end"
            assert last["approval"]["by"] == "terminal"
        assert last["who"]["oid"] == "44444444-4444-4444-4444-444444444444"


@pytest.mark.parametrize("damaged", [False, True])
def test_a_lock_is_put_back_by_hand_and_told_if_that_can_be(damaged: bool, tmp_path: Path) -> None:
    mine = put_back_books(tmp_path)
    with cloud("limit-reached", 4 * SPEED) as azure:
        killed_during(azure, tmp_path, *mine, method="POST", path="/backup$")
        run = trail(tmp_path)[-1]["run"]
        number = len(trail(tmp_path))
        env = environment(azure, tmp_path)
        if damaged:
            (tmp_path / "audit.jsonl").write_bytes(b"damaged\n")
        before = azure.state()["locks"]
        ended = remediate("restore-locks", run, "--yes", env=env).check(0)
        assert azure.state()["locks"] != before
        if damaged:
            assert "not in the audit trail" in ended.err
            return
        lines = trail(tmp_path)[number:]
        assert [line["event"] for line in lines] == ["intent", "outcome", "lease-returned"]
        assert {line["run"] for line in lines} == {run}
        assert lines[0]["what"]["method"] == "PUT"
        assert lines[0]["what"]["permission"] == "Microsoft.Authorization/locks/write"
        verify(tmp_path).check(0)
