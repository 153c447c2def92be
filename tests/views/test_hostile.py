"""Names, notes and messages of others are shown as text. No terminal or shell acts on them."""

import json
import os
import pty
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, command, environment, remediate
from tests.controls import COLOURS, controls, texts_of
from tests.cut_short import cloud as cloud_to_cut
from tests.cut_short import killed_during, put_back_books

LOCK = "keep $(touch pwned); `id` 'single' \"double\" [red]x"
NOTES = "\x1b[31mred\x1b[0m 'q' \"d\" $(id) `id`\n; rm -rf ~ # \u202ekcol [bold]b[/bold] \x9b2J"
ENTITY = "web\x1b]0;t\x07; touch pwned '\"$(id)`id` [red]r[/]\u202e\nx"

MOVES = re.compile(r"\x1b\[(\?25[hl]|[0-9]*[AK])|\r")
"""How a terminal draws the live line again."""

PLAYBOOK = """\
codes: [HostileCode]
title: For a human
sources: [https://example.invalid]
causes: [none]
ladder: []
manual:
  text: Look.
  commands:
    - az vm show --name {vm_name} --ids {vm} --group {vm_group} --job {job}
"""


def scenario(folder: Path) -> Path:
    vms = [
        {
            "name": "web",
            "protection": {"vault": "vault-main"},
            "collection": {
                "group": "AzureBackupRG_westeurope_1",
                "points": {"count": 18, "every": "1d", "newest": "1d ago"},
            },
            "scheduled_backup": "3h ago",
        },
        {
            "name": "other",
            "protection": {"vault": "vault-main"},
            "history": [{"at": "3h ago", "entity": ENTITY, "code": "HostileCode"}],
        },
    ]
    lock = {"name": LOCK, "scope": "group:AzureBackupRG_westeurope_1", "notes": NOTES}
    vaults = [{"name": "vault-main", "group": "rg-backup"}]
    path = folder / "scenario.yaml"
    path.write_text(json.dumps({"vaults": vaults, "vms": vms, "locks": [lock]}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def cloud() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("hostile") as process:
        yield process


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    path = scenario(tmp_path_factory.mktemp("hostile"))
    with SimulatorProcess(path, time="fast", speed=SPEED) as process:
        yield process


def on_terminal(*arguments: str, env: dict[str, str], cwd: Path) -> str:
    """Run a command with stdout and stderr on one terminal. Return all that it wrote there."""
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(
            command(*arguments), env=env, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        written = bytearray()
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux raises this when the other end is closed
                break
            if not part:
                break
            written += part
        running.wait(60)
    finally:
        os.close(ours)
    return written.decode("utf-8")


def test_text_output_holds_no_control_characters_but_our_own_colours(
    cloud: SimulatorProcess, tmp_path: Path
) -> None:
    plain = environment(cloud, tmp_path)
    coloured = plain | {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    for job in cloud.failed_jobs("web"):
        arguments = ("--job-id", job, "--dry-run", "--details")
        bare = remediate(*arguments, env=plain).check(3)
        forced = remediate(*arguments, env=coloured).check(3)
        terminal = on_terminal(*arguments, env=coloured, cwd=tmp_path)
        assert "\x1b" not in bare.out + bare.err
        still = MOVES.sub("", terminal)
        for text in (bare.out, bare.err, forced.out, forced.err, still):
            assert controls(text) == set()
        assert COLOURS.search(forced.out)
        assert COLOURS.search(terminal)
        assert "failed" in forced.out.lower()
    assert cloud.writes() == []


def test_markup_and_html_are_shown_as_they_are_written(
    cloud: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(cloud, tmp_path) | {"COLUMNS": "2000"}
    shown = [
        remediate("--job-id", job, "--dry-run", "--details", env=env).check(3).out
        for job in cloud.failed_jobs("web")
    ]
    assert "[link=https://example.invalid]click[/link]" in shown[0]
    assert "<script>alert(1)</script>" in shown[0]
    assert r"\x1b[2J\x1b[1;31mAll is well\x1b[0m" in shown[0]
    assert r"\x202etxet desrever" in shown[0]
    assert r"[red]web\x1b[31m\x202e<b>" in shown[1]
    assert "{{7*7}} ${jndi:ldap://example.invalid} %s %n" in shown[1]


def test_json_output_and_saved_plans_hold_the_texts_as_azure_said_them(
    cloud: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(cloud, tmp_path)
    for number, job in enumerate(cloud.failed_jobs("web")):
        saved = tmp_path / f"{number}.json"
        arguments = ("plan", "--job-id", job, "--format", "json", "--out", str(saved))
        printed = remediate(*arguments, env=env).check(3)
        assert saved.read_text(encoding="utf-8") == printed.out
        plan = printed.json()
        answer = next(r for r in cloud.requests() if r["path"].lower() == job.lower())["response"]
        told = answer["properties"]
        assert plan["job"]["vm_name"] == told["entityFriendlyName"]
        assert plan["failure"]["message"] == told["errorDetails"][0]["errorString"]
        again = remediate("show", str(saved), "--format", "json", env=env).check(3)
        assert again.out == printed.out
        assert controls(remediate("show", str(saved), env=env).out) == set()


def test_a_plan_for_people_can_be_pasted_and_then_be_applied_on_a_terminal(
    locked: SimulatorProcess, tmp_path: Path
) -> None:
    env = environment(locked, tmp_path) | {"COLUMNS": "4000", "TERM": "xterm-256color"}
    job = locked.failed_jobs("web")[-1]
    plan = remediate("--job-id", job, "--dry-run", "--format", "json", env=env).check(0).json()
    undo = next(s["undo"] for s in plan["steps"] if s["action"] == "remove-locks")
    words = shlex.split(undo)
    assert words == [
        *("az", "lock", "create", f"--name={LOCK}"),
        *("--lock-type", "CanNotDelete"),
        *("--resource-group", "AzureBackupRG_westeurope_1"),
        f"--notes={NOTES}",
        *("--subscription", locked.subscriptions[0]),
    ]
    shown = remediate("--job-id", job, "--dry-run", "--details", env=env).check(0).out
    assert controls(shown) == set()
    row = next(line for line in shown.splitlines() if "az lock create" in line)
    pasted = shlex.split(row[row.index("az lock") :])
    assert f"--name={LOCK}" in pasted
    assert len(pasted) == len(words)

    terminal = on_terminal("--job-id", job, "--yes", env=env, cwd=tmp_path)
    assert controls(MOVES.sub("", terminal)) == set()
    assert "RECOVERED" in terminal
    gone = [lock for lock in locked.state()["locks"] if lock["deleted"]]
    assert len(gone) == 1
    records = list(tmp_path.rglob("runs/*.jsonl"))
    entries = [json.loads(line) for line in records[0].read_text(encoding="utf-8").splitlines()]
    assert any(text == NOTES for entry in entries for text in texts_of(entry))
    assert list(tmp_path.glob("pwned")) == []


def test_commands_for_a_human_hold_hostile_names_as_single_words(
    locked: SimulatorProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "own.yaml").write_text(PLAYBOOK, encoding="utf-8")
    env = environment(locked, tmp_path) | {"COLUMNS": "4000"}
    job = locked.failed_jobs("other")[-1]
    arguments = ("--job-id", job, "--dry-run", "--playbooks", str(folder))
    plan = remediate(*arguments, "--format", "json", env=env).check(3).json()
    (typed,) = plan["steps"][0]["commands"]
    words = shlex.split(typed)
    assert words[:3] == ["az", "vm", "show"]
    assert words[3::2] == ["--name", "--ids", "--group", "--job"]
    assert words[4] == ENTITY
    assert words[6].endswith("/virtualMachines/other")
    assert words[10] == job

    shown = remediate(*arguments, "--details", env=env).check(3).out
    assert controls(shown) == set()
    row = next(line for line in shown.splitlines() if "az vm show" in line)
    pasted = shlex.split(row[row.index("az vm") :])
    assert len(pasted) == len(words)
    assert [pasted[n] for n in (0, 1, 2, 3, 5, 7, 9)] == [words[n] for n in (0, 1, 2, 3, 5, 7, 9)]
    assert "touch pwned" in pasted[4]


def test_a_lock_that_is_owed_is_told_without_control_characters(tmp_path: Path) -> None:
    with cloud_to_cut(scenario(tmp_path)) as azure:
        killed_during(azure, tmp_path, *put_back_books(tmp_path), method="POST", path="/backup$")
        (path,) = (tmp_path / "runs").glob("*.jsonl")
        ended = remediate("restore-locks", path.stem, env=environment(azure, tmp_path)).check(4)
        assert "\\x1b[31mred" in ended.err
        assert not set("\x1b\x9b\u202e") & set(ended.err)
