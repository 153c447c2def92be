"""`remediate scan --apply` and `--out-plans`: within limits, at once or in two halves."""

import json
from pathlib import Path
from typing import Any

from remediator.simulator.process import SimulatorProcess
from tests.clouds import fast, stepped
from tests.command import environment, remediate
from tests.flow.estates import MAIN, estate, scanned, standings, vm


def _touched(azure: SimulatorProcess) -> set[str]:
    """The VMs whose backup was triggered."""
    urls = [write["url"].lower() for write in azure.writes() if "/backup?" in write["url"]]
    return {name for name in ("web", "db", "files") for url in urls if f";{name}/" in url}


def _three(tmp_path: Path, **more: Any) -> Path:
    return estate(
        tmp_path, vm("web", "main", **more), vm("db", "apps", **more), vm("files", "data", **more)
    )


def test_all_are_fixed_several_at_a_time(tmp_path: Path) -> None:
    with fast(_three(tmp_path)) as azure:
        ended = scanned(azure, tmp_path, "--apply", "--yes", "--parallelism", "3").check(0)
        assert _touched(azure) == {"web", "db", "files"}
    assert set(standings(ended).values()) == {"fixed"}
    assert ended.json()["head"] | {"failed": 0, "recovered": 3} == ended.json()["head"]
    assert all(target["run_id"] for target in ended.json()["targets"])


def test_limits_hold_for_the_whole_scan(tmp_path: Path) -> None:
    with fast(_three(tmp_path)) as azure:
        ended = scanned(azure, tmp_path, "--apply", "--yes", "--max-targets", "1")
        assert len(_touched(azure)) == 1
        assert sorted(standings(ended).values()) == ["fixed", "not-reached", "not-reached"]
        assert ended.code == 4
        azure.clear_log()
        scanned(azure, tmp_path, "--apply", "--yes", "--max-percent", "34")
        assert len(_touched(azure)) == 1  # a third of three protected VMs
        azure.clear_log()
        scanned(azure, tmp_path, "--apply", "--yes", "--max-percent", "10").check(4)
        assert not _touched(azure)


def test_nobody_to_ask_is_exit_4_and_changes_nothing(tmp_path: Path) -> None:
    with stepped(_three(tmp_path)) as azure:
        ended = scanned(azure, tmp_path, "--apply").check(4)
        assert not azure.writes()
    assert "no terminal to ask on" in ended.err
    assert set(standings(ended).values()) == {"pending"}


def test_the_approved_plans_are_applied_in_a_second_half(tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    with fast(_three(tmp_path)) as azure:
        told = scanned(azure, tmp_path, "--out-plans", str(folder)).check(0).json()
        assert not azure.writes()
        files = sorted(folder.glob("*.json"))
        assert {Path(target["plan_file"]) for target in told["targets"]} == set(files)
        kept = [path for path in files if not path.name.startswith("db")]
        batch = remediate(
            "apply",
            *map(str, kept),
            "--yes",
            "--format",
            "json",
            env=environment(azure, tmp_path),
        ).check(0)
        assert _touched(azure) == {"web", "files"}
        again = scanned(azure, tmp_path, "--out-plans", str(folder)).check(64)
    assert {target["standing"] for target in json.loads(batch.out)["targets"]} == {"fixed"}
    assert "holds plans already" in again.err


def test_a_plan_that_needs_consent_is_not_applied(tmp_path: Path) -> None:
    with fast(_three(tmp_path, agent="not-ready")) as azure:
        ended = scanned(azure, tmp_path, "--apply", "--yes").check(3)
        assert not azure.writes()
        assert set(standings(ended).values()) == {"needs-consent"}
        assert scanned(azure, tmp_path, "--detailed-exitcode").code == 2


def test_when_its_turn_comes_each_list_is_read_once_before_the_run_reads_its_own(
    tmp_path: Path,
) -> None:
    """Azure lets 25 reads a second through: with many fixes at a time, each of them counts."""
    with fast(_three(tmp_path)) as azure:
        scanned(azure, tmp_path, "--apply", "--yes", "--only-subscription", MAIN)
        log = [r for r in azure.requests() if MAIN in r["path"]]
    [sent] = [r["n"] for r in log if r["method"] == "POST"]
    before = [r["path"].rsplit("/", 1)[-1] for r in log if r["n"] < sent]
    # The scan, the turn with its gate, the run's test for a stale plan, and the change itself.
    assert before.count("backupJobs") == 4
    assert before.count("backupProtectedItems") == 4
    assert before.count("metrics") == 0
