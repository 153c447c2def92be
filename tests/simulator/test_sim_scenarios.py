"""Scenario files: the built-in ones work, and mistakes are found."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from remediator.simulator import times
from remediator.simulator.clock import Clock, Timeline
from remediator.simulator.control import state
from remediator.simulator.ids import job_name
from remediator.simulator.scenario.build import build
from remediator.simulator.scenario.load import ScenarioError, load, names, parse
from tests.places import DOCS, ROOT


@pytest.mark.parametrize("name", names())
def test_every_scenario_fails_for_the_reason_its_state_gives(name: str) -> None:
    world = build(load(name), Clock("stepped"))
    found = {
        vm: [code for job in jobs for code in job["codes"]]
        for vm, jobs in state(world)["jobs"].items()
    }
    if name == "healthy":
        assert found == {"web": []}
    else:
        assert any(found.values())
    assert load(name).description


def test_job_names_are_stable() -> None:
    failed = state(build(load("limit-reached"), Clock("stepped")))["failed_jobs"]["web"]
    vault = "/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices/vaults/vault-main"
    job = f"{vault}/backupJobs/{job_name('rg-app', 'web', 1)}"
    assert failed == [f"/subscriptions/11111111-1111-1111-1111-111111111111{job}"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("vms:\n  - name: web\n    gruop: x\n", r"bad\.yaml:3: vms\.0\.gruop: Extra inputs"),
        ("vms:\n  - name: web\n    power: maybe\n", r"bad\.yaml:3: vms\.0\.power"),
        (
            "vms:\n  - name: web\n    ailments: [{times: 1}]\n",
            r"bad\.yaml:3: .*a code or a message",
        ),
        (
            "vms:\n  - name: web\n    os: linux\n    guest: {fails_with_script: true}\n",
            r"bad\.yaml:2: .*never fails with its script on Linux",
        ),
        ("lock_propagation: soon\n", r"bad\.yaml:1: lock_propagation: .*not a duration"),
        ("clock: later\n", r"bad\.yaml:1: clock: .*not a time"),
        ("a: 1\na: 2\n", r"bad\.yaml:2: .*duplicate key"),
        ("a: [\n", r"bad\.yaml:2: "),
        ("vms:\n  - name: web\n    agent: {state: dead}\n", r"bad\.yaml:3: vms\.0\.agent"),
        ("- 1\n", r"bad\.yaml:1: scenario"),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        parse(text, "bad.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "vms: [{name: web, protection: {vault: none}}]",
        "vaults: [{name: v}]\nvms: [{name: web, protection: {vault: v, policy: none}}]",
        "locks: [{name: l, scope: 'vm:none'}]",
        "vms: [{name: web, scheduled_backup: 1h ago}]",
        "vms: [{name: web, subscription: none}]",
        "vms: [{name: web, history: [{at: 1h ago}]}]",
    ],
)
def test_references_to_nothing_are_mistakes(text: str) -> None:
    with pytest.raises(ScenarioError):
        build(parse(text, "bad.yaml"), Clock("stepped"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match="limit-reached"):
        load("limit-raeched")
    with pytest.raises(ScenarioError, match="No such file"):
        load("/nowhere/x.yaml")


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("vmz: []\n")
    command = [sys.executable, "-m", "remediator.simulator", "--scenario", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert f"{file}:1: vmz" in done.stderr


def test_clocks() -> None:
    start = datetime(2026, 11, 20, 6, tzinfo=UTC)
    stepped = Clock("stepped", start=start)
    assert stepped.now() == start
    assert stepped.advance(90) == start + timedelta(seconds=90)
    with pytest.raises(ValueError, match="backwards"):
        stepped.advance(-1)
    fast = Clock("fast", start=start, speed=600)
    assert fast.now() > start
    assert [fast.retry_after(60), fast.retry_after(6000)] == ["0", "10"]
    real = Clock("real", start=start)
    assert abs(real.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert real.retry_after(60) == "60"
    with pytest.raises(ValueError, match="real time"):
        real.advance(1)


def test_events_happen_in_order_and_at_their_own_time() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    line = Timeline(start)
    seen: list[tuple[str, datetime]] = []

    def first() -> None:
        seen.append(("first", line.now))
        line.after(5, lambda: seen.append(("caused", line.now)))

    line.after(20, lambda: seen.append(("last", line.now)))
    line.after(10, first)
    line.settle(start + timedelta(hours=1))
    assert [name for name, _ in seen] == ["first", "caused", "last"]
    assert seen[1][1] == start + timedelta(seconds=15)


def test_how_azure_writes_time() -> None:
    when = datetime(2021, 2, 15, 0, 3, 4, 185112, tzinfo=UTC)
    assert times.seven_decimals(when) == "2021-02-15T00:03:04.185112Z"
    assert times.us_style(when) == "2/15/2021 12:03:04 AM"
    assert times.http_date(when) == "Mon, 15 Feb 2021 00:03:04 GMT"
    assert times.iso_duration(timedelta(seconds=5443.038911)) == "PT1H30M43.038911S"
    assert times.iso_duration(timedelta()) == "PT0S"
    assert times.clock_literal("2026-01-01 12:00:00 AM").hour == 0
    assert times.clock_literal("2026-01-01 00:30:00 AM").hour == 0
    assert times.clock_literal("2026-01-01 03:00:00 PM").hour == 15
    assert times.seconds_of("1h30m") == 5400


def test_copies_and_namesakes_and_several_subscriptions() -> None:
    text = """
subscriptions:
  one: 11111111-1111-1111-1111-111111111111
  two: 99999999-9999-9999-9999-999999999999
vaults:
  - {name: v1}
  - {name: v2, subscription: two}
vms:
  - {name: many, copies: 300, protection: {vault: v1}, scheduled_backup: 3h ago,
     collection: {points: {count: 3}}}
  - {name: twin, group: rg-a, protection: {vault: v1}, agent: not-ready, scheduled_backup: 2h ago}
  - {name: twin, group: rg-b, protection: {vault: v1}, scheduled_backup: 2h ago}
  - {name: far, subscription: two, protection: {vault: v2}, scheduled_backup: 2h ago}
"""
    world = build(parse(text, "many.yaml"), Clock("stepped"))
    assert len(world.vms) == 303
    assert world.vms[299].name == "many-300"
    assert [job.status for job in world.jobs if job.entity == "twin"] == ["Failed", "Completed"]
    assert len({job.name for job in world.jobs}) == len(world.jobs) == 303
    far = next(job for job in world.jobs if job.entity == "far")
    assert far.vault.subscription.startswith("9999")


def test_the_process_ends_with_zero_when_told_to_stop(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "remediator.simulator", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("export AZURE_ACCESS_TOKEN=")
        while not ready.exists():
            assert process.poll() is None
        assert ready.stat().st_mode & 0o077 == 0
        process.send_signal(signal.SIGINT)
        shown = process.stdout.read()
        assert process.wait(10) == 0
    assert "#   web: /subscriptions/" in shown


def test_the_documented_scenario_can_be_built() -> None:
    page = DOCS / "simulator.md"
    example = page.read_text().split("```yaml\n")[1].split("```")[0]
    world = build(parse(example, "simulator.md"), Clock("stepped"))
    assert sorted(job.status for job in world.jobs) == ["Completed"] + ["Failed"] * 4


@pytest.mark.parametrize("number", [2, 3])
def test_the_documented_parts_of_scenarios_can_be_built(number: int) -> None:
    page = DOCS / "simulator.md"
    example = page.read_text().split("```yaml\n")[number].split("```")[0]
    assert build(parse(example, "simulator.md"), Clock("stepped")).vms


def test_the_package_stands_alone() -> None:
    package = ROOT / "remediator" / "simulator"
    imports = [
        line
        for file in package.rglob("*.py")
        for line in file.read_text().splitlines()
        if line.startswith(("from remediator", "import remediator"))
    ]
    assert imports
    assert [line for line in imports if not line.startswith("from remediator.simulator")] == []
