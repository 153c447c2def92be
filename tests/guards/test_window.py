"""Maintenance windows, by Azure's clock."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from remediator.errors import BadInputError
from remediator.guards.windows import Window
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, STEP
from tests.evidence import FULL, fix, results, scenario, sent, triggered, until
from tests.guarding import applied, check_refused, dry, kinds, refused, saved
from tests.terminal import Terminal

# A Saturday. Berlin is one hour ahead.
NOON = "2026-03-07T12:00:00Z"
SILENT: dict[str, Any] = {
    "agent": {"state": "not-ready", "cured_by": ["restart"], "takes": "60s"},
    "collection": {"points": {"count": 2, "newest": "1d ago"}},
    "on_demand_backup": "2h ago",
    "scheduled_backup": "1h ago",
}
"""A VM with a silent agent. The first remedy has been tried, so a restart is next."""
DOWNTIME = ("--allow", "downtime")


def cloud(folder: Path, clock: str = NOON, **how: Any) -> SimulatorProcess:
    return SimulatorProcess(scenario(folder, SILENT, clock=clock), **({"time": "stepped"} | how))


def test_outside_the_window_a_restart_is_held_until_it_opens(tmp_path: Path) -> None:
    options = (*DOWNTIME, "--window", "Sat 22:00-04:00 Europe/Berlin")
    with cloud(tmp_path) as azure:
        says = ("outside the maintenance window", "next opens 2026-03-07 21:00Z")
        refused(azure, tmp_path, *options, guard="window", says=says)
        assert "held" in kinds(dry(azure, tmp_path, *options))
        azure.advance(9 * 3600 - 600)
        refused(azure, tmp_path, *options, guard="window", says=says)


@pytest.mark.parametrize("clock", ["2026-03-07T22:30:00Z", "2026-03-08T02:30:00Z"])
def test_inside_the_window_the_restart_is_done(clock: str, tmp_path: Path) -> None:
    """This holds after midnight too: a window belongs to the day on which it began."""
    with cloud(tmp_path, clock, step=STEP) as azure:
        fix(azure, tmp_path, *DOWNTIME, "--window", "Sat 22:00-04:00 Europe/Berlin").check(0)
        assert len(sent(azure, "POST", "/restart")) == 1


def test_a_run_that_outlasts_the_window_disturbs_nobody_any_more(tmp_path: Path) -> None:
    vm = {
        "collection": FULL,
        "backup": {"cleanup": "broken"},
        "on_demand_backup": "8h ago",
        "scheduled_backup": "1h ago",
    }
    path = scenario(tmp_path, vm, clock="2026-03-07T22:30:00Z")
    with SimulatorProcess(path, time="stepped", step=STEP) as azure:
        options = ("--allow", "destructive", "--window", "Sat 22:00-23:00")
        ended = fix(azure, tmp_path, *options).check(4)
        deleted = sent(azure, "DELETE", "/restorePoints/[^/]*")
        assert 0 < len(deleted) < 17
        assert azure.now() > "2026-03-07T23:00"
        assert set(results(tmp_path)[len(deleted) :]) == {"stale", "not-reached"}
        assert "outside the maintenance window" in " ".join(ended.out.split())


def test_what_disturbs_nobody_needs_no_window(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        never = f"{(datetime.now(UTC).strftime('%a'))} 00:00-00:01 Pacific/Kiritimati"
        fix(azure, tmp_path, "--window", never).check(0)
        assert len(triggered(azure)) == 1


def test_several_windows_are_each_enough_and_the_next_one_is_named(tmp_path: Path) -> None:
    options = (*DOWNTIME, "--window", "Sun 01:00-02:00", "--window", "Sat 20:00-21:00")
    with cloud(tmp_path) as azure:
        refused(azure, tmp_path, *options, guard="window", says=("opens 2026-03-07 20:00Z",))


def test_a_plan_can_be_approved_outside_and_is_applied_inside(tmp_path: Path) -> None:
    with cloud(tmp_path, step=STEP) as azure:
        path = saved(azure, tmp_path, *DOWNTIME, "--window", "Sat 14:00-16:00")
        azure.clear_log()
        early = applied(azure, tmp_path, path, *DOWNTIME, "--format", "json").check(4)
        check_refused(azure, tmp_path, early, "window", ("next opens 2026-03-07 14:00Z",))
        azure.advance(2 * 3600)
        applied(azure, tmp_path, path, *DOWNTIME).check(0)
        assert len(sent(azure, "POST", "/restart")) == 1


def test_the_side_that_applies_may_be_stricter(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure:
        path = saved(azure, tmp_path, *DOWNTIME, "--window", "Sat 00:00-24:00")
        azure.clear_log()
        options = (*DOWNTIME, "--window", "Sun 00:00-24:00", "--format", "json")
        ended = applied(azure, tmp_path, path, *options).check(4)
        check_refused(azure, tmp_path, ended, "window", ("2026-03-08 00:00Z",))


def test_a_window_that_closes_while_somebody_thinks_is_closed(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure:
        options = (
            *DOWNTIME,
            "--window",
            "Sat 11:00-13:00",
            "--job-id",
            azure.failed_jobs("web")[-1],
        )
        with Terminal(azure, tmp_path, *options) as terminal:
            until(terminal.asked, "the question")
            azure.advance(3600)
            terminal.type(b"y\n")
            assert terminal.end() == 4
            assert "outside the maintenance window" in " ".join(terminal.said.split())
        assert azure.writes() == []


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "moment", "is_open"),
    [
        ("Sat 22:00-04:00", "2026-03-07T22:00", True),
        ("Sat 22:00-04:00", "2026-03-07T21:59", False),
        ("Sat 22:00-04:00", "2026-03-08T03:59", True),
        ("Sat 22:00-04:00", "2026-03-08T04:00", False),
        ("Sat 22:00-04:00", "2026-03-07T02:00", False),  # this hour belongs to Friday's night
        ("22:00-24:00", "2026-03-04T23:59", True),
        ("22:00-24:00", "2026-03-04T00:00", False),
        ("00:00-24:00", "2026-03-04T00:00", True),
        ("Fri-Mon 10:00-11:00", "2026-03-08T10:30", True),
        ("Fri-Mon 10:00-11:00", "2026-03-10T10:30", False),
        ("mon,WED 10:00-11:00 UTC", "2026-03-04T10:30", True),
        ("Sat 10:00-11:00 Asia/Tokyo", "2026-03-07T01:30", True),
        ("Sat 10:00-11:00 America/New_York", "2026-03-07T15:30", True),
        # In the night in which Berlin's clocks go forward, the window is one hour shorter.
        ("Sat 22:00-04:00 Europe/Berlin", "2026-03-29T01:59", True),
        ("Sat 22:00-04:00 Europe/Berlin", "2026-03-29T02:00", False),
        # In the night in which they go back, it is one hour longer.
        ("Sat 22:00-04:00 Europe/Berlin", "2026-10-25T02:59", True),
        ("Sat 22:00-04:00 Europe/Berlin", "2026-10-25T03:00", False),
    ],
)
def test_whether_a_window_is_open_at_a_moment(window: str, moment: str, is_open: bool) -> None:
    found = Window.parse(window)
    assert found.is_open(at(moment)) is is_open
    assert found.opens(at(moment)) > at(moment)
    assert found.is_open(found.opens(at(moment)))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("", "is not DAYS HH:MM-HH:MM ZONE"),
        ("always", "is not DAYS"),
        ("Sat 22-04", "is not DAYS"),
        ("Sat 22:00-04:00 Europe/Berlin CET", "is not DAYS"),
        ("Sam 22:00-04:00", "'sam' is not one of mon, tue"),
        ("Sat,,Sun 22:00-04:00", "'' is not one of"),
        ("Sat 25:00-26:00", "25:00 is not a time of day"),
        ("Sat 22:60-23:00", "22:60 is not a time of day"),
        ("Sat 22:00-22:00", "has no length"),
        ("Sat 22:00-04:00 Europe/Berln", "knows no time zone 'Europe/Berln'"),
        ("Sat 22:00-04:00 ../../etc/passwd", "is not a time zone"),
    ],
)
def test_a_slip_in_a_window_is_told(said: str, says: str) -> None:
    with pytest.raises(BadInputError, match="--window") as told:
        Window.parse(said)
    assert says in str(told.value)
