"""The answer to a lock's removal makes no sense: the run names every lock that may be off."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.altered import fix_through, gone, when
from tests.between import Asked, Between, Told
from tests.cut_short import put_back_books
from tests.evidence import locks
from tests.run.locked import cloud

LOCK = "/locks/keep"


def odd(told: Told) -> Told:
    """The error for an absent thing, in an answer whose status is no error."""
    return replace(gone(told), status=208)


class Blind:
    """A rule: after the lock's removal was sent, no list of locks can be read."""

    def __init__(self) -> None:
        self.sent = False

    def __call__(self, asked: Asked, told: Told) -> Told:
        """Pass the answer on, or fail."""
        self.sent |= asked.method == "DELETE"
        blind = self.sent and asked.method == "GET" and "/locks" in asked.path
        return replace(told, status=418, content=b"") if blind else told


def test_a_lock_whose_removal_was_answered_oddly_is_named(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        middle.rules = [when("DELETE", LOCK, odd), Blind()]
        ended = fix_through(middle, azure, tmp_path, "--timeout", "5s").check(3)
        assert locks(azure) == []
    assert [lock["name"] for lock in ended.json()["locks_left_off"]] == ["keep"]


def test_a_lock_that_is_to_go_back_is_put_back_after_an_odd_answer(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        middle.rules = [when("DELETE", LOCK, odd)]
        fix_through(middle, azure, tmp_path, *put_back_books(tmp_path))
        assert locks(azure) == ["keep"]


@pytest.mark.parametrize("status", [401, 403, 409])
def test_a_lock_that_is_off_though_its_removal_was_refused_is_named(
    status: int, tmp_path: Path
) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        refused = when("DELETE", LOCK, lambda told: replace(told, status=status, content=b""))
        middle.rules = [refused]
        ended = fix_through(middle, azure, tmp_path).check(3)
        assert locks(azure) == []
    assert [lock["name"] for lock in ended.json()["locks_left_off"]] == ["keep"]


def test_a_lock_that_was_to_go_back_is_put_back_after_a_refused_removal(tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        refused = when("DELETE", LOCK, lambda told: replace(told, status=403, content=b""))
        middle.rules = [refused]
        ended = fix_through(middle, azure, tmp_path, *put_back_books(tmp_path)).check(3)
        assert locks(azure) == ["keep"]
    assert ended.json()["locks_owed"] == []


@pytest.mark.parametrize("status", [403, 409])
def test_a_lock_whose_removal_was_refused_is_not_called_off(status: int, tmp_path: Path) -> None:
    with cloud(tmp_path) as azure, Between(azure) as middle:
        azure.fault("error", status=status, method="DELETE", path=LOCK, times=None)
        middle.rules = [Blind()]
        ended = fix_through(middle, azure, tmp_path, "--timeout", "5s").check(3)
        assert locks(azure) == ["keep"]
    assert ended.json()["locks_left_off"] == []
