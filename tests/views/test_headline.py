"""The first line tells the numbers: each VM once, plural forms right, zeros left out."""

from datetime import UTC, datetime
from typing import Final

import pytest

from remediator.report.batch import Standing
from remediator.report.summary import Row, Summary
from remediator.views.headline import english_headline, headline

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def told(*rows: Row) -> str:
    counts = Summary(NOW, NOW, rows).counts
    assert headline(counts) == english_headline(counts)
    return english_headline(counts)


def vms(*standings: Standing) -> list[Row]:
    return [Row(f"vm-{n}", each, "why", job=f"/j/{n}") for n, each in enumerate(standings)]


@pytest.mark.parametrize(
    ("standings", "line"),
    [
        ([], "0 failed"),
        ([Standing.PENDING], "1 failed: 1 will be fixed"),
        ([Standing.CONSENT], "1 failed: 1 needs consent"),
        ([Standing.CONSENT] * 2, "2 failed: 2 need consent"),
        ([Standing.HUMAN], "1 failed: 1 needs a human"),
        ([Standing.HUMAN, Standing.NOT_REMEDIABLE], "2 failed: 2 need a human"),
        ([Standing.NOTHING_TO_DO], "1 failed: 1 recovered since"),
        ([Standing.FIXED], "1 failed: 1 fixed"),
        ([Standing.NOT_CHECKED], "1 failed: 1 could not be read"),
        ([Standing.NOT_FIXED, Standing.FIXED], "2 failed: 1 fixed, 1 not fixed"),
        ([Standing.REFUSED], "1 failed: 1 refused by a guard or a limit"),
        ([Standing.FIXED, Standing.SAME_VM], "1 failed: 1 fixed"),
    ],
)
def test_only_the_numbers_that_are_not_zero_are_told(standings: list[Standing], line: str) -> None:
    assert told(*vms(*standings)) == line


def test_every_number_has_its_place() -> None:
    every = [each for each in Standing if each is not Standing.SAME_VM]
    assert told(*vms(*every)) == (
        "12 failed: 1 fixed, 2 will be fixed, 2 not fixed, 1 needs consent, 2 need a human, "
        "2 refused by a guard or a limit, 1 recovered since, 1 could not be read"
    )


def test_vms_without_a_failed_job_and_unread_places_are_told_apart() -> None:
    late = [Row("a", Standing.HUMAN, "late"), Row("b", Standing.HUMAN, "late")]
    place = Row("", Standing.NOT_CHECKED, "why", subscription="s")
    assert told(*late, *vms(Standing.PENDING), place) == (
        "3 failed: 1 will be fixed, 2 need a human; "
        "2 of them have no failed job, but are late or not protected; "
        "1 subscription or vault could not be read"
    )
    assert told(late[0], place, place) == (
        "1 failed: 1 needs a human; 1 of them has no failed job, but is late or not protected; "
        "2 subscriptions or vaults could not be read"
    )
