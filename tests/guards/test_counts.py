"""How many VMs one command may change, and how many may fail."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path

import pytest

from remediator.cli.app import apply, plan, run
from remediator.guards.limits import ATTEMPTS, COOL_DOWN
from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED
from tests.evidence import fix, triggered
from tests.guarding import applied, dry, kinds, refused, saved


def test_no_target_at_all_stops_everything_and_a_dry_run_lists_it_all_the_same(
    tmp_path: Path,
) -> None:
    with stepped() as azure:
        free = dry(azure, tmp_path)
        assert "change" in kinds(free)
        guarded = dry(azure, tmp_path, "--max-targets", "0")
        listed = [step["change"] for step in guarded["steps"] if step["kind"] == "held"]
        assert listed == [step for step in free["steps"] if step["kind"] == "change"]
        dry(azure, tmp_path, "--max-targets", "0", "--detailed-exitcode", code=2)
        says = ("not reached", "--max-targets 0")
        refused(azure, tmp_path, "--max-targets", "0", guard="max-targets", says=says)


def test_a_saved_plan_is_held_by_the_limits_of_who_applies_it(tmp_path: Path) -> None:
    with stepped() as azure:
        path = saved(azure, tmp_path)
        ended = applied(azure, tmp_path, path, "--max-targets", "0", "--format", "json").check(4)
        assert azure.writes() == []
        assert "max-targets" in ended.err


def test_a_saved_plan_is_also_held_by_the_limits_of_who_made_it(tmp_path: Path) -> None:
    with stepped() as azure:
        path = saved(azure, tmp_path, "--max-targets", "0")
        applied(azure, tmp_path, path, "--max-targets", "9").check(4)
        assert azure.writes() == []


def test_one_vm_is_within_a_limit_of_one(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path, "--max-targets", "1", "--max-errors", "0").check(0)
        assert len(triggered(azure)) == 1


@pytest.mark.parametrize("verb", [run, plan, apply])
def test_the_defaults_are_told_as_they_are(verb: Callable[..., int]) -> None:
    """The command line has its own copy: `--help` must not load the modules of the limits."""
    said = signature(verb).parameters
    assert (said["attempts"].default, said["cool_down"].default) == (ATTEMPTS, COOL_DOWN)
