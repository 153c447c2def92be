"""How Azure spells times and tiers, and how the tool spells a text in a filter."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remediator.facts import Tier
from remediator.inspect.recovery_points import parse as parse_recovery_point
from remediator.inspect.wire import moment, quoted


@given(
    st.datetimes(datetime(2002, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is added
    st.integers(0, 9),
    st.sampled_from([None, 0, 60, -60, 330, -720, 840]),
)
def test_a_moment_is_read_in_every_spelling(naive: datetime, digits: int, zone: int | None) -> None:
    decimals = f"{naive.microsecond:06}000"[:digits]
    micros = int(decimals[:6].ljust(6, "0")) if decimals else 0
    sign = "-" if (zone or 0) < 0 else "+"
    spelt = f"{naive:%Y-%m-%dT%H:%M:%S}" + (f".{decimals}" if decimals else "")
    offset = timedelta(minutes=zone or 0)
    hours, minutes = divmod(abs(zone or 0), 60)
    tails = ["Z", ""] if zone is None else [f"{sign}{hours:02}:{minutes:02}"]
    expected = naive.replace(microsecond=micros, tzinfo=timezone(offset)).astimezone(UTC)
    for tail in tails:
        found = moment({"a": {"b": spelt + tail}}, "a", "b")
        assert found == expected
        assert found.tzinfo is UTC


@given(st.one_of(st.text(), st.integers(), st.none(), st.booleans(), st.lists(st.text())))
def test_what_is_no_moment_is_absent(value: Any) -> None:
    assume(not (isinstance(value, str) and value[:4].isdigit()))
    assert moment({"time": value}, "time") is None


@pytest.mark.parametrize(
    "spelt",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "2001-01-01T00:00:00Z",
        "2001-01-01T00:00:00.0000000Z",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00Z ",
    ],
)
def test_azures_words_for_never_and_not_yet_are_absent(spelt: str) -> None:
    assert moment({"time": spelt}, "time") is None


TYPES = {
    1: Tier.INSTANT,
    2: Tier.VAULT,
    3: Tier.ARCHIVE,
    "InstantRP": Tier.INSTANT,
    "HardenedRP": Tier.VAULT,
    "ArchivedRP": Tier.ARCHIVE,
    "hardenedrp": Tier.VAULT,
}
ANYTHING = st.one_of(
    st.integers(-5, 9), st.booleans(), st.none(), st.text(max_size=12), st.floats(), st.just([2])
)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from(list(TYPES)), ANYTHING),
            st.one_of(st.sampled_from([1, "Valid", "valid"]), ANYTHING),
        ),
        max_size=5,
    )
)
def test_a_tier_counts_only_when_both_its_type_and_its_status_are_understood(
    details: list[tuple[Any, Any]],
) -> None:
    row = {
        "properties": {
            "recoveryPointTime": "2026-02-01T00:00:00Z",
            "recoveryPointTierDetails": [{"type": t, "status": s} for t, s in details],
        }
    }
    understood = {str(key).lower(): tier for key, tier in TYPES.items()}
    expected = {
        understood[str(kind).lower()]
        for kind, status in details
        if type(kind) in (int, str)
        and type(status) in (int, str)
        and str(kind).lower() in understood
        and (isinstance(kind, int) or not kind.isdigit())
        and (status == 1 or str(status).lower() == "valid")
    }
    point = parse_recovery_point(row)
    assert point is not None
    assert point.valid == expected
    assert point.in_both == (expected >= {Tier.INSTANT, Tier.VAULT})


@given(st.text())
def test_an_odata_literal_ends_where_it_should(text: str) -> None:
    inner = quoted(text)[1:-1]
    assert inner.replace("''", "\x00").count("'") == 0
    assert inner.replace("''", "'") == text or "''" in text
