"""Somebody else puts a lock back during a run. The run must report the lock as it is."""

from pathlib import Path

from remediator.proving.by_hand import call
from remediator.simulator.process import SimulatorProcess
from tests.altered import fix_through
from tests.between import Asked, Between, Rule, Told
from tests.command import STEP
from tests.cut_short import put_back_books
from tests.evidence import locks, record, scenario, sent
from tests.run.locked import KEEP, LOCKED, cloud


def put_back(azure: SimulatorProcess, level: str) -> Rule:
    """A rule: somebody puts the lock back right after the backup was triggered."""

    def rule(asked: Asked, told: Told) -> Told:
        if asked.method == "POST" and asked.path.split("?")[0].endswith("/backup"):
            [lock] = [row["id"] for row in azure.state()["locks"]]
            body = {"properties": {"level": level}}
            call(azure, "PUT", f"{lock}?api-version=2020-05-01", body)
        return told

    return rule


def test_a_lock_that_was_to_stay_off_is_on_again(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        middle.rules = [put_back(azure, "ReadOnly")]
        report = fix_through(middle, azure, tmp_path).json()
        assert locks(azure) == ["keep"]
    assert report["locks_left_off"] == []
    [told] = [line for line in report["next"] if "keep" in line]
    assert "(ReadOnly)" in told
    assert "somebody else has put it back" in told


def test_a_lock_that_is_put_back_with_another_level_is_reported_and_left(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        middle.rules = [put_back(azure, "ReadOnly")]
        options = put_back_books(tmp_path)
        report = fix_through(middle, azure, tmp_path, *options).json()
        assert sent(azure, "PUT", "/locks/keep")[1:] == []  # the only PUT is the other person's
        [on] = [row for row in azure.state()["locks"] if not row["deleted"]]
        assert on["level"] == "ReadOnly"
    assert report["locks_owed"] == []
    [last] = [o for o in report["outcomes"] if o["step"] == 3]
    assert "somebody else has put it on as ReadOnly, and was CanNotDelete" in last["text"]
    assert any(entry["kind"] == "lease-returned" for entry in record(tmp_path))


def test_a_lock_that_is_put_back_as_it_was_is_not_put_back_twice(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        middle.rules = [put_back(azure, "CanNotDelete")]
        report = fix_through(middle, azure, tmp_path, *put_back_books(tmp_path)).json()
        assert sent(azure, "PUT", "/locks/keep")[1:] == []
    [last] = [o for o in report["outcomes"] if o["step"] == 3]
    assert (last["result"], last["text"].split(" (")[0]) == ("unneeded", "lock keep is there")


def test_a_stale_list_does_not_show_that_a_lock_is_on_again(tmp_path: Path) -> None:
    """A stale cache: the list at the end is the list from the start, with the old time."""
    with (
        SimulatorProcess(
            scenario(tmp_path, LOCKED, locks=[KEEP]), time="stepped", step=STEP
        ) as azure,
        Between(azure) as middle,
    ):
        kept: list[Told] = []
        backed_up: list[bool] = []

        def stale(asked: Asked, told: Told) -> Told:
            if asked.method == "POST" and asked.path.split("?")[0].endswith("/backup"):
                backed_up.append(True)
            if asked.method == "GET" and "/locks?" in asked.path:
                kept.append(told)
                return kept[0] if backed_up else told
            return told

        middle.rules = [stale]
        report = fix_through(middle, azure, tmp_path).json()
        assert locks(azure) == []
    assert len(kept) > 1
    assert [lock["name"] for lock in report["locks_left_off"]] == ["keep"]
