"""A finished scan is kept beside the records of runs, whatever becomes of the disk."""

import gzip
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from remediator.errors import StateError
from remediator.record.scans import keep_scan, kept_scans
from remediator.report.estate import Estate
from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import STEP, Ended, environment, remediate
from tests.evidence import scenario
from tests.flow.estates import POINTS, scanned

CODE = "UserErrorGuestAgentStatusUnavailable"
VM = {"collection": POINTS, "history": [{"at": "3h ago", "code": CODE}]}


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "scans").iterdir())


def pruned(folder: Path, *options: str) -> Ended:
    return remediate("runs", "prune", *options, env={"REMEDIATE_STATE": str(folder)})


def test_a_scan_is_kept_for_its_owner_alone_as_the_json_that_it_prints(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with stepped(scenario(tmp_path, VM)) as azure:
        told = scanned(azure, folder).check(0).out
        assert azure.writes() == []
    [path] = kept(folder)
    assert json.loads(gzip.decompress(path.read_bytes())) == json.loads(told)
    assert path.stat().st_mode & 0o777 == 0o600
    assert {each.stat().st_mode & 0o777 for each in (folder, folder / "scans")} == {0o700}
    assert Estate.model_validate_json(told).ended.strftime("%Y%m%d-%H%M%S") in path.name


def test_a_scan_that_applies_is_kept_as_it_ended(tmp_path: Path) -> None:
    with SimulatorProcess(scenario(tmp_path, VM), time="stepped", step=STEP) as azure:
        told = scanned(azure, tmp_path, "--apply", "--yes").check(0).json()
    [path] = kept(tmp_path)
    assert json.loads(gzip.decompress(path.read_bytes())) == told
    assert [target["standing"] for target in told["targets"]] == ["fixed"]


def test_a_kept_dry_run_names_the_guard_that_leaves_a_vm_alone(tmp_path: Path) -> None:
    with stepped(scenario(tmp_path, VM)) as azure:
        told = scanned(azure, tmp_path, "--only-resource-group", "another").json()
        env = environment(azure, tmp_path)
        history = remediate("history", "-o", "json", env=env).check(0).json()
    [target] = told["targets"]
    assert target["standing"] == "refused"
    assert target["guard"]
    [left] = history["left_alone"]
    assert (left["guard"], left["vms"]) == (target["guard"], 1)


def test_a_scan_that_cannot_be_kept_is_told_in_one_line_and_is_as_good(tmp_path: Path) -> None:
    (tmp_path / "scans").write_text("in the way")
    with stepped(scenario(tmp_path, VM)) as azure:
        ended = scanned(azure, tmp_path).check(0)
        quiet = scanned(azure, tmp_path, "--quiet").check(0)
    assert [target["vm"] for target in ended.json()["targets"]] == ["web"]
    [line] = [each for each in ended.err.splitlines() if "cannot keep" in each]
    assert str(tmp_path / "scans") in line
    assert "remediate history" in line
    assert quiet.err.splitlines() == [line]


@contextmanager
def full() -> Iterator[None]:
    """Let no file of this process grow beyond some bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path) -> None:
    with full(), pytest.raises(StateError, match="cannot keep the scan in"):
        keep_scan(tmp_path, datetime.now(UTC), ["{}"])
    assert kept(tmp_path) == []


def test_prune_forgets_old_scans_only_with_yes_and_leaves_other_files(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    old = keep_scan(tmp_path, now - timedelta(days=100), ["{}"])
    new = keep_scan(tmp_path, now - timedelta(days=10), ["{}"])
    broken = old.with_suffix(".new")
    broken.write_bytes(b"half")
    mine = tmp_path / "scans" / "mine.json.gz"
    mine.write_bytes(b"mine")
    os.utime(mine, (0, 0))
    said = pruned(tmp_path).check(0).err
    assert "0 runs and 2 scans ended more than 90 days ago" in said
    assert kept(tmp_path) == sorted([old, new, broken, mine])
    assert "2 scans forgotten" in pruned(tmp_path, "--yes").check(0).err
    assert kept(tmp_path) == sorted([new, mine])
    assert list(kept_scans(tmp_path)) == [new]
    assert list(kept_scans(tmp_path, now - timedelta(days=9))) == []
